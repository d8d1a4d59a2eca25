"""Whatever happens in whatever order, short of a process: the tables and what is told stay as promised.

The steps are those of production: articles in every shape, workers that repeat, lag, pass by and read by
another registry, a sink that dies between any two of its steps or wakes too late, stores that are lost,
restored and pruned, rules that change. See world.py for what is real.
"""

from collections import defaultdict
from contextlib import ExitStack, suppress
from datetime import timedelta
from itertools import pairwise, product
from operator import attrgetter
from random import Random
from typing import Any

from corpora import ACTORS, DAY, OLDER, REGISTRY, STAGES, made, some, versions
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from reference import EPOCH, current, reference, shown
from sqlalchemy import func, select
from world import BEFORE_COMMIT, PARTITIONS, POINTS, Crash, Database, World

from streams.backtest import backtest
from streams.core.alert import Alert
from streams.core.article import Article, check_published
from streams.core.errors import InvalidMessage, StoreConflict
from streams.core.facets import FACETS, Stage
from streams.core.instants import from_milliseconds
from streams.core.rules import Rule, RuleBook
from streams.sink.batch import MAX_WAIT_SECONDS
from streams.store.alerts import unsent
from streams.store.progress import Answered
from streams.store.prune import prune
from streams.store.reading import count_unsent, read_alerts, read_progress
from streams.store.tables import mend, pending
from streams.topology import ALERTS, ARTICLES, DEAD_LETTERS, FACET_STREAMS

STAGE = st.sampled_from(sorted(FACETS))
SEED = st.integers(0, 2**32)
PARTITION = st.integers(0, PARTITIONS - 1)
PAUSE = st.sampled_from([0.0, 0.1, MAX_WAIT_SECONDS, 1.0, 11.0])
AT_MOST = st.sampled_from([1, 3, 500])
GARBAGE = [None, b"", b"\xff", b"[1]", b'{"id":"a1"}', b'{"title":"no more"}']
DRAIN_TURNS = 300
"""How many turns of the sink everything is given to come to rest."""


def nothing(_point: str) -> None:
    """Goes on."""


ANY_TWO = Rule(id="any-two", version=1, actors=tuple(ACTORS))


