"""Choose configurations, slot by slot."""
