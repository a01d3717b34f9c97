"""Where and with what a benchmark was measured, and how its results are kept."""

import datetime as dt
import json
import math
import platform
from importlib import metadata
from pathlib import Path

PEERS = ("keras-tuner", "distributed")  # recorded where they are installed


def machine() -> dict[str, object]:
    """Describe where and with what the figures were measured."""
    from sweep.runs.manifest import versions
    from sweep.training.device import available_cores

    lines = Path("/proc/cpuinfo").read_text().splitlines() if platform.system() == "Linux" else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    installed = {str(found.metadata["Name"]).lower() for found in metadata.distributions()}
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "processor": models[0] if models else platform.processor(),
        "cores": available_cores(),
        "versions": versions()
        | {name: metadata.version(name) for name in PEERS if name in installed},
    }


def write_results(name: str, results: object, path: Path | None) -> None:
    """Write the results of a benchmark as JSON, with the machine; nowhere if there is no path.

    JSON has neither infinity nor NaN: what never came, and what is no number, is null.
    """
    if path is None:
        return
    record = {"benchmark": name, **machine(), "results": _plain(results)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
