"""The broker: clients with every default that matters set, and the streams that must be there."""

import logging
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
)

from streams.core.errors import BrokerUnavailable, StreamsMismatch
from streams.core.facets import Stage
from streams.refusals import Refusals
from streams.settings import Settings
from streams.topology import MAX_REPLICAS, STREAMS, Stream

BOOTSTRAP_TIMEOUT_MS = 5_000
ANSWER_TIMEOUT_MS = 4_000
"""Less than a stand-by's patience: a sink that waits for the broker must go on to renew its lease."""
ANSWER_SECONDS = 10.0
"""How long a broker that is there may take to say where each partition ends."""
LAST_RECORD_SECONDS = 1.0
APPLY_SECONDS = 10.0
LOOK_SECONDS = 0.1
CLOSE_SECONDS = 5
"""How long a producer that is closed may still deliver what it holds."""


class Producer(KafkaProducer):  # type: ignore[misc]  # kafka-python has no types
    """A producer that can be closed while the broker is away: what it then can't deliver is dropped.

    kafka-python's own raises, and goes on trying in the background.
    """

    def close(self, timeout: float = CLOSE_SECONDS, *, null_logger: bool = False) -> None:
        """Deliver what there is, for as many seconds at most, and end."""
        try:
            super().close(timeout, null_logger)
        except KafkaTimeoutError:
            self._sender.force_close()
            self._sender.join(CLOSE_SECONDS)
            super().close(CLOSE_SECONDS, null_logger)


@contextmanager
def admin(settings: Settings) -> Iterator[KafkaAdminClient]:
    """An admin client; raises BrokerUnavailable if no broker answers, or what is asked isn't allowed."""
    with _answering(settings):
        client = KafkaAdminClient(**_common(settings))
    try:
        yield client
    except (
        TopicAuthorizationFailedError,
        GroupAuthorizationFailedError,
        ClusterAuthorizationFailedError,
    ) as error:
        raise BrokerUnavailable(
            f"the broker at {settings.bootstrap} doesn't allow this to {settings.username or 'whoever asks'}"
            f" ({type(error).__name__}): give the user the rights in docs/deployment.md"
        ) from error
    finally:
        client.close()


def producer(settings: Settings, **options: Any) -> Producer:
    """An idempotent producer that waits for all replicas; raises BrokerUnavailable."""
    with _answering(settings):
        return Producer(
            **_common(settings), acks="all", enable_idempotence=True, compression_type="lz4", **options
        )


def consumer(settings: Settings, **options: Any) -> KafkaConsumer:
    """A consumer that commits nothing by itself and never skips; raises BrokerUnavailable."""
    defaults: dict[str, Any] = {"enable_auto_commit": False, "auto_offset_reset": "none"}
    with _answering(settings):
        return KafkaConsumer(**_common(settings), isolation_level="read_committed", **(defaults | options))


def answers(settings: Settings) -> bool:
    """Whether a broker answers at the bootstrap address."""
    try:
        with admin(settings):
            return True
    except BrokerUnavailable:
        return False


def topic_ids(settings: Settings, streams: Iterable[Stream] = STREAMS) -> dict[str, str]:
    """The topic id of each stream, by the stream's name in the topology.

    A topic that is made anew has another id. Raises StreamsMismatch if a stream isn't there.
    """
    wanted = list(streams)
    found = _describe(settings)
    missing = [stream for stream in wanted if settings.stream_name(stream) not in found]
    if missing:
        names = ", ".join(settings.stream_name(stream) for stream in missing)
        raise StreamsMismatch(f"the broker has no {names}: run: summitry streams apply")
    return {stream.name: str(found[settings.stream_name(stream)]["topic_id"]) for stream in wanted}


def partition_count(settings: Settings, stream: Stream) -> int:
    """How many partitions the stream has; raises StreamsMismatch if it isn't there."""
    found = _describe(settings).get(settings.stream_name(stream))
    if found is None:
        raise StreamsMismatch(
            f"the broker has no {settings.stream_name(stream)}: run: summitry streams apply"
        )
    return len(found["partitions"])


