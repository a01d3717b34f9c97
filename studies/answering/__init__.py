"""Draw the conclusions of a study."""
