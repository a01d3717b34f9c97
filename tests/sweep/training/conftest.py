import numpy as np
import pytest
from sklearn.datasets import load_digits

from sweep.data.dataset import TrainingData


@pytest.fixture(scope="module")
def data():
    """Some digits."""
    x, y = load_digits(return_X_y=True)
    x = (x / 16).astype(np.float32).reshape(-1, 8, 8)
    return TrainingData(
        task="multiclass", input_shape=(8, 8), classes=10,
        x_train=x[:300], y_train=y[:300].astype(np.int32),
        x_validation=x[300:400], y_validation=y[300:400].astype(np.int32),
    )  # fmt: skip
