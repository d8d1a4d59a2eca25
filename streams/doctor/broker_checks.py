"""Checks of the broker and of the streams on it."""

from collections.abc import Iterator

from streams import broker
from streams.core.message import MAX_BYTES
from streams.core.summary import some
from streams.doctor.cluster import Cluster
from streams.doctor.findings import CLOCK_SECONDS, Context, Finding
from streams.topology import MAX_REPLICAS

OLDEST = (2, 8)
"""The first Apache Kafka whose topics have ids."""
RECORD_BYTES = MAX_BYTES + 64 * 1024
"""The largest record that Summitry writes: its value, and room for key and headers."""
REQUEST_BYTES = 2 * 1024 * 1024


def reachable(context: Context) -> Iterator[Finding]:
    """Whether a broker answers, and what it is."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster):
        yield Finding("broker", "wrong", str(cluster))
        return
    speaks = ".".join(map(str, cluster.version))
    kind = "embedded broker" if cluster.embedded else "Apache Kafka or alike"
    says = f"{kind} at {context.settings.bootstrap}, speaks Kafka {speaks}, {some(cluster.brokers, 'broker')}"
    if cluster.version < OLDEST:
        yield Finding("broker", "wrong", says, "upgrade it: Summitry needs the topic ids of Kafka 2.8")
    else:
        yield Finding("broker", "good", says)


def streams(context: Context) -> Iterator[Finding]:
    """Whether every stream is there, with equal partitions that somebody leads."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster):
        return
    problems = broker.check_streams(context.settings)
    for problem in problems:
        yield Finding("streams", "wrong", problem, "run: summitry streams apply")
    for stream, topic in cluster.topics.items():
        if topic.leaderless:
            name = context.settings.stream_name(stream)
            says = f"{topic.leaderless} partitions of {name} are led by no broker"
            yield Finding("streams", "wrong", says, "start the brokers that are down")
    if not problems:
        count = broker.partition_count(context.settings, next(iter(cluster.topics)))
        yield Finding(
            "streams", "good", f"all {len(cluster.topics)} are there, with {some(count, 'partition')} each"
        )


def replication(context: Context) -> Iterator[Finding]:
    """Whether the streams have as many copies as the cluster allows, and all of them are fresh."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster) or not cluster.topics:
        return
    allowed = min(MAX_REPLICAS, cluster.brokers)
    few = {stream: topic for stream, topic in cluster.topics.items() if topic.replicas < allowed}
    for stream, topic in few.items():
        name = context.settings.stream_name(stream)
        says = f"{name} has {some(topic.replicas, 'replica')}, {cluster.brokers} brokers allow {allowed}"
        yield Finding("replication", "warning", says, "raise it with kafka-reassign-partitions.sh")
    late = [stream for stream, topic in cluster.topics.items() if topic.in_sync < topic.replicas]
    if late:
        names = ", ".join(context.settings.stream_name(stream) for stream in late)
        says = f"not all replicas of {names} are in sync"
        yield Finding("replication", "warning", says, "see whether a broker is down, or only catching up")
    if not few and not late:
        yield Finding("replication", "good", f"{some(allowed, 'replica')} each, in sync")


def retention(context: Context) -> Iterator[Finding]:
    """Whether the broker keeps each stream as long as the topology says."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster) or not cluster.topics:
        return
    fits = True
    for stream, topic in cluster.topics.items():
        name = context.settings.stream_name(stream)
        for key, wanted in stream.config(topic.replicas).items():
            if topic.config.get(key, wanted) != wanted:
                fits = False
                yield Finding(
                    "retention",
                    "warning",
                    f"{name} has {key}={topic.config[key]}, the topology says {wanted}",
                    f"unless you mean it: kafka-configs.sh --bootstrap-server {context.settings.bootstrap}"
                    f" --alter --entity-type topics --entity-name {name} --add-config {key}={wanted}",
                )
    if fits:
        yield Finding("retention", "good", "as the topology says")


def limits(context: Context) -> Iterator[Finding]:
    """Whether the broker takes the largest messages and requests, and makes no topics by itself."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster):
        return
    if cluster.configs is None:
        says = f"the broker at {context.settings.bootstrap} doesn't let this login read its settings"
        yield Finding("limits", "warning", says, "allow it DescribeConfigs, or look yourself")
        return
    fits = True
    for config in cluster.configs:
        if int(config.get("socket.request.max.bytes", REQUEST_BYTES)) < REQUEST_BYTES:
            fits = False
            says = f"the broker refuses requests over {config['socket.request.max.bytes']} bytes"
            yield Finding("limits", "wrong", says, f"set socket.request.max.bytes to {REQUEST_BYTES} or more")
        if config.get("auto.create.topics.enable") == "true":
            fits = False
            yield Finding(
                "limits",
                "warning",
                "the broker makes topics by itself, with the wrong partitions, when one is asked for",
                "set auto.create.topics.enable=false",
            )
    for stream, topic in cluster.topics.items():
        if int(topic.config.get("max.message.bytes", RECORD_BYTES)) < RECORD_BYTES:
            fits = False
            name, most = context.settings.stream_name(stream), topic.config["max.message.bytes"]
            mend = f"set its max.message.bytes to {RECORD_BYTES} or more"
            yield Finding("limits", "wrong", f"{name} refuses messages over {most} bytes", mend)
    if fits:
        yield Finding("limits", "good", "large messages fit, and no topic is made by accident")


def clock(context: Context) -> Iterator[Finding]:
    """Whether records come from the future, by this machine's clock: nothing else tells without writing."""
    cluster = context.cluster
    if not isinstance(cluster, Cluster) or not cluster.newest:
        return
    now = context.clock()
    stream, stamp = max(cluster.newest.items(), key=lambda found: found[1])
    ahead = (stamp - now).total_seconds()
    if ahead > CLOCK_SECONDS:
        name = context.settings.stream_name(stream)
        says = f"{name} holds a record that is stamped {ahead:.0f} s in the future"
        yield Finding("clock", "warning", says, "set the clocks of this machine and of the writers by NTP")
    else:
        yield Finding("clock", "good", "no record is from the future")
