"""What the process from which workers are forked has loaded: importing this module loads it."""

from sweep.training.loading import load_dask, load_trainer

load_dask()
load_trainer()
