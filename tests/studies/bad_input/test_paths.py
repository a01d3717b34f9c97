import gzip
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest


def table(row, header="a,target", rows=40):
    """A table of rows made by number."""
    return "".join(f"{line}\n" for line in [header, *(row(n) for n in range(rows))])


def label(n):
    return "uv"[n % 2]


def make_folder():
    Path("t.csv").mkdir()


def make_pipe():
    os.mkfifo("t.csv")


def make_loop():
    Path("t.csv").symlink_to("t.csv")


def make_sparse():
    with Path("t.csv").open("wb") as file:
        file.truncate(10**12)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (make_folder, "is a folder, not a file; name a file in it"),
        (make_pipe, "is a pipe or a device, not a regular file; write its content to a file first"),
        (make_loop, "cannot be read (Too many levels of symbolic links); check the path"),
        (
            make_sparse,
            "holds 1,000,000,000,000 bytes, more than 4,294,967,296; use a sample of the rows",
        ),
        (lambda: None, "does not exist; check the path"),
    ],
    ids=["directory", "FIFO", "link to itself", "a terabyte", "missing"],
)
def test_a_path_that_is_no_file_is_refused(make, told, refuse):
    make()
    assert refuse("data", "check", "t.csv") == (3, [f"t.csv: {told}"])


LONG = "x" * 5000


@pytest.mark.parametrize(
    ("path", "code", "told"),
    [
        ("https://example.org/t.csv", 3, "is an address, and nothing is ever downloaded;"),
        ("s3://bucket/t.parquet", 3, "is an address, and nothing is ever downloaded;"),
        ("file:///t.csv", 3, "is an address, and nothing is ever downloaded;"),
        ("a\0.csv", 3, "holds a NUL character; give the path of a file"),
        (f"{LONG}.csv", 3, "cannot be read (File name too long); check the path"),
        (LONG, 3, "cannot be read (File name too long); check the path"),
        ("\udcff.csv", 2, "is not UTF-8 text; use other characters, or rename the file"),
        ("/dev/zero", 3, "is a pipe or a device, not a regular file;"),
        (" ", 3, "the path is empty; give a file or the name of a bundled data set"),
        ("", 2, "it is empty; name a bundled data set or a file"),
    ],
    ids=["https", "s3", "file", "NUL", "long", "long name", "not UTF-8", "device", "space", "none"],
)
def test_a_path_that_is_none_is_refused(path, code, told, refuse):
    found, lines = refuse("data", "check", path)
    assert found == code
    assert len(lines) == 1
    assert told in lines[0]
    assert len(lines[0]) < 400


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_file_without_permission_is_refused(accept, run_command, capfd, monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        monkeypatch.chdir(folder)  # pytest's own folders are root's alone
        Path("t.csv").write_text(table(lambda n: f"{n % 7},{label(n)}"))
        accept("data", "check", "t.csv")
        Path(folder).chmod(0o755)
        Path("t.csv").chmod(0)
        os.seteuid(65534)
        try:
            code = run_command("data", "check", "t.csv")
        finally:
            os.seteuid(0)

    assert code == 3
    told = "error: t.csv: may not be read by this user; change its permissions\n"
    assert capfd.readouterr().err == told


def test_damaged_gzip_is_refused(refuse):
    whole = gzip.compress(table(lambda n: f"{n % 7},{label(n)}").encode(), mtime=0)
    Path("t.csv.gz").write_bytes(whole[:-9])
    assert refuse("data", "check", "t.csv.gz") == (
        3,
        [
            (
                "t.csv.gz: the gzip data is damaged or cut short (Compressed file ended before the"
                " end-of-stream marker was reached); fetch or write the file again"
            )
        ],
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "code"),
    [({"LC_ALL": "C"}, 0), ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, 2)],
    ids=["C", "nothing but ASCII"],
)
def test_a_name_beyond_ascii_is_read_or_refused_in_any_locale(environment, code):
    Path("é.csv").write_text(table(lambda n: f"{n % 7},é{n % 2}"), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "studies.main", "data", "check", "é.csv"],
        env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == (code != 0)
    assert "é0" in done.stdout or "is not UTF-8 text; use other characters" in done.stderr
