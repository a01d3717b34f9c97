"""One figure a file: what it shows as tables and words, and the panels it is drawn in."""
