"""Tables as people read them: the numbers behind a figure, all trials, all scores."""
