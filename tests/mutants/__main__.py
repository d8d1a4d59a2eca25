"""`make mutants`: Summitry broken on purpose, a line for each way, and which check has caught it.

First all checks run on an unbroken copy of the working tree. Exit code 1 if one of them fails there, if a
mutation no longer applies, or if a mutant survives its checks.
"""

import argparse
import json
import logging
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from mutants.catalogue import MUTATIONS
from mutants.checks import Unclear, imported_from, run
from mutants.mutation import DoesNotApply, Mutation
from mutants.tree import ROOT, copied

EXAMPLES = """\
examples:
  make mutants                                                   all of them, some minutes
  PYTHONPATH=tests python -m mutants --list                      what there is
  PYTHONPATH=tests python -m mutants --only mark-before-send     one; may be repeated
"""

log = logging.getLogger("mutants")


def main() -> int:
    """Read the options, break and check."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    chosen = [one for one in MUTATIONS if not options.only or one.name in options.only]
    if options.list:
        for one in chosen:
            _say(options.json, _shown(one), f"{one.name}: {one.breaks} ({one.file})")
        return 0
    try:
        for one in chosen:
            one.mutated(ROOT)
        if not _holds(chosen):
            return 1
        survived = [one.name for one in chosen if not _caught(one, as_json=options.json)]
    except (DoesNotApply, Unclear) as error:
        log.error("%s", error)  # noqa: TRY400  it says all
        return 1
    total = {
        "mutants": len(chosen),
        "caught": len(chosen) - len(survived),
        "survived": len(survived),
    }
    _say(options.json, total, " ".join(f"{name}={count}" for name, count in total.items()))
    return 1 if survived else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m mutants",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        choices=[one.name for one in MUTATIONS],
        action="append",
        metavar="NAME",
        help="this mutation; may be repeated",
    )
    parser.add_argument("--list", action="store_true", help="print what there is and do nothing")
    parser.add_argument("--json", action="store_true", help="an object a line, for programs")
    return parser.parse_args()


def _holds(chosen: Sequence[Mutation]) -> bool:
    """Whether every check passes where nothing is broken; else a mutant that is caught would mean nothing."""
    checks = list(dict.fromkeys(check for one in chosen for check in one.checks))
    begun = time.monotonic()
    log.info("unbroken: %d checks", len(checks))
    with copied() as root:
        caught = run(root, checks)
    if caught is not None:
        log.error("a check fails where nothing is broken: %s: %s", caught.check, caught.said)
        return False
    log.info("unbroken: all pass (%.0f s)", time.monotonic() - begun)
    return True


def _caught(one: Mutation, *, as_json: bool) -> bool:
    begun = time.monotonic()
    log.info("%s: %s", one.name, one.breaks)
    with copied() as root:
        one.apply(root)
        if (found := imported_from(root, one.module)) != root / one.file:
            raise Unclear(f"{one.name}: {found} would be checked, not the copy that is broken")
        catch = run(root, one.checks)
    seconds = round(time.monotonic() - begun, 1)
    record = _shown(one) | {"caught": catch is not None, "by": asdict(catch) if catch else None}
    tried = " and ".join(one.checks)
    text = f"caught by {catch.check}" if catch else f"SURVIVED {tried}"
    _say(as_json, record | {"seconds": seconds}, f"{one.name}: {text} ({seconds} s)")
    if catch:
        log.info("  %s", catch.said)
    return catch is not None


def _shown(one: Mutation) -> dict[str, object]:
    return {
        "name": one.name,
        "breaks": one.breaks,
        "file": one.file,
        "checks": list(one.checks),
    }


def _say(as_json: bool, record: dict[str, object] | dict[str, int], text: str) -> None:
    sys.stdout.write((json.dumps(record) if as_json else text) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # copies are removed either way
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
