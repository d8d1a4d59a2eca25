"""One soak: a backlog, articles at a steady rate, a kill each 20 s, measurements; then all is checked."""

import random
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from faults import history
from faults.checker import Left, check
from faults.oracle import RULES
from faults.processes import Processes
from faults.rest import article_ends, read_left, waiting
from faults.schedule import Fault
from faults.site import Site
from pydantic import SecretStr

from soak.articles import NOW, Corpus
from soak.bounds import MORE_FILES, WAL_BYTES, Work, outgrown, row_counts
from soak.measured import Measurements
from streams import broker
from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.errors import SummitryError
from streams.core.facets import FACETS
from streams.core.headers import MENDS
from streams.enrich.registry import load_registry
from streams.enrich.stages import load_stage
from streams.processes import supervised
from streams.rulebook import load_rules
from streams.settings import Settings
from streams.store.database import connect
from streams.supervisor import Supervisor
from streams.topology import ARTICLES

LOOK_SECONDS = 0.1
SAY_SECONDS = 60.0
KILL_SECONDS = 20.0
BACKLOG_SECONDS = 100.0
"""What comes in so long is published at once when the soak begins. Each process then has in hand as much as it
ever takes: an allocator keeps that room, which would be measured as growth if it were first needed later."""
MEASURED = 0.75
"""The share of the time in which the sink is measured, and spared; after it the kills are for it too."""
DRAIN_SECONDS = 600.0

WORKERS = tuple(f"{stage}-a" for stage in FACETS)
VICTIMS = tuple(f"{stage}-b" for stage in FACETS)
"""Each stage has two workers: one is measured, the other one's life is short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do."""

    seed: int
    seconds: float
    rate: float
    warm_up_seconds: float

    @property
    def backlog(self) -> int:
        """How many articles are published at once."""
        return round(self.rate * BACKLOG_SECONDS)

    @property
    def corpus(self) -> Corpus:
        """The articles: the backlog, then those at the rate."""
        return Corpus(self.seed, self.backlog + round(self.rate * self.seconds))


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it."""

    measurements: Measurements = field(default_factory=lambda: Measurements(("sink", *WORKERS)))
    kills: list[Fault] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    lags: list[int] = field(default_factory=list)
    """How many outcomes the stages and the sink were behind with, each minute."""
    store_bytes: int = 0
    wal_bytes: int = 0
    """The most that the journal had."""
    published_seconds: float = 0.0
    drained_seconds: float = 0.0
    """How long it took to answer all after the last article."""
    published_again: int = 0
    """Records that the sink published once more, since a stage seemed to have passed them by."""
    alerts: int = 0
    revisions: int = 0
    deaths: int = 0

    @property
    def kills_of_the_sink(self) -> int:
        """How often the sink was killed."""
        return sum(fault.target == "sink" for fault in self.kills)


def soak(plan: Plan, site: Site, folder: Path) -> Report:
    """Do it; everything that it writes is in the folder."""
    settings = site.settings.model_copy(
        update={
            "prefix": f"soak-{secrets.token_hex(4)}.",
            "store": SecretStr(f"sqlite:///{folder / 'summitry.db'}"),
            "rules": RULES,
            "http_port": 0,
        }
    )
    broker.apply_streams(settings, for_good=True)
    with supervised() as supervisor:
        one = _Soak(plan, settings, supervisor, folder)
        try:
            one.work()
            one.drain()
            one.check()
        except SummitryError as error:
            one.report.findings.append(f"{type(error).__name__}: {error}")
    broker.delete_streams(settings)
    return one.report


class NotDone(SummitryError):
    """The articles weren't published, or not answered, in the time allowed."""


