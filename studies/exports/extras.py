"""The packages that only an export needs, each an extra of fitgap."""

import importlib.util

from sweep.errors import ConfigurationError


def need(package: str, extra: str) -> None:
    """Refuse to go on without a package.

    Args:
        package: What is imported.
        extra: The extra of fitgap that brings it.

    Raises:
        ConfigurationError: It is not installed.
    """
    if importlib.util.find_spec(package) is None:
        raise ConfigurationError(
            f"--format: {extra} needs the package {package}, which is not installed;"
            f" install it with `pip install 'fitgap[{extra}]'`"
        )
