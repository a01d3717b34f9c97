import importlib
import pathlib
from contextlib import nullcontext

import pytest

from reports import figures
from reports.figures.order import FIGURES, make_figure, sweep_sections


@pytest.mark.parametrize("name", FIGURES)
def test_each_name_is_a_file_of_its_own_that_makes_the_figure_or_none(name, nothing):
    module = importlib.import_module(f"reports.figures.{name.replace('-', '_')}")
    assert module.figure.__annotations__["content"].__name__ == "SweepContent"
    assert make_figure(name, nothing) is None


def test_no_file_of_a_figure_of_a_sweep_is_forgotten():
    (folder,) = map(pathlib.Path, figures.__path__)
    made = {path.stem for path in folder.glob("*.py") if "def figure(content: " in path.read_text()}
    assert made == {name.replace("-", "_") for name in FIGURES}


def test_figures_stand_in_the_order_of_the_list_each_drawn_in_its_guard(run):
    entered = []

    def guard(name):
        entered.append(name)
        return nullcontext()

    ids = [section.id for section in sweep_sections(run, guard)]
    assert entered == [f"figure.{name}" for name in FIGURES]
    assert len(ids) == len(set(ids))
    assert ids[:2] == ["scores", "winner"]
