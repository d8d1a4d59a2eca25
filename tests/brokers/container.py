"""Apache Kafka as a container, where a Docker engine answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from docker.errors import DockerException
from testcontainers.community.kafka import KafkaContainer
from testcontainers.core.docker_client import DockerClient


def engine_answers() -> bool:
    """Whether containers can be started here."""
    try:
        return bool(DockerClient().client.ping())
    except DockerException:
        return False


@contextmanager
def kafka_container() -> Iterator[str]:
    """The bootstrap address of a broker that is up, and gone when the block is left."""
    with KafkaContainer().with_kraft() as container:
        yield container.get_bootstrap_server()
