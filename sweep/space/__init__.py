"""Say what hyperparameters may be."""
