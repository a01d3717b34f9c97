"""Draw the conclusions of a run."""
