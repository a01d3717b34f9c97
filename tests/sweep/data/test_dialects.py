import re

import pytest

from sweep.data.table_reader import read_table
from sweep.errors import DataError
from tests.sweep.data.dialects import CASES


@pytest.mark.parametrize("name", CASES)
def test_every_dialect_is_read_and_every_damage_is_named(name, tmp_path):
    case = CASES[name]
    path = tmp_path / "t.csv"
    path.write_bytes(case.data)
    if not case.rows:
        with pytest.raises(DataError, match=case.told):
            read_table(str(path), header=case.header)
        return
    table = read_table(str(path), header=case.header)
    assert list(table.frame.columns) == case.names.split("|")
    rows = table.frame.fillna("").to_numpy().tolist()
    assert rows == [row.split("|") for row in case.rows]
    assert re.search(case.told, " / ".join(table.warnings))
