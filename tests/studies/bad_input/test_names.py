from pathlib import Path

import pytest


def table(row, header="a,target", rows=40):
    """A table of rows made by number."""
    return "".join(f"{line}\n" for line in [header, *(row(n) for n in range(rows))])


def label(n):
    return "uv"[n % 2]


def test_a_name_that_means_harm_is_only_text(hostile_name, accept, refuse):
    name = hostile_name.replace("\0", "").replace('"', '""')
    rows = table(lambda n: f'{n % 7},1e9,"{name}{n % 2}"', f'"{name}",odd,target')
    Path("t.csv").write_text(rows, encoding="utf-8", newline="")

    out = accept("data", "check", "t.csv")

    assert all(letter.isprintable() or letter == "\n" for letter in out)
    assert max(map(len, out.splitlines())) < 200
    Path("t.csv").write_text(rows.replace("\n3,", "\n1e99,"), encoding="utf-8", newline="")
    code, lines = refuse("data", "check", "t.csv")
    assert (code, len(lines)) == (3, 1)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "..", "/"])
def test_a_name_that_is_a_path_leads_nowhere(name, accept, here):
    Path("t.csv").write_text(table(lambda n: f"{n % 7},{name}{n % 2}", f"{name},target"))
    accept("data", "check", "t.csv")
    accept("sweep", "t.csv", "--dry-run")
    assert [path.name for path in here.iterdir()] == ["t.csv"]
    assert "x" not in {path.name for path in here.parent.iterdir()}
