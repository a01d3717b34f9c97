import signal
import subprocess
import sys

import pytest

from studies.commands.interruption import SIGNALS, Interrupted, interruptions


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_is_an_exception_with_the_shells_exit_code(number):
    with pytest.raises(Interrupted) as caught, interruptions():
        signal.raise_signal(number)
    assert caught.value.exit_code == 128 + number


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    with interruptions():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_an_interruption_is_no_error_that_a_trial_may_swallow():
    assert not issubclass(Interrupted, Exception)


def test_the_second_signal_ends_the_process_at_once():
    code = (
        "import time\n"
        "from studies.commands.interruption import Interrupted, interruptions\n"
        "with interruptions():\n"
        "    try:\n"
        "        print('ready', flush=True); time.sleep(60)\n"
        "    except Interrupted:\n"
        "        print('stopping', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "stopping\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10) == 130


def test_a_command_started_in_the_background_can_be_stopped():
    code = (
        "import time\n"
        "from studies.commands.interruption import Interrupted, interruptions\n"
        "try:\n"
        "    with interruptions():\n"
        "        print('ready', flush=True); time.sleep(60)\n"
        "except Interrupted as err:\n"
        "    raise SystemExit(err.exit_code)\n"
    )
    command = ["sh", "-c", 'trap "" INT; exec "$0" -c "$1"', sys.executable, code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=10) == 130
