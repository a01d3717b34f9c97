import subprocess
import sys


def test_the_names_are_read_without_anything_heavy():
    program = "import sys, reports.outputs.fact_names; print('pandas' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
