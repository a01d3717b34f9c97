import pytest

from studies.reporting import with_evidence


@pytest.fixture(scope="session")
def evident_run(run):
    """The sweep of 30 trials, with what its figures need besides its tables."""
    return with_evidence(run)
