"""Read, check, split and prepare data."""
