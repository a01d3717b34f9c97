"""The study ladder: its design, its answer and its figures."""
