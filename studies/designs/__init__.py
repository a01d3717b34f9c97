"""Fix what a study compares before it runs."""
