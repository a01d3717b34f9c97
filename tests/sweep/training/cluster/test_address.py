import json

import pytest

from sweep.errors import ConfigurationError
from sweep.training.cluster.address import read_scheduler, read_scheduler_file


@pytest.mark.parametrize(
    "text", ["tcp://10.0.0.1:8786", "tls://scheduler.example.org:8786", "tcp://[fe80::1%eth0]:1"]
)
def test_an_address_comes_back(text):
    assert read_scheduler(text, "--scheduler") == text


@pytest.mark.parametrize(
    "text",
    [
        "", "10.0.0.1:8786", "http://10.0.0.1:8786", "tcp://10.0.0.1", "tcp://10.0.0.1:0",
        "tcp://10.0.0.1:65536", "tcp://user:secret@10.0.0.1:8786", "inproc://1", "tcp://a b:1",
        "tcp://10.0.0.1:8786\n",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(
        ConfigurationError, match=r"^--scheduler: .* is no address; give tcp://HOST"
    ):
        read_scheduler(text, "--scheduler")


def test_the_address_is_read_from_the_file_of_a_scheduler(tmp_path):
    path = tmp_path / "scheduler.json"
    path.write_text(json.dumps({"address": "tcp://127.0.0.1:8786", "workers": {}}))
    assert read_scheduler_file(path) == "tcp://127.0.0.1:8786"


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe", b"7", b"[" * 100_000, b'{"address": "nowhere"}']
)
def test_a_file_without_an_address_is_refused_by_name(tmp_path, content):
    path = tmp_path / "scheduler.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"^/.*scheduler\.json: .*address") as caught:
        read_scheduler_file(path)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name):
    with pytest.raises(ConfigurationError, match="; give the file that `dask scheduler"):
        read_scheduler_file(tmp_path / name)
