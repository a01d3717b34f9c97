"""The best configurations of an earlier run, for another one to begin with."""

from pathlib import Path

from sweep.errors import ConfigurationError, Fault
from sweep.runs.folder import RunFolder, is_study
from sweep.runs.ranking import best_slots
from sweep.space.search_space import SearchSpace
from sweep.space.starts import Table, read_start, start_table


def starts_of_run(path: Path, space: SearchSpace, top: int) -> tuple[list[Table], list[str]]:
    """Take the best configurations of a sweep that lie in a space.

    Args:
        path: The run folder.
        space: Where they have to lie.
        top: How many of the sweep's best are looked at.

    Returns:
        The configurations, the best first, and a line for each that was left out.

    Raises:
        ConfigurationError: There is no sweep, or nothing of it lies in the space.
        StorageError: The run cannot be read.
    """
    folder = RunFolder.open(path)
    if is_study(folder.read_manifest()):
        raise ConfigurationError(f"--start: {path} is a study; give the folder of a sweep")
    starts: list[Table] = []
    notes: list[str] = []
    best = best_slots((one for one in folder.records() if one.stage == "search"), top)
    for record in best:
        misfits, _ = read_start(start_table(record.config), space)
        cap = space.max_parameters
        if cap is not None and record.parameters > cap:
            reason = f"it has {record.parameters}, more than {cap}; raise it"
            misfits.append(Fault("max_parameters", reason))
        if misfits:
            notes.append(f"start: {record.trial} of {path} is left out: {', '.join(misfits)}")
        else:
            starts.append(start_table(record.config))
    if not starts:
        why = "none of its best trials lies in the space" if best else "none of its trials finished"
        raise ConfigurationError([f"--start: {path}: {why}; give another run", *notes])
    return starts, notes
