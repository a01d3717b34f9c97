import pytest


@pytest.mark.slow
def test_every_figure_is_a_file_and_its_path_is_printed(run_command, told_run, tmp_path, capsys):
    out = tmp_path / "new" / "figures"
    assert run_command("figures", told_run.path, "--out", out) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert {"scores.svg", "winner.svg", "capacity.svg"} <= set(before)
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(str(out / one) for one in before)
    (out / "scores.svg").write_text("old")
    (out / "mine.txt").write_text("kept")
    assert run_command("figures", told_run.path, "--out", out) == 0
    after = {path.name: path.read_bytes() for path in out.iterdir()}
    assert after == before | {"mine.txt": b"kept"}


@pytest.mark.slow
@pytest.mark.parametrize(("form", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_other_formats_are_what_they_say(run_command, told_run, tmp_path, form, magic):
    assert run_command("figures", told_run.path, "--out", tmp_path, "--format", form) == 0
    files = [path for path in tmp_path.iterdir() if path.suffix == f".{form}"]
    assert len(files) > 2
    assert all(path.read_bytes().startswith(magic) for path in files)


def test_everything_wrong_is_told_at_once(run_command, tmp_path, capsys):
    file = tmp_path / "file"
    file.touch()
    assert run_command("figures", "nowhere", "--out", file, "--format", "gif") == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("error: nowhere: no run here")
    assert lines[1:] == [
        "error: --format: 'gif' is not svg, png or pdf; give one of them",
        f"error: --out: {str(file)!r} is a file; give another folder",
    ]


def test_a_folder_must_be_given(run_command, told_run, capsys):
    assert run_command("figures", told_run.path) == 2
    assert capsys.readouterr().err.startswith("error: --out: it is missing")
