"""The study learning-rate: its design, its answer and its figures."""
