import numpy as np
import pytest

from studies.answering.arms import summarise_arms
from studies.answering.figures import (
    MARK_COLUMNS,
    POINT_COLUMNS,
    Axis,
    Caption,
    curves_figure,
    gap_figure,
    log_or_linear,
    marks,
    mean_curves,
    points,
)

LOSSES = {"train": "train_loss", "validation": "validation_loss"}


def falling(item):
    """A training loss that falls to one over the width."""
    epochs = item.config.epochs
    return {
        "train_loss": np.linspace(1, 1 / item.config.width, epochs),
        # The last epoch is the best, by a hair.
        "validation_loss": 0.5 + 0.01 * item.replicate - 1e-6 * np.arange(epochs),
    }


def test_points_are_a_measure_of_the_arms_with_its_interval(widths, design_of, run_design, scored):
    scores = {"width 8": 0.7, "width 16": 0.8, "width 32": 0.9}
    arms = summarise_arms(run_design(design_of(widths(), seeds=4), scored(scores)))
    table = points(arms, "validation_score", x="width", series="validation", panel="one")

    assert list(table) == list(POINT_COLUMNS)
    assert table["x"].tolist() == [8, 16, 32]
    assert table["mean"].to_numpy() == pytest.approx([0.7, 0.8, 0.9], abs=0.05)
    assert ((table["low"] < table["mean"]) & (table["mean"] < table["high"])).all()
    assert set(table["panel"]) == {"one"}


def test_no_marks_are_an_empty_table_with_its_columns():
    assert (len(marks()), list(marks())) == (0, list(MARK_COLUMNS))
    assert marks([("", 3.0, "here")])["label"].tolist() == ["here"]


def test_curves_are_means_over_the_pairs_of_each_arm(widths, design_of, run_design):
    table = mean_curves(run_design(design_of(widths(), seeds=3), falling), LOSSES)
    last = table[(table["x"] == 8) & (table["series"] == "train")].set_index("panel")["mean"]

    assert last.to_dict() == pytest.approx(
        {"width 8": 1 / 8, "width 16": 1 / 16, "width 32": 1 / 32}
    )
    validation = table[table["series"] == "validation"]
    assert validation["mean"].to_numpy() == pytest.approx(0.52, abs=1e-4)
    assert (validation["low"] < 0.52).all()
    assert len(table) == 3 * 2 * 8


def test_of_some_arms_only_those_are_drawn(widths, design_of, run_design):
    results = run_design(design_of(widths(), seeds=3), falling)
    assert set(mean_curves(results, LOSSES, ["width 16"])["panel"]) == {"width 16"}


def test_an_arm_without_a_curve_has_no_points(widths, design_of, run_design):
    results = run_design(
        design_of(widths(), seeds=3),
        lambda item: None if item.config.width == 8 else falling(item),
    )
    table = mean_curves(results, LOSSES)
    lost = table[table["panel"] == "width 8"]

    assert not np.isfinite(lost["mean"].to_numpy(dtype=float)).any()
    assert table.loc[table["panel"] == "width 16", "mean"].notna().all()


def test_losses_over_more_than_a_decade_are_drawn_on_a_logarithmic_scale(
    widths, design_of, run_design
):
    wide = run_design(design_of(widths(), seeds=3), falling)
    assert log_or_linear(wide) == "log"
    narrow = run_design(design_of(widths(), seeds=3), lambda _: {"train_loss": 0.4})
    assert log_or_linear(narrow) == "linear"
    lost = run_design(design_of(widths(), seeds=3), lambda _: None)
    assert log_or_linear(lost) == "linear"


def test_the_figure_of_the_curves_shades_the_gap(widths, design_of, run_design):
    figure = curves_figure(run_design(design_of(widths(), seeds=3), falling), finding="It falls.")
    assert figure.shade_gap
    assert set(figure.table["series"]) == {"train", "validation"}
    assert figure.finding == "It falls."


@pytest.fixture(name="arms_of_widths")
def _arms_of_widths(widths, design_of, run_design, scored):
    scores = {"width 8": 0.7, "width 16": 0.8, "width 32": 0.9}
    results = run_design(design_of(widths(), seeds=5), scored(scores))
    return results, summarise_arms(results)


@pytest.mark.parametrize(
    ("measure", "name", "epoch"),
    [("{}_score", "accuracy", "at the best epoch"), ("last_{}_loss", "loss", "after the last")],
)
def test_train_and_validation_are_drawn_with_their_gap(measure, name, epoch, arms_of_widths):
    results, arms = arms_of_widths
    caption = Caption("id", "Title", "What it shows.", "A note.")
    axis = Axis("width", "units", "log")

    figure = gap_figure(results, {"": arms}, axis, measure, caption, [("", 8, "here")])

    assert (figure.x_name, figure.x_scale, figure.y_name) == ("units", "log", name)
    assert figure.table["series"].tolist() == ["train"] * 3 + ["validation"] * 3
    assert figure.table["x"].tolist() == [8, 16, 32] * 2
    assert figure.marks["label"].tolist() == ["here"]
    assert figure.shade_gap
    assert f"{name} {epoch}" in figure.how_to_read
    assert figure.how_to_read.endswith("A note.")
