"""One run: a corpus is published while the schedule's faults are done; what is left when all is at rest."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from faults import history
from faults.checker import Finding, Left
from faults.corpus import PARTITIONS, entries
from faults.nemeses import Nemeses
from faults.oracle import RULES
from faults.processes import Death, Processes
from faults.rest import article_ends, read_left, waiting
from faults.schedule import SECONDS, Fault
from faults.site import Site
from faults.stores import RunStore
from streams import broker
from streams.core.errors import SummitryError
from streams.processes import supervised
from streams.settings import Settings
from streams.topology import ARTICLES

LOOK_SECONDS = 0.05
REST_SECONDS = 100.0
"""How long the pipeline may take to come to rest after the last fault is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run left, which faults were done, and what went wrong on the way."""

    left: Left | None
    done: Sequence[Fault]
    deaths: Sequence[Death]
    findings: Sequence[Finding]
    rest_seconds: float = 0.0
    """How long it took to come to rest after the last article and the last fault."""


def run(seed: int, faults: Sequence[Fault], site: Site, store: RunStore, folder: Path) -> Outcome:
    """Do it; everything that it writes is in the folder."""
    settings = site.settings.model_copy(
        update={
            "prefix": f"faults-{secrets.token_hex(4)}.",
            "store": SecretStr(store.url),
            "partitions": PARTITIONS,
            "rules": RULES,
            "http_port": 0,
        }
    )
    broker.apply_streams(settings, for_good=True)
    with supervised() as supervisor:
        processes = Processes(supervisor, settings, folder)
        nemeses = Nemeses(site, store, settings, processes, folder)
        one = _Run(seed, settings, processes, nemeses, folder)
        trouble: list[Finding] = []
        left = None
        try:
            processes.start_all()
            processes.start("publisher", ["faults.publisher", str(seed), str(SECONDS), str(one.log)])
            one.work(faults)
            one.rest()
            nemeses.close()
            left = one.left()
        except SummitryError as error:
            trouble.append(Finding("unexplained", f"{type(error).__name__}: {error}"))
        finally:
            nemeses.close()
            processes.stop(lambda _name: True)
    broker.delete_streams(settings)
    return Outcome(
        left=left,
        done=nemeses.done,
        deaths=processes.deaths,
        findings=trouble,
        rest_seconds=one.rested - one.worked if one.rested else 0.0,
    )


class NotAtRest(SummitryError):
    """The pipeline didn't come to rest."""


class _Run:
    def __init__(
        self, seed: int, settings: Settings, processes: Processes, nemeses: Nemeses, folder: Path
    ) -> None:
        self.log = folder / "history"
        self.worked = 0.0
        self.rested = 0.0
        self._settings = settings
        self._processes = processes
        self._nemeses = nemeses
        self._count = len(entries(seed))
        self._articles_id = broker.topic_ids(settings)[ARTICLES.name]

    def work(self, faults: Sequence[Fault]) -> None:
        """Do each fault in its time, until all are mended and all is published."""
        steps = [(fault.at, self._nemeses.begin, fault) for fault in faults]
        steps += [(fault.end, self._nemeses.end, fault) for fault in faults if fault.seconds]
        steps.sort(key=lambda step: (step[0], str(step[2])))
        deadline = SECONDS + max((fault.end for fault in faults), default=0.0) + REST_SECONDS
        while steps or not self._published():
            while steps and self._processes.elapsed >= steps[0][0]:
                _, do, fault = steps.pop(0)
                do(fault)
            if self._processes.elapsed > deadline:
                raise NotAtRest(f"only {self._confirmed()} of {self._count} are published")
            self._processes.look()
            self._nemeses.look()
            time.sleep(LOOK_SECONDS)
        self.worked = self._processes.elapsed

    def rest(self) -> None:
        """Wait until every article is answered and nothing is left to be told."""
        deadline = time.monotonic() + REST_SECONDS
        ends: dict[int, int] | None = None
        while True:
            self._processes.look()
            self._nemeses.look()
            waits = waiting(self._settings, self._articles_id, ends or {})
            if not waits:
                before, ends = (
                    ends,
                    article_ends(self._settings),
                )  # what the sink publishes again has to be answered too
                if before == ends:
                    break
            if time.monotonic() > deadline:
                raise NotAtRest(f"not at rest {REST_SECONDS:.0f} s after the last fault: {waits}")
            time.sleep(LOOK_SECONDS * 2)
        self.rested = self._processes.elapsed

    def left(self) -> Left:
        """End the pipeline and read all that there is."""
        self._processes.stop(lambda _name: True)
        return read_left(
            self._settings,
            self._articles_id,
            confirmed=list(history.read(self.log)),
            told_before=self._nemeses.alerts_before,
            deaths=self._processes.deaths,
        )

    def _confirmed(self) -> int:
        return len({one.entry for one in history.read(self.log)})

    def _published(self) -> bool:
        return self._confirmed() == self._count
