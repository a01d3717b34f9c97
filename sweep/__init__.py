"""Produce: data, search space, Keras model, training, the search loop, the run folder."""
