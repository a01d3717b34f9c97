"""Drawing: one kind of figure a file, its value and its drawer."""
