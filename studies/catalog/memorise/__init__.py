"""The study memorise: its design, its answer and its figures."""
