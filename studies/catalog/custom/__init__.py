"""A study of the user's own: its design from a file, and its answer."""
