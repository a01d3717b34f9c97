"""Build and train networks; the only package that imports TensorFlow."""
