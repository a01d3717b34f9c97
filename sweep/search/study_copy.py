"""A study's copy in a database, brought up to date trial by trial.

What is there already is kept where it is what it should be. Optuna numbers trials in the order in
which they are made: to mend one, it and all that come after it are deleted and written again.
"""

from optuna.trial import FrozenTrial, TrialState

from sweep.search.storage import StudyDatabase


class StudyCopy:
    """Hold what is known to be in the database.

    Every method that writes raises what `StudyDatabase` raises; nothing is known for certain then,
    until `read` has looked.

    Attributes:
        changes: How often something was written.
    """

    def __init__(self, database: StudyDatabase) -> None:
        self.changes = 0
        self._database = database
        self._stored: list[FrozenTrial] = []

    def read(self) -> None:
        """Read everything, and delete all that follows a gap in the numbers."""
        self._stored = self._database.read()
        for place, trial in enumerate(self._stored):
            if trial.number != place:
                self.cut(place)
                break

    def settle(self, number: int, wanted: FrozenTrial) -> bool:
        """Bring one trial up to date; those before it have been.

        Args:
            number: The trial.
            wanted: How it stands.

        Returns:
            Whether those after it were deleted, and have to be settled again.
        """
        cut = number < len(self._stored) and not _fits(self._stored[number], wanted)
        if cut:
            self.cut(number)
        if number == len(self._stored):
            self._stored.append(self._database.add(wanted, number))
            self.changes += 1
        elif wanted.state.is_finished() and not self._stored[number].state.is_finished():
            self._stored[number] = self._database.end(self._stored[number], wanted)
            self.changes += 1
        return cut

    def cut(self, number: int) -> None:
        """Delete a trial and those after it, if there are any."""
        if self._stored[number:]:
            self._database.delete(self._stored[number:])
            del self._stored[number:]
            self.changes += 1


def _fits(stored: FrozenTrial, wanted: FrozenTrial) -> bool:
    """Return whether a stored trial is the one wanted, or will be once it is ended.

    One that has ended there and is running here was ended before the run was interrupted.
    """
    if stored.state is TrialState.WAITING:
        return False
    if (stored.params, stored.distributions) != (wanted.params, wanted.distributions):
        return False
    if wanted.user_attrs.items() - stored.user_attrs.items():  # others may have added their own
        return False
    if not wanted.state.is_finished():
        return True
    if not stored.state.is_finished():
        return stored.intermediate_values.items() <= wanted.intermediate_values.items()
    return (stored.state, stored.values, stored.intermediate_values) == (
        wanted.state,
        wanted.values,
        wanted.intermediate_values,
    )
