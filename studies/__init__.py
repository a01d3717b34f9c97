"""Conclude: statistics, verdicts, study designs, and the command line."""
