import csv

import numpy as np
import pandas as pd

from studies.exports.csv_files import write_csv
from sweep.runs.folder import write_table
from sweep.tables import BASELINE_TYPES, EPOCH_TYPES, TRIAL_TYPES


def read(path, types):
    """Read a table back as docs/outputs.md says, with the types of docs/tables.md."""
    texts = {name: kind for name, kind in types.items() if kind == "str"}
    table = pd.read_csv(path, dtype=texts, keep_default_na=False,
                        na_values={name: [""] for name in types if name not in texts})  # fmt: skip
    return table.astype(types)


def unquoted(table):
    """Take away the apostrophe that keeps a text from being a formula."""
    return table.assign(reason=table["reason"].str.removeprefix("'"))


def test_both_tables_read_back_the_same(told_run, tmp_path):
    written = write_csv(told_run, tmp_path)
    assert [path.name for path in written] == ["trials.csv", "epochs.csv"]
    trials, epochs = told_run.tables()
    pd.testing.assert_frame_equal(unquoted(read(written[0], TRIAL_TYPES)), trials)
    pd.testing.assert_frame_equal(read(written[1], EPOCH_TYPES), epochs)


def test_numbers_read_back_bit_for_bit(told_run, record_of, tmp_path):
    losses = (0.1 + 0.2, 1 / 3, np.nextafter(0.25, 1), 5e-324, 1.7976931348623157e308)
    told_run.append_record(record_of(7, losses))
    _, path = write_csv(told_run, tmp_path)
    back = read(path, EPOCH_TYPES)
    assert back[back["trial"] == "s0007"]["validation_loss"].tolist() == list(losses)


def test_a_formula_becomes_text(told_run, tmp_path):
    path, _ = write_csv(told_run, tmp_path)
    with path.open(encoding="utf-8", newline="") as file:
        reasons = [row["reason"] for row in csv.DictReader(file)]
    assert reasons[1] == "'=1+1, \u00fcber | `x` <b>\nline"


def test_baselines_are_written_where_there_are_some(told_run, tmp_path):
    row = dict.fromkeys(BASELINE_TYPES, 0.5) | {"baseline": "linear", "rows": 90}
    table = pd.DataFrame([row], columns=list(BASELINE_TYPES)).astype(BASELINE_TYPES)
    write_table(told_run.baselines_path, table)
    path = write_csv(told_run, tmp_path)[2]
    pd.testing.assert_frame_equal(read(path, BASELINE_TYPES), table)


def test_a_run_in_which_nothing_happened_has_its_header(fresh_run, tmp_path):
    trials, epochs = write_csv(fresh_run.folder, tmp_path)
    assert trials.read_text() == ",".join(TRIAL_TYPES) + "\n"
    assert read(epochs, EPOCH_TYPES).empty


def test_files_of_a_former_export_are_replaced_by_the_same(told_run, tmp_path):
    before = [path.read_bytes() for path in write_csv(told_run, tmp_path)]
    (tmp_path / "trials.csv").write_text("old")
    assert [path.read_bytes() for path in write_csv(told_run, tmp_path)] == before


def test_lines_end_as_they_do_on_every_machine(told_run, tmp_path):
    assert b"\r" not in write_csv(told_run, tmp_path)[1].read_bytes()
