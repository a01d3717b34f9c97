"""What accompanies the main job of a run, and is left out where it cannot be made.

Baselines, an audit, a mirror, conclusions, a figure: none of them may lose or block what was
trained. This module alone decides which faults they may have. A full disk, a damaged run folder,
data that changed, wrong settings and an interrupt are faults of the run itself: these go on up.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from traceback import walk_tb
from typing import Any, Final

from sweep.data.names import printable
from sweep.errors import FitgapError
from sweep.safe_files import STORAGE_ERRORS
from sweep.settings.storage_address import mask_passwords

LONGEST: Final = 300
OURS: Final = frozenset({"sweep", "studies", "reports"})

RUN_STAGES: Final = frozenset({"audit", "baselines", "storage"})  # others are conclusions


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Hold what could not be made, and why: an entry of the manifest's ``left_out``.

    Attributes:
        stage: What it was, such as ``baselines`` or ``figure.scores``; docs/run-folder.md.
        error: The type of the exception.
        text: What it said, in one line that is harmless for a terminal.
        where: The last line of our own that was reached, as ``module:line``.
    """

    stage: str
    error: str
    text: str
    where: str

    @property
    def sentence(self) -> str:
        """Return what could not be made, because of what."""
        if not self.error:
            return self.text
        told = f"{self.stage.replace('.', ' ')} could not be made, because of {self.error}"
        return f"{told}{f': {self.text}' if self.text else ''} ({self.where})"


@contextlib.contextmanager
def guarded(stage: str, left_out: list[LeftOut]) -> Iterator[None]:
    """Do what accompanies the main job; if it fails, note that, and go on behind it.

    Args:
        stage: What is done.
        left_out: Where it is noted.

    Raises:
        FitgapError: A fault of the run, its data or its settings.
        OSError: The disk fails.
    """
    try:
        yield
    except FitgapError:
        raise
    except Exception as err:  # whatever it was, the main job has been done without it
        if isinstance(err, OSError) and err.errno in STORAGE_ERRORS:
            raise
        left_out.append(_describe(stage, err))


def run_left_out(manifest: Mapping[str, Any]) -> list[LeftOut]:
    """Return what a run has left out, as its manifest says."""
    return [LeftOut(**entry) for entry in manifest.get("left_out", ())]


def _describe(stage: str, err: Exception) -> LeftOut:
    lines = [
        (str(frame.f_globals.get("__name__")), line) for frame, line in walk_tb(err.__traceback__)
    ]
    module, line = [one for one in lines if one[0].partition(".")[0] in OURS][-1]  # this one is
    text = printable(mask_passwords(" ".join(str(err).split())), longest=LONGEST)
    return LeftOut(stage=stage, error=type(err).__name__, text=text, where=f"{module}:{line}")
