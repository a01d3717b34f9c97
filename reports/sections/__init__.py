"""The parts of a page: one figure each, with its finding, its explanation and its numbers."""
