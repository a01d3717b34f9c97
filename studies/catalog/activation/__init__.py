"""The study activation: its design, its answer and its figures."""
