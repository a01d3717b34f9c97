"""Several runs: what they have in common, how they differ, and a list of all there are."""
