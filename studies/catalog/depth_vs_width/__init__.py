"""The study depth-vs-width: its design, its answer and its figures."""
