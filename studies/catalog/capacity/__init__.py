"""The study capacity: its design, its answer and its figures."""
