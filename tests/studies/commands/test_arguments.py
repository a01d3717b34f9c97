import pytest

from studies.commands.arguments import build_parser

EVERY = ["sweep", "resume", "status", "report", "predict", "verify", "schema", "data", "data check"]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ("", "COMMAND: it is missing; see `fitgap --help`"),
        ("swep", "COMMAND: 'swep' is none of sweep, study, resume, .*; did you mean sweep?"),
        ("frobnicate", "COMMAND: 'frobnicate' is none of .*; see `fitgap --help`"),
        ("data", "ACTION: it is missing; see `fitgap data --help`"),
        ("data chek", "ACTION: 'chek' is none of list, check; did you mean check?"),
        ("data check", "DATA: it is missing; see `fitgap data check --help`"),
        ("resume", "RUN: it is missing; see `fitgap resume --help`"),
        ("verify run", "TRIAL: it is missing; see `fitgap verify --help`"),
        ("predict", "RUN, ROWS: it is missing; see `fitgap predict --help`"),
        ("sweep digits --trials", "--trials: its value is missing; see `fitgap sweep --help`"),
        ("sweep digits --dry-rn", "--dry-rn: there is no such option; did you mean --dry-run?"),
        ("sweep digits --tri=3", "--tri: there is no such option; did you mean --trials?"),
        ("sweep digits -x", "-x: there is no such option; see `fitgap sweep --help`"),
        ("sweep digits iris", "iris: it is one word too many; see `fitgap sweep --help`"),
        ("status run --json=3", "--json: it takes no value, not '3'; leave the value out"),
    ],
)
def test_wrong_usage_is_one_line_with_exit_code_2(arguments, fault, run_command, capsys):
    assert run_command(*arguments.split()) == 2
    error = capsys.readouterr().err
    head, _, tail = fault.partition(".*")
    assert error.startswith(f"error: {head}")
    assert error.endswith(f"{tail}\n")
    assert error.count("\n") == 1


def test_every_wrong_word_has_its_line(run_command, capsys):
    assert run_command("sweep", "digits", "--dry-rn", "--trails=3", "x\x1b") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert "\x1b" not in lines[2]


@pytest.mark.parametrize(
    "options",
    [
        "--set width=16,32", "--set=width=16,32", "--space s.toml", "--epochs 5", "--sampler grid",
        "--seed 3", "--target y", "--confirm 9", "--seeds 3", "--out other",
    ],
)  # fmt: skip
def test_what_is_fixed_when_a_run_begins_is_one_sentence_of_resume(options, run_command, capsys):
    assert run_command("resume", "run", *options.split()) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {options.replace('=', ' ').split()[0]}: it is fixed when a run")
    assert "`fitgap sweep DATA ... --start RUN`" in line


def test_of_several_fixed_options_each_has_its_line_and_no_value_has(run_command, capsys):
    words = "--epochs 5 --seed 1 --set a=1 --set b=2 more --wrokers 2"
    assert run_command("resume", "run", *words.split()) == 2
    names = [line.split(":")[1].strip() for line in capsys.readouterr().err.splitlines()]
    assert names == ["--epochs", "--seed", "--set", "--set", "more", "--wrokers", "2"]


def test_what_resume_takes_is_not_called_fixed():
    parser = build_parser().parse_args(["resume", "run"]).parser
    assert not parser.foreign.keys() & {"--trials", "--workers", "--audit", "--storage"}


@pytest.mark.parametrize("command", EVERY)
def test_each_command_has_help(command, run_command, capsys):
    assert run_command(*command.split(), "--help") == 0
    out = capsys.readouterr().out
    assert f"usage: fitgap {command}" in out


def test_the_help_of_sweep_names_defaults_keys_and_an_example(run_command, capsys):
    run_command("sweep", "--help")
    out = " ".join(capsys.readouterr().out.split())
    for text in ("default 30", "0 for none (default 5)", "learning_rate.adam", "examples:"):
        assert text in out


def test_every_key_of_the_space_is_in_the_help(run_command, capsys):
    from sweep.space.parsing import KEYS  # noqa: PLC0415

    run_command("sweep", "--help")
    out = capsys.readouterr().out
    assert [key for key in KEYS if key not in out] == []


def test_the_defaults_in_the_help_are_those_of_the_settings(run_command, capsys):
    from sweep.settings.sweep_settings import SweepSettings  # noqa: PLC0415

    run_command("sweep", "--help")
    out = " ".join(capsys.readouterr().out.split())
    for name in ("trials", "epochs", "seed"):
        default = SweepSettings.settings()[name].default
        option = out.partition(f"--{name} {'S' if name == 'seed' else 'N'} ")[2]
        assert f"(default {default})" in option[:120]


def test_version(run_command, capsys):
    assert run_command("--version") == 0
    assert capsys.readouterr().out.startswith("fitgap 0.")


def test_a_parsed_command_knows_what_does_it():
    options = build_parser().parse_args(["sweep", "digits", "--set", "depth=1", "--set", "width=8"])
    assert options.command == ("studies.commands.sweep", "sweep")
    assert options.set == ["depth=1", "width=8"]
