import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


def told_by(program):
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, text=True, capture_output=True, check=True
    )
    return done.stdout.split()


def test_keras_is_loaded_without_what_it_takes_if_it_is_there():
    told = told_by(
        "import sys; from sweep.training.loading import load_trainer; load_trainer();"
        "print(*(name in sys.modules for name in ('keras', 'pandas', 'sklearn', 'matplotlib')))"
    )

    assert told == ["True", "False", "False", "False"]


def test_others_can_be_imported_meanwhile_and_afterwards():
    told = told_by(
        "import threading; from sweep.training.loading import load_trainer;"
        "thread = threading.Thread(target=load_trainer); thread.start();"
        "import pandas; thread.join(); load_trainer(); import sklearn;"
        "print(pandas.__name__, sklearn.__name__)"
    )

    assert told == ["pandas", "sklearn"]


def test_an_error_is_left_to_those_who_train():
    told = told_by(
        "import sys; sys.modules['tensorflow'] = None; before = list(sys.meta_path);"
        "from sweep.training.loading import load_trainer; load_trainer();"
        "print(sys.meta_path == before)"
    )

    assert told == ["True"]
