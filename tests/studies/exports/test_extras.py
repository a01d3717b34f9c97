import pytest

from studies.exports.extras import need
from sweep.errors import ConfigurationError


def test_a_package_that_is_there_is_no_fault():
    need("json", "anything")


def test_a_missing_package_is_one_line_that_says_what_to_install():
    with pytest.raises(ConfigurationError) as caught:
        need("no_such_package", "mlflow")
    (fault,) = caught.value.faults
    assert fault == (
        "--format: mlflow needs the package no_such_package, which is not installed; install it"
        " with `pip install 'fitgap[mlflow]'`"
    )
