"""How large is a report, how long does it take to draw, and how soon does a browser show it?

Pages of made-up sweeps: 200 trials of 50 epochs (to stay below 2 MB and 5 s) and 10,000 of 30
(below 5 MB, 20 s and 1 GB, shown within a second). Each is drawn in a process of its own, imports
left out of the time and counted in the memory; the browser opens each page from disk several times.

What is fair: the runs look like real ones (tests/reports/conftest.py makes them), with lost trials,
a confirmation and baselines. What is not: reading the tables and judging the trials are left out,
as they do not belong to the report.

    python benchmarks/report_pages.py
    python benchmarks/report_pages.py --shapes 200x50 --looks 1 --profile
"""

import argparse
import cProfile
import importlib.util
import multiprocessing
import pstats
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from machine import write_results
from text_table import print_table

MAKER = Path(__file__).parents[1] / "tests" / "reports" / "conftest.py"
LIMITS = {(200, 50): (2.0, 5.0), (10_000, 30): (5.0, 20.0)}  # MB and s
SHOWN = """() => new Promise(done => requestAnimationFrame(() => setTimeout(() => {
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const [load] = performance.getEntriesByType("navigation");
  done([paint ? paint.startTime : NaN, load.domContentLoadedEventEnd]);
}, 50)))"""


def make_run(trials: int, epochs: int) -> Any:
    """Make up a sweep as the tests do."""
    spec = importlib.util.spec_from_file_location("made_up_runs", MAKER)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(MAKER)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.make_run(module.Shape(trials=trials, epochs=epochs))


def draw(trials: int, epochs: int, path: str, profile: str) -> dict[str, float]:
    """Draw one page and say what it took; runs in a process of its own."""
    from reports.pages.sweep_page import render_sweep

    content = make_run(trials, epochs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    profiler = cProfile.Profile()
    start, cpu = time.perf_counter(), time.process_time()
    html = profiler.runcall(render_sweep, content) if profile else render_sweep(content)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    Path(path).write_text(html, encoding="utf-8")
    if profile:
        pstats.Stats(profiler).sort_stats("cumulative").print_stats(45)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "mb": len(html.encode()) / 1e6, "seconds": seconds, "cpu_seconds": cpu,
        "peak_mb": peak * 1024 / 1e6, "before_mb": before * 1024 / 1e6,
    }  # fmt: skip


def look(path: Path, looks: int) -> dict[str, float]:
    """Open a page several times; return the medians in seconds, or nothing without chromium."""
    chromium = shutil.which("chromium")
    if chromium is None or not looks:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-quic"]
        )
        seen = []
        for _ in range(looks):
            tab = browser.new_page()
            tab.goto(path.as_uri())
            seen.append(tab.evaluate(SHOWN))
            tab.close()
        browser.close()
    paint, ready = (statistics.median(one[place] for one in seen) / 1000 for place in (0, 1))
    return {"first_paint_seconds": paint, "ready_seconds": ready}


def main() -> None:
    """Draw each page, open it, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shapes", nargs="+", default=["200x50", "10000x30"], metavar="TxE")
    parser.add_argument("--looks", type=int, default=5, help="times the browser opens each page")
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--out", type=Path, help="keep the figures in this JSON file")
    options = parser.parse_args()
    rows, kept = [], []
    pool = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for shape in options.shapes:
            trials, epochs = map(int, shape.split("x"))
            path = Path(folder) / f"{shape}.html"
            task = (trials, epochs, str(path), "yes" if options.profile else "")
            with pool.Pool(1, maxtasksperchild=1) as process:
                found = process.apply(draw, task) | look(path, options.looks)
            kept.append({"trials": trials, "epochs": epochs, **found})
            size, limit = LIMITS.get((trials, epochs), (float("nan"), float("nan")))
            rows.append([
                f"{trials:,} x {epochs}", f"{found['mb']:.2f} (< {size:g})",
                f"{found['seconds']:.1f} (< {limit:g})", f"{found['cpu_seconds']:.1f}",
                f"{found['peak_mb']:,.0f}", f"{found.get('first_paint_seconds', float('nan')):.2f}",
                f"{found.get('ready_seconds', float('nan')):.2f}",
            ])  # fmt: skip
    heads = ["trials x epochs", "MB", "s to draw", "CPU s", "peak MB", "s to first paint",
             "s until ready"]  # fmt: skip
    print_table(heads, rows)
    write_results("report_pages", {"pages": kept}, options.out)


if __name__ == "__main__":
    main()
