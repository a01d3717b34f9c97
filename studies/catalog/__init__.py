"""The studies, a folder each: a folder with a design and an answer is a study."""
