"""The options of the commands about several runs: `fitgap compare` and `fitgap index`."""

from studies.commands.parser import Commands, add_command


def add_comparing_commands(commands: Commands) -> None:
    """Add ``compare`` and ``index``.

    Args:
        commands: What argparse holds sub-commands in.
    """
    compare = add_command(
        commands,
        "compare",
        "set runs side by side: what differs, and whether that matters",
        "examples:\n  fitgap compare runs/old runs/new\n"
        "  fitgap compare runs/a runs/b runs/c --out abc.html\n\n"
        "Sweeps are compared by their winners, studies of one design by their arms; in pairs where"
        "\nthey share seeds and rows, by ranks where they learnt from several data sets.",
    )
    compare.set_defaults(command=("studies.commands.compare", "compare"))
    compare.add_argument("runs", metavar="RUN", nargs="+", help="the folders of two runs or more")
    compare.add_argument(
        "--out", metavar="FILE", help="where to (default: compare.html in this folder)"
    )
    index = add_command(
        commands,
        "index",
        "list all runs below a folder, with their conclusions",
        "example:\n  fitgap index runs",
    )
    index.set_defaults(command=("studies.commands.index", "index"))
    index.add_argument("folder", metavar="DIR", help="a folder that holds run folders")
    index.add_argument("--out", metavar="FILE", help="where to (default: DIR/index.html)")
