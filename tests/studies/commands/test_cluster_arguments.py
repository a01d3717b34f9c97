import pytest

from studies.commands.arguments import build_parser
from studies.commands.cluster_arguments import read_cluster
from studies.main import main
from sweep.errors import ConfigurationError

HERE = "tcp://127.0.0.1:8786"


def read(*arguments):
    return read_cluster(build_parser().parse_args(["sweep", "digits", *arguments]))


def test_without_options_there_is_no_cluster():
    assert read() is None


def test_options_name_a_cluster(tmp_path):
    address = read(
        "--scheduler", HERE, "--resource", "GPU=1", "--resource", "memory=2.5e9",
        "--shared-path", str(tmp_path),
    )  # fmt: skip
    assert address.scheduler == HERE
    assert address.resources == {"GPU": 1, "memory": 2.5e9}
    assert address.shared_path == tmp_path
    assert address.most is None
    assert read("--scheduler", HERE, "--workers", "3").most == 3


@pytest.mark.parametrize("text", ["GPU", "GPU=", "=1", "GPU=0", "GPU=-1", "GPU=nan", "GPU=inf"])
def test_a_resource_without_a_positive_number_is_refused(text):
    with pytest.raises(
        ConfigurationError, match=r"^--resource: .* is not NAME=N with a positive N"
    ):
        read("--scheduler", HERE, "--resource", text)


def test_options_of_a_cluster_without_one_are_refused(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        read("--resource", "GPU=1", "--shared-path", str(tmp_path))
    assert caught.value.faults == (
        "--resource: it is for the workers of a cluster; give --scheduler, too",
        "--shared-path: it is for the workers of a cluster; give --scheduler, too",
    )


def test_everything_that_is_wrong_is_told_at_once_with_the_settings(tmp_path, capsys):
    code = main(
        ["sweep", "digits", "--trials", "0", "--scheduler", "here", "--resource", "GPU",
         "--shared-path", str(tmp_path / "none"), "--scheduler-file", "none.json",
         "--trial-timeout", "0", "--memory-limit", "0.1", "--max-failures", "none"]
    )  # fmt: skip
    lines = capsys.readouterr().err.splitlines()
    assert code == 2
    assert sorted(line.split(":")[1].strip() for line in lines) == [
        "--max-failures", "--memory-limit", "--resource", "--scheduler", "--scheduler-file",
        "--shared-path", "--trial-timeout", "--trials",
    ]  # fmt: skip
    assert all(line.startswith("error: ") for line in lines)


@pytest.mark.parametrize("command", [["study", "capacity", "digits"], ["resume", "RUN"]])
def test_studies_and_resumed_runs_know_the_options(command, capsys):
    assert main([*command, "--scheduler", "here"]) == 2
    assert "--scheduler: 'here' is no address" in capsys.readouterr().err


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_leaves_no_run_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sweep.training.cluster.remote.REACH_SECONDS", 1)
    out = tmp_path / "run"
    assert main(["sweep", "digits", "--scheduler", "tcp://127.0.0.1:9", "--out", str(out)]) == 5
    assert "error: cluster: tcp://127.0.0.1:9: no Dask scheduler" in capsys.readouterr().err
    assert not out.exists()
