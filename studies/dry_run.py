"""What a sweep would do, before it does it: `fitgap sweep --dry-run`."""

from rich.console import Console
from rich.text import Text

from sweep.config import count_parameters, layer_widths
from sweep.runs.manifest import available_cores
from sweep.runs.runner import plan_trials, prepare_data
from sweep.settings.sweep_settings import SweepSettings
from sweep.space.feasibility import check_feasible
from sweep.space.search_space import largest
from sweep.space.writing import space_toml


def print_plan(settings: SweepSettings) -> None:
    """Print data, splits, space and trials of a sweep; train nothing.

    Raises:
        ConfigurationError: The space cannot be used with the data.
        DataError: The data cannot be used.
    """
    dataset, prepared = prepare_data(settings)
    training, space = prepared.training, settings.space
    inputs, outputs = training.inputs, training.outputs
    check_feasible(space, inputs, outputs)
    planned = plan_trials(settings, training)
    confirmed = min(settings.confirm_top, planned)
    widest = layer_widths(largest(space.depth), largest(space.width), "equal")
    most = count_parameters(widest, inputs=inputs, outputs=outputs, use_bias=True)
    if space.max_parameters is not None:
        most = min(most, space.max_parameters)
    confirmation = "none"
    if settings.confirm:
        confirmation = (
            f"the best {confirmed} on {settings.confirm} fresh seeds each,"
            f" {confirmed * settings.confirm} trials"
        )
    lines = {
        "data": f"{dataset.name}, {dataset.task}, target {dataset.target_name}",
        "rows": (
            f"train {len(training.x_train):,}, validation {len(training.x_validation):,},"
            f" test {len(prepared.x_test):,}"
        ),
        "search": f"{planned:,} trials of {settings.epochs:,} epochs, sampler {settings.sampler}",
        "confirmation": confirmation,
        "workers": str(settings.workers or available_cores()),
        "seed": str(settings.seed),
        "parameters": f"{space.smallest_parameters(inputs, outputs):,} to {most:,} a network",
    }
    console = Console(soft_wrap=True, highlight=False)
    for name, value in lines.items():
        console.print(Text.assemble((name.ljust(14), "bold"), value))
    console.print("\n[bold]search space[/] (as --space takes it)\n")
    console.print(space_toml(space).rstrip(), markup=False)
    for warning in (*dataset.warnings, *space.warnings):
        console.print(Text.assemble(("\nwarning: ", "yellow"), warning))
