"""Say of a network what its curves show."""
