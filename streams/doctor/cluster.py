"""The broker as it is: its kind, its settings, and the streams on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import AuthorizationError, KafkaError, UnsupportedVersionError

from streams import broker
from streams.core.errors import BrokerUnavailable
from streams.core.instants import from_milliseconds
from streams.settings import Settings
from streams.topology import STREAMS, Stream

EMBEDDED_ID = "tansu_cluster"

Config = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One stream on the broker; `replicas` and `in_sync` are those of its worst partition."""

    replicas: int
    in_sync: int
    leaderless: int
    """How many partitions nobody leads just now."""
    config: Config
    """The broker's settings for it that are known; secret ones aren't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What brokers and streams there are."""

    embedded: bool
    version: tuple[int, ...]
    """Of Apache Kafka, which it speaks like."""
    brokers: int
    configs: tuple[Config, ...] | None
    """Each broker's settings; None if this login may not read them."""
    topics: Mapping[Stream, Topic]
    newest: Mapping[Stream, datetime]
    """The latest time stamp of the last records of each stream."""


def read_cluster(settings: Settings) -> Cluster:
    """Ask the broker for all of it; raises BrokerUnavailable."""
    try:
        with broker.admin(settings) as client:
            described = client.describe_cluster()
            ids = [str(one["broker_id"]) for one in described["brokers"]]
            there = set(client.list_topics())
            names = {settings.stream_name(stream): stream for stream in STREAMS}
            found = [name for name in names if name in there]
            topic_configs = _configs(client, "topic", found)
            broker_configs = _configs(client, "broker", ids)
            topics = {
                names[topic["name"]]: _topic(topic, (topic_configs or {}).get(topic["name"], {}))
                for topic in (client.describe_topics(found) if found else ())
            }
            version = client.get_broker_version_data(int(ids[0])).broker_version
    except KafkaError as error:
        raise BrokerUnavailable(f"the broker at {settings.bootstrap} failed: {error}") from error
    return Cluster(
        embedded=described["cluster_id"] == EMBEDDED_ID,
        version=tuple(version),
        brokers=len(ids),
        configs=None if broker_configs is None else tuple(broker_configs.values()),
        topics=topics,
        newest=_newest(settings),
    )


def _topic(described: Mapping[str, Any], config: Config) -> Topic:
    partitions = described["partitions"]
    return Topic(
        replicas=min(len(one["replica_nodes"]) for one in partitions),
        in_sync=min(len(one["isr_nodes"]) for one in partitions),
        leaderless=sum(one["leader_id"] < 0 for one in partitions),
        config=config,
    )


def _configs(client: KafkaAdminClient, kind: str, names: Iterable[str]) -> dict[str, Config] | None:
    """The settings of each, by its name; None if they may not be read."""
    wanted = [ConfigResource(kind, name) for name in names]
    if not wanted:
        return {}
    try:
        found = client.describe_configs(wanted, config_filter="all")[kind]
    except (AuthorizationError, UnsupportedVersionError):
        return None
    return {
        name: {key: one["value"] for key, one in entries.items() if one["value"] is not None}
        for name, entries in found.items()
    }


def _newest(settings: Settings) -> dict[Stream, datetime]:
    stamps = {
        stream: [extent.last.timestamp for extent in held.values() if extent.last]
        for stream, held in broker.extents(settings, STREAMS).items()
    }
    return {stream: from_milliseconds(max(found)) for stream, found in stamps.items() if found}
