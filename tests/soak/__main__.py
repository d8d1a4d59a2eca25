"""`make soak`: steady work with a kill each 20 s, and whether memory, files and rows stay within bounds."""

import argparse
import json
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from absent import NotHere
from faults.schedule import BROKERS
from faults.site import site
from faults.surroundings import surroundings

from soak.measured import as_json as processes_as_json
from soak.run import Plan, as_json, soak

BOUND = 1.0
"""Per cent an hour by which the memory of a process may grow."""
TOO_SHORT = 3

EXAMPLES = """\
examples:
  make soak MINUTES=20            200 articles/s on Apache Kafka
  make soak MINUTES=3 RATE=50     on a machine that does other work too
  make soak MINUTES=3 BROKER=embedded

exit codes: 0 all as promised, 1 something isn't (kept under build/soak), 3 nothing is wrong, but it
was too short to tell whether memory grows by less than 1 % an hour: the table says how long it takes
"""


def main() -> int:
    """Read the options, do it, say what came of it."""
    options = _options()
    logging.basicConfig(level=logging.ERROR)
    for library in ("kafka", "asyncio", "streams"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    seconds = options.minutes * 60
    plan = Plan(
        seed=options.seed,
        seconds=seconds,
        rate=options.rate,
        warm_up_seconds=min(options.warm_up, seconds / 3),
    )
    with tempfile.TemporaryDirectory(prefix="summitry-soak-") as made:
        folder = Path(made)
        try:
            with site(options.broker, folder) as ground:
                report = soak(plan, ground, folder)
        except NotHere as absent:
            sys.exit(str(absent))
        if report.findings or report.published_again:
            shutil.rmtree(options.out, ignore_errors=True)
            shutil.copytree(folder, options.out, ignore=shutil.ignore_patterns("kafka"))
    told = as_json(plan, report) | surroundings(options.broker, "sqlite")
    series = {name: one for name, one in report.measurements.series.items() if one.seconds}
    told["processes"] = processes_as_json(series, BOUND)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "soak.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    _show(told)
    print(f"written to {options.out / 'soak.json'}")
    below = [one["below_bound"] for one in told["processes"].values()]
    if told["findings"] or False in below:
        return 1
    return 0 if below and all(below) else TOO_SHORT


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m soak",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=20, metavar="M", help="how long (20)")
    parser.add_argument("--rate", type=float, default=200, metavar="R", help="articles a second (200)")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--broker", choices=BROKERS, default="kafka")
    parser.add_argument(
        "--warm-up",
        type=float,
        default=600,
        metavar="S",
        help="seconds before memory is measured (600, a third of the time at most)",
    )
    parser.add_argument("--out", type=Path, default=Path("build/soak"), metavar="FOLDER")
    return parser.parse_args()


def _show(told: dict[str, Any]) -> None:
    print(
        f"{told['articles']} articles, {told['backlog']} at once, then {told['rate']:g}/s; {told['kills']} kills"
        f" ({told['kills_of_the_sink']} of the sink), {told['alerts']} alerts in {told['revisions']} revisions;"
        f" published in {told['published_seconds']} s, all answered {told['drained_seconds']} s later;"
        f" {told['published_again']} published again"
    )
    print(f"{'process':<12} {'memory':>10} {'growth an hour':>20} {'below 1 %':>24} {'open files':>12}")
    for name, one in told["processes"].items():
        error = "?" if one["standard_error"] is None else f"{one['standard_error']:.2f}"
        growth = f"{one['growth_percent_an_hour']:.2f} % ± {error}"
        files = f"{one['files_at_first']}..{one['files_most']}"
        print(f"{name:<12} {one['memory_mib']:>6.1f} MiB {growth:>20} {_verdict(one):>24} {files:>12}")
    rows = ", ".join(f"{name} {count}" for name, count in told["rows"].items())
    print(f"rows: {rows}")
    print(
        f"the store: {told['store_bytes_an_article']} bytes an article;"
        f" its journal at most {told['journal_bytes_most']} bytes"
    )
    for finding in told["findings"][:20]:
        print(f"  {finding}")
    print(f"findings={len(told['findings'])}")


def _verdict(one: dict[str, Any]) -> str:
    match one["below_bound"]:
        case True:
            return "yes"
        case False:
            return "NO"
        case _ if one["seconds_needed"] is None:
            return "too short to tell"
        case _:
            return f"needs {one['seconds_needed'] / 60:.0f} min to tell"


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs here is ended either way
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
