"""The study data-size: its design, its answer and its figures."""