def apply_streams(settings: Settings, *, for_good: bool = False) -> list[str]:
    """Create the streams that are missing and the partitions that others have fewer of; their names.

    Raises BrokerUnavailable if the broker refuses, StreamsMismatch if they aren't there afterwards.
    Streams `for_good` have no retention: it goes by the records' time stamps, and a replay's may be old.
    """
    found = _describe(settings)
    missing = [stream for stream in STREAMS if settings.stream_name(stream) not in found]
    counts = {name: len(topic["partitions"]) for name, topic in found.items()}
    partitions = max(counts.values(), default=settings.partitions)
    with admin(settings) as client:
        replicas = min(MAX_REPLICAS, len(client.describe_cluster()["brokers"]))
        topics = [
            NewTopic(
                settings.stream_name(stream), partitions, replicas, topic_configs=stream.config(replicas)
            )
            for stream in (replace(one, retention_days=None) if for_good else one for one in missing)
        ]
        fewer = {name: partitions for name, count in counts.items() if count < partitions}
        try:
            if topics:
                client.create_topics(topics)
            if fewer:
                client.create_partitions(fewer)
        except TopicAlreadyExistsError:
            pass  # somebody else applies them too
        except KafkaError as error:
            raise BrokerUnavailable(
                f"the broker at {settings.bootstrap} won't create streams: {error}"
            ) from error
    # A broker confirms a change before all of it know of it.
    deadline = time.monotonic() + APPLY_SECONDS
    while (missing or fewer) and check_streams(settings) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    require_streams(settings)
    return [settings.stream_name(stream) for stream in missing] + sorted(fewer)


def require_streams(settings: Settings) -> None:
    """Raise StreamsMismatch saying what to do, unless all streams are there as they should be."""
    if problems := check_streams(settings):
        raise StreamsMismatch("\n".join([*problems, "run: summitry streams apply"]))


def check_streams(settings: Settings) -> list[str]:
    """What is wrong with the streams, in words; empty if all are there with equal partitions."""
    found = _describe(settings)
    problems = []
    partitions: dict[str, int] = {}
    for stream in STREAMS:
        name = settings.stream_name(stream)
        if name not in found:
            problems.append(f"{name} is missing")
        else:
            partitions[name] = len(found[name]["partitions"])
    if len(set(partitions.values())) > 1:
        counts = ", ".join(f"{name} has {count}" for name, count in partitions.items())
        problems.append(f"all streams need the same number of partitions, but {counts}")
    return problems


def delete_streams(settings: Settings) -> None:
    """Delete all streams under the settings' prefix."""
    with admin(settings) as client:
        client.delete_topics([settings.stream_name(stream) for stream in STREAMS])


def log_ends(reader: KafkaConsumer, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
    """The offset after the last record of each partition, as far as the broker knows it.

    Raises KafkaTimeoutError if it doesn't answer.
    """
    ends: dict[TopicPartition, int] = reader.end_offsets(list(partitions), timeout_ms=ANSWER_TIMEOUT_MS)
    return ends


def true_ends(settings: Settings, partitions: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
    """The offset after the last record of each partition, as a fetch tells it.

    The embedded broker answers the plain question with an older offset; its fetches are right.
    """
    wanted = list(partitions)
    with closing(consumer(settings, fetch_max_wait_ms=50)) as reader:
        reader.assign(wanted)
        return _fetched_ends(reader, wanted, settings)


class Extent(NamedTuple):
    """What a partition holds: the offsets [start, end), and its last record if it can be read at once."""

    start: int
    end: int
    last: Any | None


def extents(settings: Settings, streams: Sequence[Stream]) -> dict[Stream, dict[int, Extent]]:
    """What each partition of these streams holds. Raises BrokerUnavailable if the broker doesn't tell."""
    found = _describe(settings)
    places = {
        TopicPartition(settings.stream_name(stream), number): stream
        for stream in streams
        if (topic := found.get(settings.stream_name(stream)))
        for number in range(len(topic["partitions"]))
    }
    held: dict[Stream, dict[int, Extent]] = {stream: {} for stream in streams}
    if not places:
        return held
    with closing(consumer(settings, fetch_max_wait_ms=50)) as reader:
        reader.assign(list(places))
        try:
            starts = reader.beginning_offsets(list(places))
            ends = _fetched_ends(reader, list(places), settings)
            last = _last_records(reader, {p: end for p, end in ends.items() if end > starts[p]})
        except KafkaError as error:
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} failed: {error}") from error
    for place, stream in places.items():
        held[stream][place.partition] = Extent(starts[place], ends[place], last.get(place))
    return held


def _fetched_ends(
    reader: KafkaConsumer, wanted: Sequence[TopicPartition], settings: Settings
) -> dict[TopicPartition, int]:
    ends: dict[TopicPartition, int] = {}
    deadline = time.monotonic() + ANSWER_SECONDS
    reader.seek_to_end(*wanted)
    while len(ends) < len(wanted):
        reader.poll(timeout_ms=100)
        known = {partition: reader.highwater(partition) for partition in wanted}
        ends |= {partition: high for partition, high in known.items() if high is not None}
        if len(ends) < len(wanted) and time.monotonic() > deadline:
            silent = ", ".join(f"{p.topic}[{p.partition}]" for p in wanted if p not in ends)
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} doesn't serve {silent}")
    return ends


