"""What is said of pruned trials wherever they are drawn among the others."""

from typing import Final

import pandas as pd

from reports import theme, wording

READ: Final = (
    "A hollow diamond is a trial that was pruned: with the epochs it was refused it would lie "
    "elsewhere, so do not compare it with the filled marks; far-off ones stand at the edge."
)


def told(judged: pd.DataFrame) -> str:
    """Say what the pruned trials among those of a panel mean; ``""`` without any."""
    number, glyph = int((judged["outcome"] == "pruned").sum()), theme.MARKS["pruned"].glyph
    if not number:
        return ""
    if number == 1:
        return f"The pruned trial ({glyph}), drawn at its best epoch so far, does not count here."
    return (
        f"The {wording.count(number)} pruned trials ({glyph}), each drawn at its best epoch so "
        "far, do not count here."
    )


def explained(text: str, judged: pd.DataFrame) -> str:
    """Add to how a figure is read what a pruned trial looks like, if there is one."""
    return f"{text} {READ}" if (judged["outcome"] == "pruned").any() else text
