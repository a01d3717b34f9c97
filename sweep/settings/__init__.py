"""Hold and read the settings of a sweep."""
