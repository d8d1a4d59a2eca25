"""The streams on the broker: created, checked, described."""

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kafka.admin import NewTopic
from kafka.errors import KafkaError, TopicAlreadyExistsError

from streams.broker.clients import admin
from streams.core.errors import BrokerUnavailable, StreamsMismatch
from streams.settings import Settings
from streams.topology import MAX_REPLICAS, STREAMS, Stream

APPLY_SECONDS = 10.0
LOOK_SECONDS = 0.1


def topic_ids(settings: Settings, streams: Iterable[Stream] = STREAMS) -> dict[str, str]:
    """The topic id of each stream, by the stream's name in the topology.

    A topic that is made anew has another id. Raises StreamsMismatch if a stream isn't there.
    """
    wanted = list(streams)
    found = describe(settings)
    missing = [stream for stream in wanted if settings.stream_name(stream) not in found]
    if missing:
        names = ", ".join(settings.stream_name(stream) for stream in missing)
        raise StreamsMismatch(f"the broker has no {names}: run: summitry streams apply")
    return {stream.name: str(found[settings.stream_name(stream)]["topic_id"]) for stream in wanted}


def partition_count(settings: Settings, stream: Stream) -> int:
    """How many partitions the stream has; raises StreamsMismatch if it isn't there."""
    found = describe(settings).get(settings.stream_name(stream))
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
    found = describe(settings)
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
    found = describe(settings)
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


def describe(settings: Settings) -> dict[str, Any]:
    """What the broker says of the streams that are there, by their names on it."""
    with admin(settings) as client:
        present = set(client.list_topics())
        names = [settings.stream_name(stream) for stream in STREAMS]
        wanted = [name for name in names if name in present]
        return {topic["name"]: topic for topic in client.describe_topics(wanted)} if wanted else {}
