import tomllib
from pathlib import Path

import pytest


@pytest.fixture
def plan(run_command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def make(*arguments):
        assert run_command("sweep", *arguments, "--dry-run") == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out

    return make


def test_a_plan_tells_data_trials_and_parameters(plan):
    out = plan("iris", "--trials", "3", "--epochs", "7", "--workers", "1", "--out", "somewhere")
    assert "# rows          train 90, validation 30, test 30\n" in out
    assert "# search        3 trials of 7 epochs, sampler tpe\n" in out
    assert "the best 3 configurations on 5 fresh seeds each: 15 trials" in out
    assert "# parameters    67 to 1,317,379 a network\n" in out
    assert "# run folder    somewhere\n" in out
    assert "# warning: 1 row repeats" in out


def test_a_plan_tells_at_which_epochs_trials_are_pruned(plan):
    assert "# pruning       none\n" in plan("iris", "--trials", "3")
    assert "# pruning       halving, after epochs 3 and 9\n" in plan("iris", "--epochs", "27")
    out = plan("iris", "--trials", "3", "--pruner", "one-epoch", "--audit")
    assert "# pruning       one-epoch, after epoch 1; a tenth of the pruned is trained to" in out


def test_a_plan_trains_nothing_and_makes_no_folder(plan):
    plan("iris", "--out", "somewhere")
    assert list(Path().iterdir()) == []


def test_a_plan_is_a_file_that_space_takes(plan):
    options = ("--set", "depth=0..2", "--set", "width=8,16", "--set", "learning_rate.sgd=0.1")
    out = plan("digits", *options, "--set", "activation=relu", "--set", "max_parameters=5000")
    assert tomllib.loads(out)["width"] == [8, 16]
    Path("space.toml").write_text(out)
    assert plan("digits", "--space", "space.toml") == out


def test_one_trial_and_no_confirmation_are_told_in_the_singular(plan):
    assert "1 trial of 30 epochs" in plan("wine", "--trials", "1", "--confirm", "0")
    out = plan("wine", "--trials", "1", "--confirm", "1")
    assert "the best configuration on 1 fresh seed each: 1 trial\n" in out


def test_a_grid_ends_where_its_points_do(plan):
    fixed = ("depth=1", "width=8,16", "dropout=0", "activation=relu", "optimizer=adam")
    options = [word for value in fixed for word in ("--set", value)]
    options += ["--set", "learning_rate=0.001", "--sampler", "grid"]
    assert "# search        2 trials of 30 epochs, sampler grid" in plan("iris", *options)
    warned = "# warning: trials: 30 trials in a {} of 2 configurations,"
    assert plan("iris", *options).count(warned.format("grid")) == 1
    assert plan("iris", *options, "--sampler", "random").count(warned.format("space")) == 1
    assert "# warning: trials" not in plan("iris", *options, "--trials", "2")


def test_a_plan_with_a_budget_estimates_the_trials_and_calls_it_an_estimate(plan):
    def trials(*options):
        line = next(line for line in plan("iris", *options).splitlines() if "# search" in line)
        assert "up to about" in line
        return int(line.split("about ")[1].split()[0].replace(",", ""))

    assert 20 < trials("--budget", "1m") < trials("--budget", "2m")
    assert trials("--budget", "2m", "--pruner", "none") < trials("--budget", "2m")
    assert trials("--budget", "2m", "--trials", "9") == 9
    assert "1m of one worker, by an estimate" in plan("iris", "--budget", "1m")
    assert "# search        7 trials" in plan("iris", "--budget", "7")


def test_a_plan_lists_what_the_sweep_begins_with(plan):
    Path("start.toml").write_text("[[start]]\ndepth = 1\n[[start]]\nwidth = 16\ndepth = 2\n")
    out = plan("iris", "--start", "start.toml")
    assert "# start 1       depth 1, width 128, dropout 0, activation relu, " in out
    assert "# start 2       depth 2, width 16, " in out


def test_the_cap_is_the_largest_network(plan):
    assert "to 3,000 a network" in plan("digits", "--set", "max_parameters=3000")


def test_tuning_the_batch_size_is_warned_of(plan):
    assert "# warning: batch_size" in plan("iris", "--set", "batch_size=16,32")


def test_a_name_cannot_end_the_comment_it_stands_in(plan):
    rows = "\n".join(f"{n % 7},{n * 1.5 % 11}" for n in range(40))
    Path("t.csv").write_text(f'a,"y\nz = 1"\n{rows}\n')
    assert "z" not in tomllib.loads(plan("t.csv", "--target", "y\nz = 1"))
