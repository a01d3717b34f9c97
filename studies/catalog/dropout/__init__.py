"""The study dropout: its design, its answer and its figures."""
