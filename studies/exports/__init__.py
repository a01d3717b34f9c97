"""Runs for other programs: spreadsheets, TensorBoard and MLflow."""
