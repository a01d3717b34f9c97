"""The arms of a study by the two settings that make them, such as width and training rows."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from studies.designs.design import StudyDesign


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ArmGrid:
    """Hold arms by two of their settings.

    Attributes:
        names: The arm of each pair of values.
    """

    names: Mapping[tuple[Any, Any], str]

    @classmethod
    def of(cls, design: StudyDesign, first: str, second: str) -> "ArmGrid":
        """Read the arms of a design, by the keys of the two settings."""
        return cls(
            names={(arm.scientific[first], arm.scientific[second]): arm.name for arm in design.arms}
        )

    @property
    def firsts(self) -> list[Any]:
        """Return the values of the first setting, ascending."""
        return sorted({first for first, _ in self.names})

    @property
    def seconds(self) -> list[Any]:
        """Return the values of the second setting, ascending."""
        return sorted({second for _, second in self.names})

    def at(self, first: int, second: int) -> str:
        """Return an arm by the places of its settings among all values, from 0 or from -1."""
        return self.names[self.firsts[first], self.seconds[second]]

    def along(self, first: object) -> list[str]:
        """Return the arms of one value of the first setting, the second ascending."""
        return [self.names[first, second] for second in self.seconds]
