"""The study optimizer: its design, its answer and its figures."""