def _last_records(reader: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> dict[TopicPartition, Any]:
    if not ends:
        return {}
    # The last offset may hold a transaction's marker, or be compacted away: then nothing comes.
    deadline = time.monotonic() + LAST_RECORD_SECONDS
    reader.assign(list(ends))
    for partition, end in ends.items():
        reader.seek(partition, end - 1)
    found: dict[TopicPartition, Any] = {}
    while len(found) < len(ends) and time.monotonic() < deadline:
        for partition, records in reader.poll(timeout_ms=100).items():
            found[partition] = records[-1]
    return found


def acknowledged(settings: Settings, stage: Stage) -> dict[int, int]:
    """Up to which offset of each partition of the articles a stage's workers have acknowledged them."""
    group = settings.group_name(stage)
    with admin(settings) as client:
        found = client.list_group_offsets([group])[group]
    return {partition.partition: known.offset for partition, known in found.items() if known.offset >= 0}


def _describe(settings: Settings) -> dict[str, Any]:
    with admin(settings) as client:
        present = set(client.list_topics())
        names = [settings.stream_name(stream) for stream in STREAMS]
        wanted = [name for name in names if name in present]
        return {topic["name"]: topic for topic in client.describe_topics(wanted)} if wanted else {}


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """What the broker's certificate is checked by; None without TLS. Raises BrokerUnavailable."""
    if not settings.uses_tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.ca)
    except ssl.SSLError as error:
        raise BrokerUnavailable(f"SUMMITRY_CA holds no certificates that can be read: {error}") from error


def _common(settings: Settings) -> dict[str, Any]:
    password = settings.password.get_secret_value() if settings.password else None
    return {
        "bootstrap_servers": settings.bootstrap.split(","),
        "client_id": "summitry",
        "bootstrap_timeout_ms": BOOTSTRAP_TIMEOUT_MS,
        "security_protocol": settings.security,
        "ssl_context": tls_context(settings),
        "sasl_mechanism": settings.sasl_mechanism if settings.uses_sasl else None,
        "sasl_plain_username": settings.username,
        "sasl_plain_password": password,
    }


@contextmanager
def _answering(settings: Settings) -> Iterator[None]:
    """Raise BrokerUnavailable with the reason, which kafka-python tells its log alone."""
    heard = Refusals()
    logger = logging.getLogger("kafka")
    level, propagate = logger.level, logger.propagate
    logger.addHandler(heard)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except (KafkaTimeoutError, KafkaError, OSError) as error:
        if heard.reason:
            raise BrokerUnavailable(f"the broker at {settings.bootstrap} {heard.reason}") from error
        raise BrokerUnavailable(f"no broker answers at {settings.bootstrap}: run: summitry up") from error
    finally:
        logger.propagate = propagate
        logger.setLevel(level)
        logger.removeHandler(heard)
