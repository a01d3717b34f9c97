"""What a sweep would do, before it does it: `fitgap sweep --dry-run`."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich.text import Text

from studies.commands.console import open_console
from sweep.config import count_parameters, layer_widths
from sweep.data.names import printable
from sweep.runs.length import expect_trials, time_budget
from sweep.runs.preparation import check_score, check_space, prepare_data, trial_warnings
from sweep.search.rungs import choose_pruner, make_rungs
from sweep.settings.sweep_settings import PrunerName, SweepSettings
from sweep.space.parameters import Value, show
from sweep.space.search_space import largest
from sweep.space.writing import space_toml
from sweep.training.device import default_workers

LONGEST: Final = 200


def print_plan(settings: SweepSettings, out: str | None, notes: Sequence[str]) -> None:
    """Print data, splits, trials and space of a sweep; train nothing, and make no folder.

    The whole is a TOML file that ``--space`` takes: all but the space are comments.

    Args:
        settings: The sweep.
        out: The run folder, if one was named.
        notes: What else is to be told of the run.

    Raises:
        ConfigurationError: The space cannot be used with the data.
        DataError: The data cannot be used.
    """
    dataset, prepared = prepare_data(settings)
    training, space = prepared.training, settings.space
    check_score(settings, dataset)
    check_space(settings, training)
    planned = expect_trials(settings, training)
    pruner = settings.pruner or choose_pruner(planned)
    settings = settings.replace(pruner=pruner)
    planned = expect_trials(settings, training)  # pruned ones take less
    about = "up to about " if time_budget(settings, training) else ""
    fewest = space.smallest_parameters(training.inputs, training.outputs)
    most = _most_parameters(settings, training.inputs, training.outputs)
    facts = {
        "data": f"{dataset.name}: {dataset.task}, target {dataset.target_name}",
        "rows": (
            f"train {len(training.x_train):,}, validation {len(training.x_validation):,},"
            f" test {len(prepared.x_test):,}"
        ),
        "search": (
            f"{about}{_trials(planned)} of {settings.epochs:,} epochs, sampler {settings.sampler}"
        ),
        "pruning": _pruning(settings, pruner),
        "confirmation": _confirmation(settings, planned),
        "baselines": "dummy, linear, boosted trees" if settings.baselines else "none",
        "workers": str(settings.workers or default_workers()),
        "seed": str(settings.seed),
        "parameters": f"{fewest:,} to {most:,} a network",
        "run folder": out or "a new one in runs/",
    }
    if about:
        facts["budget"] = f"{settings.budget} of one worker, by an estimate from counted work"
    facts |= {f"start {place}": _start(one) for place, one in enumerate(settings.start, start=1)}
    if settings.storage is not None:
        facts["storage"] = settings.storage
    console = open_console()
    for name, value in facts.items():
        line = Text.assemble((f"# {name:<14}", "bold"), printable(value, longest=LONGEST))
        console.print(line, soft_wrap=True)
    warnings = (*trial_warnings(settings, training), *notes, *space.warnings, *dataset.warnings)
    for warning in warnings:
        console.print(Text.assemble(("# warning: ", "yellow"), warning), soft_wrap=True)
    console.print("#\n# The search space. Save it, change it, and give it as --space FILE.toml.")
    console.print(space_toml(space).rstrip(), soft_wrap=True)
    console.print("#\n# Nothing was trained; leave out --dry-run to begin.")


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count:,} trials"


def _start(table: Mapping[str, Value]) -> str:
    return ", ".join(f"{key} {show(value)}" for key, value in table.items())


def _pruning(settings: SweepSettings, pruner: PrunerName) -> str:
    rungs = make_rungs(pruner, settings.epochs).epochs
    if not rungs:
        return "none"
    epochs = " and ".join(map(str, rungs))
    audit = "; a tenth of the pruned is trained to the end" if settings.audit else ""
    return f"{pruner}, after {'epoch' if len(rungs) == 1 else 'epochs'} {epochs}{audit}"


def _confirmation(settings: SweepSettings, planned: int) -> str:
    if not settings.confirm:
        return "none"
    top, seeds = min(settings.confirm_top, planned), settings.confirm
    best = "the best configuration" if top == 1 else f"the best {top} configurations"
    each = "1 fresh seed" if seeds == 1 else f"{seeds} fresh seeds"
    return f"{best} on {each} each: {_trials(top * seeds)}"


def _most_parameters(settings: SweepSettings, inputs: int, outputs: int) -> int:
    space = settings.space
    widths = layer_widths(largest(space.depth), largest(space.width), "equal")
    most = count_parameters(widths, inputs=inputs, outputs=outputs, use_bias=True)
    return most if space.max_parameters is None else min(most, space.max_parameters)
