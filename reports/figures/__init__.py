"""Drawing: a summary in, a matplotlib figure out."""