class _Soak:
    def __init__(self, plan: Plan, settings: Settings, supervisor: Supervisor, folder: Path) -> None:
        self.report = Report()
        self._plan = plan
        self._settings = settings
        self._supervisor = supervisor
        self._processes = Processes(supervisor, settings, folder)
        self._store = folder / "summitry.db"
        self._log = folder / "history"
        self._articles_id = broker.topic_ids(settings)[ARTICLES.name]
        self._chance = random.Random(f"kills/{plan.seed}")

    def work(self) -> None:
        """Publish, kill and measure until all is published."""
        plan, processes = self._plan, self._processes
        processes.start("sink", ["streams", "sink"], instance="sink")
        for stage in FACETS:
            for name in (f"{stage}-a", f"{stage}-b"):
                processes.start(name, ["streams", "worker", stage])
        count = str(len(plan.corpus))
        pace = [str(plan.backlog), str(plan.rate)]
        publisher = ["soak.publisher", str(plan.seed), count, *pace, str(self._log)]
        processes.start("publisher", publisher)
        kill_at, measure_at, say_at = KILL_SECONDS, plan.warm_up_seconds, SAY_SECONDS
        deadline = plan.seconds * 1.5 + DRAIN_SECONDS
        while processes.elapsed < plan.seconds or self._confirmed() < len(plan.corpus):
            now = processes.elapsed
            if now > deadline:
                raise NotDone(f"only {self._confirmed()} of {count} are published after {now:.0f} s")
            if kill_at <= now < plan.seconds:
                self._kill(now)
                kill_at += KILL_SECONDS
            if measure_at <= now < plan.seconds:
                self._measure(now)
                measure_at = now + 1
            if now >= say_at:
                self._say(now)
                say_at += SAY_SECONDS
            processes.look()
            time.sleep(LOOK_SECONDS)
        self.report.published_seconds = processes.elapsed

    def drain(self) -> None:
        """Wait until every article is answered and every alert is told."""
        begun = time.monotonic()
        ends: dict[int, int] | None = None
        while True:
            self._processes.look()
            waits = waiting(self._settings, self._articles_id, ends or {})
            if not waits:
                before, ends = ends, article_ends(self._settings)
                if before == ends:
                    break
            if time.monotonic() > begun + DRAIN_SECONDS:
                raise NotDone(f"not at rest {DRAIN_SECONDS:.0f} s after the last article: {waits}")
            time.sleep(LOOK_SECONDS)
        self.report.drained_seconds = time.monotonic() - begun

    def check(self) -> None:
        """Hold what is left against the backtest and against what the design lets grow."""
        report, corpus = self.report, self._plan.corpus
        self._processes.stop(lambda _name: True)
        left = read_left(
            self._settings,
            self._articles_id,
            confirmed=list(history.read(self._log)),
            deaths=self._processes.deaths,
        )
        rules = load_rules(RULES, load_registry())
        stages = [load_stage(name) for name in FACETS]
        oracle = list(backtest(corpus.telling(), rules, stages, now=NOW))
        report.findings += [
            f"{one.verdict}: {one.what}" for one in check(left, corpus, oracle, set(), report.kills)
        ]
        report.alerts = len(oracle)
        report.published_again = sum(MENDS in dict(record.headers) for record in left.articles)
        report.deaths = sum(not death.asked for death in left.deaths)
        self._count(left, len(list(rules)))

    def _count(self, left: Left, rules: int) -> None:
        report, corpus = self.report, self._plan.corpus
        engine = connect(self._settings.store.get_secret_value(), to_write=False)
        try:
            report.rows = row_counts(engine)
        finally:
            engine.dispose()
        told = {(alert.id, *alert.order) for alert in map(Alert.from_json, (one.value for one in left.told))}
        report.revisions = len(told)
        articles, versions = corpus.versions()
        work = Work(
            articles=articles,
            versions=versions,
            telling=sum(1 for _ in corpus.telling()),
            alerts=len(left.table),
            revisions=len(told),
            kills_of_the_sink=report.kills_of_the_sink,
            rules=rules,
            partitions=self._settings.partitions,
        )
        report.findings += outgrown(report.rows, work)
        report.store_bytes = self._store.stat().st_size
        if report.wal_bytes > WAL_BYTES:
            report.findings.append(f"the store's journal had {report.wal_bytes} bytes")
        for name, one in report.measurements.series.items():
            if (
                one.files
                and max(one.files[len(one.files) // 2 :]) > max(one.files[: len(one.files) // 2]) + MORE_FILES
            ):
                report.findings.append(f"{name} opens more and more files: {max(one.files)}")

    def _kill(self, now: float) -> None:
        victims = VICTIMS if now < self._plan.seconds * MEASURED else (*VICTIMS, "sink", "sink")
        name = self._chance.choice(victims)
        process = self._processes.running(name)
        if process is None:
            return
        process.kill()
        self.report.kills.append(Fault(round(now, 1), "kill", name, 0))
        for child in self._supervisor.children:
            if child.name == name:
                child.deaths = 0  # it isn't the child that is broken: `summitry up` would give it up

    def _measure(self, now: float) -> None:
        spared = ("sink", *WORKERS) if now < self._plan.seconds * MEASURED else WORKERS
        self.report.measurements.take(self._processes, spared)
        journal = self._store.with_name(self._store.name + "-wal")
        if journal.exists():
            self.report.wal_bytes = max(self.report.wal_bytes, journal.stat().st_size)

    def _confirmed(self) -> int:
        return len({one.entry for one in history.read(self._log)})

    def _say(self, now: float) -> None:
        waits = waiting(self._settings, self._articles_id, article_ends(self._settings))
        print(
            f"{now:.0f} s: {self._confirmed()} published, {len(self.report.kills)} kills; {waits or 'nothing waits'}",
            flush=True,
        )


def as_json(plan: Plan, report: Report) -> dict[str, Any]:
    """What is told of a soak, but for its processes."""
    count = len(plan.corpus)
    return {
        "seed": plan.seed,
        "minutes": round(plan.seconds / 60, 1),
        "rate": plan.rate,
        "articles": count,
        "backlog": plan.backlog,
        "kills": len(report.kills),
        "kills_of_the_sink": report.kills_of_the_sink,
        "deaths": report.deaths,
        "published_seconds": round(report.published_seconds, 1),
        "drained_seconds": round(report.drained_seconds, 1),
        "published_again": report.published_again,
        "alerts": report.alerts,
        "revisions": report.revisions,
        "rows": report.rows,
        "store_bytes_an_article": round(report.store_bytes / count),
        "journal_bytes_most": report.wal_bytes,
        "findings": report.findings,
    }
