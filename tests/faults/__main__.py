"""`make faults`: runs with faults, a line each, and a total; exit code 1 if anything isn't as promised."""

import argparse
import json
import logging
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from faults.checker import VERDICTS, check
from faults.corpus import entries
from faults.oracle import Oracle
from faults.run import Outcome, run
from faults.schedule import BROKERS, KINDS, Fault, schedule
from faults.site import Site, site

EXAMPLES = """\
examples:
  make faults RUNS=20 SEED=100 BROKER=embedded   seeds 100 to 119
  make faults RUNS=20 SEED=100 RESUME=1          those that summary.jsonl doesn't have yet
  make faults RUNS=1 SEED=117                    seed 117 once more: the same corpus and schedule
  PYTHONPATH=tests python -m faults --seed 1 --only kill --only mark
  PYTHONPATH=tests python -m faults --replay build/faults/embedded-117/run.json
"""


def main() -> int:
    """Read the options, do the runs."""
    options = _options()
    logging.basicConfig(level=logging.ERROR)
    for library in ("kafka", "asyncio", "streams"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    options.out.mkdir(parents=True, exist_ok=True)
    summary = options.out / "summary.jsonl"
    oracle = Oracle()
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="summitry-faults-") as scratch, _sites(options, scratch) as sites:
        for seed, faults in _runs(options, summary):
            folder = Path(tempfile.mkdtemp(dir=scratch))
            begun = time.monotonic()
            expected = oracle.expect(entries(seed))
            with sites(folder) as ground:
                outcome = run(seed, faults, ground, folder)
            record = _judge(seed, options.broker, faults, outcome, expected)
            record["seconds"] = round(time.monotonic() - begun, 1)
            _say(record)
            with summary.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            if record["findings"]:
                _keep(record, faults, folder, options.out / f"{options.broker}-{seed}")
            shutil.rmtree(folder)
            total["runs"] += 1
            total.update({name: record[name] for name in ("articles", "faults", *VERDICTS)})
    names = ("runs", "articles", "faults", *VERDICTS)
    sys.stdout.write(" ".join(f"{name}={total[name]}" for name in names) + "\n")
    return 1 if any(total[verdict] for verdict in VERDICTS) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m faults",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="how many seeds (1)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the first of them (1)")
    parser.add_argument("--broker", choices=BROKERS, default="embedded")
    parser.add_argument("--only", choices=KINDS, action="append", help="this kind of fault; may be repeated")
    parser.add_argument("--resume", action="store_true", help="skip the seeds that the summary has")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="the run that this file was saved of")
    parser.add_argument("--show", action="store_true", help="print the schedules and do nothing")
    parser.add_argument("--out", type=Path, default=Path("build/faults"), metavar="FOLDER")
    options = parser.parse_args()
    if options.replay:
        options.broker = json.loads(options.replay.read_bytes())["broker"]
    if options.show:
        for seed, faults in _runs(options, options.out / "summary.jsonl"):
            sys.stdout.write(f"{seed}: {'; '.join(map(str, faults))}\n")
        sys.exit(0)
    return options


def _runs(options: argparse.Namespace, summary: Path) -> Iterator[tuple[int, list[Fault]]]:
    if options.replay:
        saved = json.loads(options.replay.read_bytes())
        yield saved["seed"], [Fault(**fault) for fault in saved["schedule"]]
        return
    known = set()
    if options.resume and summary.exists():
        lines = (json.loads(line) for line in summary.read_text(encoding="utf-8").splitlines())
        known = {line["seed"] for line in lines if line["broker"] == options.broker}
    for seed in range(options.seed, options.seed + options.runs):
        if seed not in known:
            yield seed, schedule(seed, options.broker, options.only or KINDS)


@contextmanager
def _sites(options: argparse.Namespace, scratch: str) -> Iterator[Any]:
    """How to get brokers for a run: Apache Kafka stays for all runs, the embedded broker is cheap."""
    if options.broker == "embedded":
        yield lambda folder: site("embedded", folder)
        return
    with site(options.broker, Path(scratch)) as lasting:

        @contextmanager
        def same(_folder: Path) -> Iterator[Site]:
            yield lasting

        yield same


def _judge(
    seed: int, broker: str, faults: Sequence[Fault], outcome: Outcome, expected: tuple[Any, Any]
) -> dict[str, Any]:
    corpus = entries(seed)
    findings = list(outcome.findings)
    if outcome.left is not None:
        findings += check(outcome.left, corpus, *expected, outcome.done)
    counts = Counter(finding.verdict for finding in findings)
    return {
        "seed": seed,
        "broker": broker,
        "articles": len(corpus),
        "faults": len(outcome.done),
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "alerts": len(expected[0]),
        "deaths": sum(not death.asked for death in outcome.deaths),
        "died": [f"{d.name} {d.code} at {d.at:.1f} s" for d in outcome.deaths if not d.asked],
        "rest_seconds": round(outcome.rest_seconds, 1),
        "schedule": [str(fault) for fault in faults],
        "findings": [f"{finding.verdict}: {finding.what}" for finding in findings],
    }


def _say(record: dict[str, Any]) -> None:
    names = ("articles", "alerts", "faults", "deaths", *VERDICTS)
    figures = " ".join(f"{name}={record[name]}" for name in names)
    sys.stdout.write(
        f"{record['broker']} {record['seed']}: {figures} ({record['seconds']} s,"
        f" at rest after {record['rest_seconds']} s) {'; '.join(record['schedule'])}\n"
    )
    for finding in record["findings"][:20]:
        sys.stdout.write(f"  {finding}\n")
    sys.stdout.flush()


def _keep(record: dict[str, Any], faults: Sequence[Fault], folder: Path, kept: Path) -> None:
    """What is needed to see what happened, and to do it again."""
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept)
    saved = record | {"schedule": [fault.as_json() for fault in faults]}
    (kept / "run.json").write_text(json.dumps(saved, indent=1), encoding="utf-8")
    sys.stdout.write(f"  kept in {kept}; again: python -m faults --replay {kept / 'run.json'}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what runs here is ended either way
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
