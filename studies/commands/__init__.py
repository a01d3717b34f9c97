"""The commands of the command line, and what a terminal shows."""
