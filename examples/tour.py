"""A sweep from Python: run it, read its tables, draw one figure, write the report.

Usage: python examples/tour.py [FOLDER]
"""

import sys
from pathlib import Path

from reports.figures.curves import learning_curves
from reports.words.saying import say
from studies.reporting import write_findings, write_report
from sweep.runs.runner import Sweep
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.parsing import parse_space


def main(folder: Path) -> None:
    """Search six small networks for the digits data set."""
    space = parse_space({"depth": [1, 2], "width": {"low": 16, "high": 128}})
    settings = SweepSettings(data="digits", trials=6, epochs=5, confirm=2, workers=1, space=space)
    sweep = Sweep.create(settings, folder)
    for record in sweep.run():  # each record is safe on the disk by the time it arrives
        print(f"{record.trial} {record.outcome} {record.validation_score:.3f}")

    trials, epochs = sweep.folder.tables()
    searched = trials[trials["stage"] == "search"]
    print(searched.nsmallest(3, "validation_loss")[["trial", "widths", "validation_score"]])

    best = searched.nsmallest(1, "validation_loss")["trial"].iloc[0]
    curves = learning_curves(epochs, [best], "loss")
    curves.panel("Loss", "nats").draw().savefig(folder / "curves.svg")

    for finding in write_findings(sweep.folder)[:3]:
        print("-", say(finding).sentence)
    write_report(sweep.folder, sweep.folder.report_path)
    print("Report:", sweep.folder.report_path)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "runs/tour"))