class Machine(RuleBasedStateMachine):
    """One life of a deployment."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world = World()
        self.stack.enter_context(self.world.kafka.served())
        self.backup: Database | None = None
        self.sink: Any = None
        self.read = [0] * PARTITIONS
        self.contents: dict[tuple[str, int, int], bytes] = {}
        self.told: dict[str, Alert] = {}
        self.frontiers: dict[Any, Any] = {}
        self.file = RuleBook([])
        self.names = "a"

    @initialize(data=st.data(), mixed=st.sampled_from(["entities", "sentiment"]), seed=SEED)
    def begin(self, data: st.DataObject, mixed: Stage, seed: int) -> None:
        """Rules that there may be, which stage may be run with an older registry, and the first articles."""
        self.known = [ANY_TWO, *(one for name in ("r0", "r1") for one in data.draw(versions(name)))]
        self.mixed = mixed
        self.change_rules(data)
        self.publish(seed, 8)

    # What is published

    @rule(seed=SEED, count=st.integers(1, 8))
    def publish(self, seed: int, count: int) -> None:
        """New articles, versions of them, and their withdrawals."""
        chance = Random(seed)
        for _ in range(count):
            one = made(chance.choice, self.names)
            self.world.publish(one.id.encode(), one.to_json())

    @rule(value=st.sampled_from(GARBAGE), partition=PARTITION)
    def publish_garbage(self, value: bytes | None, partition: int) -> None:
        """What no stage can read."""
        self.world.publish(b"garbage", value, partition)

    @rule(which=st.integers(0, 99))
    def duplicate(self, which: int) -> None:
        """A publisher sends again what it has sent."""
        sent = self.world.kafka.records(ARTICLES)
        mine = [one for one in sent if (one.key or b"").startswith(self.names.encode())]
        if mine:
            self.world.publish(*mine[which % len(mine)][3:5])

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        """Time goes by."""
        self.world.now += timedelta(hours=hours)

    # The workers

    @rule(stage=STAGE, partition=PARTITION, count=st.integers(1, 5))
    def work(self, stage: Stage, partition: int, count: int) -> None:
        """A worker reads on."""
        self.world.work(stage, partition, count)

    @rule()
    def work_off(self) -> None:
        """All workers read all that there is."""
        for stage, partition in product(FACETS, range(PARTITIONS)):
            self.world.work(stage, partition, 10_000)

    @rule(stage=STAGE, partition=PARTITION, count=st.integers(1, 3))
    def fall_back(self, stage: Stage, partition: int, count: int) -> None:
        """A worker dies before it has acknowledged: another one repeats its answers."""
        if self.names == "a":  # what was pruned would come back
            self.world.move(stage, partition, self.world.next[stage, partition] - count)

    @rule(stage=STAGE, partition=PARTITION)
    def pass_by(self, stage: Stage, partition: int) -> None:
        """A worker acknowledges a record that it has not answered."""
        self.world.move(stage, partition, self.world.next[stage, partition] + 1)

    @rule(older=st.booleans())
    def change_registry(self, older: bool) -> None:
        """A stage's worker is replaced by one with an older registry, or by one as it should be."""
        self.world.registries[self.mixed] = OLDER if older else REGISTRY

    @rule(stage=STAGE, partition=PARTITION)
    def meddle(self, stage: Stage, partition: int) -> None:
        """Somebody else writes to a stream of facets."""
        topic = self.world.kafka.settings.stream_name(FACET_STREAMS[stage])
        self.world.kafka.append(topic, key=b"?", value=b"{}", partition=partition)

    # The sink

    @rule(seed=SEED, seconds=PAUSE)
    def flow(self, seed: int, seconds: float) -> None:
        """Articles come, are read, and are told of."""
        self.publish(seed, 4)
        self.work_off()
        self.turn(2, seconds, 500)

    @rule(count=st.integers(1, 3), seconds=PAUSE, at_most=AT_MOST)
    def turn(self, count: int, seconds: float, at_most: int) -> None:
        """The sink reads on; it is started if need be."""
        self.world.kafka.at_most = at_most
        for _ in range(count):
            self.turn_once(seconds)

    def turn_once(self, seconds: float) -> None:
        """One turn of the sink, some seconds after the one before."""
        self.world.seconds += seconds
        turns = self.sink = self.sink or self.world.start(self.file)
        try:
            next(turns)
        except (Crash, StoreConflict):
            if self.sink is turns:
                self.sink = None
            raise
        if self.sink is turns:
            self.world.database.taken_over = True

    def end_sink(self) -> None:
        """The sink is gone, if there is one."""
        if self.sink is not None:
            self.sink.close()
            self.sink = None

    @rule()
    def end(self) -> None:
        """The sink is ended."""
        self.end_sink()

    @rule(seed=SEED, point=st.sampled_from((BEFORE_COMMIT, *POINTS)), nth=st.integers(0, 3), seconds=PAUSE)
    def crash(self, seed: int, point: str, nth: int, seconds: float) -> None:
        """The sink dies at the nth time that it comes to a point, if it does."""
        self.publish(seed, 3)
        self.work_off()
        left = nth

        def die(here: str) -> None:
            nonlocal left
            left -= here == point
            if left < 0:
                raise Crash

        self.world.reached = die
        with suppress(Crash):
            for _ in range(3):
                self.turn_once(seconds)
        self.world.reached = nothing

    @rule(seed=SEED, point=st.sampled_from(POINTS), seconds=PAUSE, at_most=AT_MOST, same_name=st.booleans())
    def freeze(self, seed: int, point: str, seconds: float, at_most: int, same_name: bool) -> None:
        """A sink freezes at a point, another takes over; who wakes may repeat itself, and writes nothing.

        If both go by one name, only the offsets tell them apart: it goes on until it applies what it reads.
        """
        first: Any = None
        dumps: list[str] = []

        def take_over(here: str) -> None:
            nonlocal first
            if here == point:
                self.world.reached = nothing
                first, self.sink = self.sink, None
                self.world.holder -= same_name
                self.turn(3, seconds, 500)
                dumps.append(self.world.database.dump())
                self.frontiers_go_forward()

        self.publish(seed, 3)
        self.work_off()
        self.world.reached = take_over
        with suppress(StoreConflict):
            self.turn(1, seconds, at_most)
            for _ in range(3 if first is not None else 0):
                self.world.seconds += 1.0  # who looks has to write
                next(first)
                assert same_name, "two sinks write"
        self.world.reached = nothing
        assert same_name or dumps in ([], [self.world.database.dump()])

    @rule(data=st.data())
    @precondition(lambda self: self.world.database.pruned is None)
    def change_rules(self, data: st.DataObject) -> None:
        """The sink is started again with another rules file."""
        self.end_sink()
        self.file = RuleBook(data.draw(st.lists(st.sampled_from(self.known), unique=True, min_size=1)))

    # The store

    @rule()
    def lose(self) -> None:
        """The store is lost."""
        self.replace(Database.new())

    @rule()
    def back_up(self) -> None:
        """A copy of the store is kept."""
        if self.backup is not None:
            self.backup.engine.dispose()
        self.backup = self.world.database.copy()

    @rule()
    @precondition(lambda self: self.backup is not None)
    def restore(self) -> None:
        """The copy is restored."""
        assert self.backup is not None
        self.replace(self.backup.copy())

    def replace(self, database: Database) -> None:
        """Another store in the place of the one there was."""
        self.end_sink()
        self.world.database.engine.dispose()
        self.world.database = database
        self.frontiers = {}

    @rule(hours=st.integers(0, 96))
    @precondition(lambda self: self.world.database.taken_over and self.names == "a")
    def prune(self, hours: int) -> None:
        """What is old is dropped, when all is read; what comes afterwards is other news."""
        self.drain()
        database = self.world.database
        before = DAY + timedelta(hours=hours)
        database.pruned = max(before, database.pruned or before)
        for _ in prune(database.engine, before):
            pass
        self.names = "b"

    # What must hold

    @invariant()
    def each_revision_has_one_content(self) -> None:
        """On news.alerts, and in what the store has yet to tell."""
        for number in range(PARTITIONS):
            log = self.world.kafka.log(ALERTS, number)
            for record in log[self.read[number] :]:
                alert = Alert.from_json(record.value)
                assert self.contents.setdefault((alert.id, *alert.order), record.value) == record.value
                self.told[alert.id] = max(alert, self.told.get(alert.id, alert), key=attrgetter("order"))
            self.read[number] = len(log)
        if self.world.database.taken_over:
            with self.world.database.engine.connect() as connection:
                for message in unsent(connection):
                    alert = Alert.from_json(message.value)
                    assert self.contents.get((alert.id, *alert.order), message.value) == message.value

    @invariant()
    def what_was_told_is_in_the_table(self) -> None:
        """As it was told, or in a later revision."""
        if self.world.database.taken_over:
            table = {alert.id: alert for alert in read_alerts(self.world.database.engine)}
            for identity, alert in self.told.items():
                assert table[identity].order >= alert.order
                assert table[identity] == alert or table[identity].order > alert.order

    @invariant()
    def frontiers_go_forward(self) -> None:
        """What was answered stays answered."""
        found = read_progress(self.world.database.engine)
        for place, before in self.frontiers.items():
            after = found[place].frontier
            assert after.next >= before.next
            assert all(after.has(at) for start, end in before.ahead for at in range(start, end))
        self.frontiers = {place: answered.frontier for place, answered in found.items()}

    # The end

    def drain(self) -> None:
        """All workers and the sink go on until nothing is left to do."""
        world = self.world
        world.registries = dict.fromkeys(FACETS, REGISTRY)
        world.kafka.at_most = 500
        for number in range(DRAIN_TURNS):
            self.work_off()
            self.turn_once([0.6, 1.1, 11.0][number % 3])
            if number % 3 == 2 and self.is_drained():
                return
        raise AssertionError("it doesn't come to rest")

    def is_drained(self) -> bool:
        """Whether every record is answered and every alert told."""
        engine = self.world.database.engine
        frontiers = read_progress(engine)
        ends = {number: len(self.world.kafka.log(ARTICLES, number)) for number in range(PARTITIONS)}
        with engine.connect() as connection:
            waits = sum(
                connection.scalar(select(func.count()).select_from(table)) or 0 for table in (pending, mend)
            )
        return not (waits or count_unsent(engine)) and all(
            frontiers.get((stage, self.world.articles_id, number), Answered()).frontier.next == end
            for (number, end), stage in product(ends.items(), FACETS)
            if end
        )

    def teardown(self) -> None:
        """Once all is drained the table is the reference's and the backtest's, and has been told."""
        try:
            if self.world.database.pruned is None:
                self.end_sink()
                self.file = RuleBook(self.known)
            self.drain()
            self.each_revision_has_one_content()
            self.what_was_told_is_in_the_table()
            self.check_history()
            self.check_table()
        finally:
            self.end_sink()
            for database in filter(None, (self.backup, self.world.database)):
                database.engine.dispose()
            self.stack.close()

    def check_history(self) -> None:
        """Revisions are 1..n, neighbours differ, and the greatest is what the table says."""
        table = {alert.id: alert.to_json() for alert in read_alerts(self.world.database.engine)}
        told: dict[tuple[str, int], dict[int, Alert]] = defaultdict(dict)
        for (identity, generation, revision), value in sorted(self.contents.items()):
            told[identity, generation][revision] = Alert.from_json(value)
        greatest = {}
        for (identity, _), revisions in told.items():
            assert list(range(1, len(revisions) + 1)) == list(revisions)
            for one, after in pairwise(revisions.values()):
                assert (one.digest, one.state, one.closed) != (after.digest, after.state, after.closed)
            greatest[identity] = revisions[len(revisions)].to_json()
        assert greatest == table

    def check_table(self) -> None:
        """What brute force says of the same facets, and the backtest of the same articles."""
        world, database = self.world, self.world.database
        facets, rules = world.facets, database.rules
        pruned = database.pruned or DAY.replace(year=1000)
        active = [
            alert for alert in read_alerts(database.engine, active_only=True) if alert.window.end > pruned
        ]
        hours = {one.id: one.window_hours for one in rules}
        expected = {
            where: figures
            for where, figures in reference(facets, rules).items()
            if EPOCH + (where[2] + 1) * timedelta(hours=hours[where[0]]) > pruned
        }
        assert expected == shown(active, rules)
        readings = [one for one in current(facets) if len(one.entities.actors) > 1]
        if world.kafka.records(DEAD_LETTERS) or any(
            one.entities.registry != REGISTRY.version for one in readings
        ):
            return  # given up, or both read by the older registry: as it was promised, not as the backtest
        assert not any(one.is_mixed for one in readings)
        oracle = backtest(self.valid(), RuleBook(rules), STAGES, now=world.now)
        bodies = [alert.body_and_id() for alert in oracle if alert.window.end > pruned]
        assert bodies == [alert.body_and_id() for alert in active]

    def valid(self) -> list[Article]:
        """The articles that could be read when they were sent."""
        found = []
        for record in self.world.kafka.records(ARTICLES):
            try:
                article = Article.from_json(record.value)
                check_published(article, from_milliseconds(record.timestamp))
            except InvalidMessage:
                continue
            found.append(article)
        return found


Machine.TestCase.settings = some(25)
TestMachine = Machine.TestCase
