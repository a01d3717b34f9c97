"""Intervals and tests, on scipy."""
