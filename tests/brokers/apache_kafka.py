"""Apache Kafka without Docker: its jars from Maven, one node or several, each a process of its own.

Every node is broker and controller. Beside the plain listener the first node can have three more:
TLS, and SASL with and without it; users are USER and PASSWORD, by PLAIN and by SCRAM-SHA-256.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from absent import NotHere
from kafka.errors import KafkaError

from streams import broker
from streams.core.errors import BrokerUnavailable
from streams.embedded import free_port
from streams.settings import Settings

CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
START_SECONDS = 60
USER, PASSWORD = "newsdesk", "a secret with spaces"
STORE_PASSWORD = "changeit"


def jars() -> Path:
    """Where Kafka's jars are; fetched by Maven the first time. Raises NotHere without Java or Maven."""
    for program in ("java", "keytool", "mvn"):
        if shutil.which(program) is None:
            raise NotHere(
                f"Apache Kafka needs Java 17 and Maven, and there is no {program}:"
                " on Debian, apt-get install default-jre-headless maven"
            )
    pom = Path(__file__).with_name("pom.xml")
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "summitry"
    folder = cache / f"apache-kafka-{sha256(pom.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        partial = cache / f"partial-{uuid4().hex}"
        copy = ["dependency:copy-dependencies", f"-DoutputDirectory={partial}"]
        subprocess.run(["mvn", "-q", "-B", "-Dstyle.color=never", "-f", pom, *copy], check=True)
        partial.rename(folder)  # whole, or not there
    return folder


@dataclass
class Node:
    """One broker; `log` holds what it said."""

    number: int
    port: int
    controller_port: int
    folder: Path
    advertised_port: int | None = None
    """Where clients are told to find it, if not at its own port."""
    extra: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / "broker.log"


class Cluster:
    """As many nodes as wanted, on ports that stay theirs when they are killed and started again."""

    def __init__(
        self, folder: Path, *, nodes: int = 1, secured: bool = False, port: int | None = None
    ) -> None:
        self._classpath = f"{jars()}/*"
        self.nodes = [
            Node(number, port or free_port(), free_port(), folder / f"node-{number}")
            for number in range(1, nodes + 1)
        ]
        self.secured = secured
        self.ports = {name: free_port() for name in ("SSL", "SASL_PLAINTEXT", "SASL_SSL")} if secured else {}
        self.certificate = folder / "ca.pem"
        for node in self.nodes:
            node.folder.mkdir(parents=True)
            if secured:
                node.extra = self._secured(node)
            self._configure(node)
            scram = [f"--add-scram=SCRAM-SHA-256=[name={USER},password={PASSWORD}]"] if secured else []
            format_it = ["format", "-t", CLUSTER_ID, "-c", "server.properties", *scram]
            self._run(node, "kafka.tools.StorageTool", *format_it)

    @property
    def bootstrap(self) -> str:
        """The plain listeners' addresses."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def stand_behind(self, ports: Sequence[int]) -> None:
        """Be reached through these ports of proxies, by clients and by one another; before the start."""
        for node, port in zip(self.nodes, ports, strict=True):
            node.advertised_port = port
            self._configure(node)

    def start(self) -> None:
        """Start every node that doesn't run, and wait until the cluster answers."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start every node that doesn't run."""
        for node in self.nodes:
            if node.process is None or node.process.poll() is not None:
                command = [*self._java("-Xmx512m", "-XX:+UseSerialGC"), "kafka.Kafka", "server.properties"]
                with node.log.open("ab") as log:
                    node.process = subprocess.Popen(
                        command, cwd=node.folder, stdout=log, stderr=subprocess.STDOUT
                    )

    def wait(self) -> None:
        """Wait until every node that runs is known to the cluster."""
        settings = Settings(bootstrap=self.bootstrap)
        deadline = time.monotonic() + START_SECONDS
        while not (self.listen() and len(self._brokers(settings)) == len(self.nodes)):
            for node in self.nodes:
                if node.process is not None and node.process.poll() is not None:
                    raise RuntimeError(f"Apache Kafka ended: {node.log.read_text(encoding='utf-8')[-2000:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"Apache Kafka isn't up after {START_SECONDS} s: see {self.nodes[0].log}")
            time.sleep(0.2)

    def process(self, number: int) -> "subprocess.Popen[bytes]":
        """The process of one node that was started."""
        process = self.nodes[number - 1].process
        assert process is not None
        return process

    def kill(self, number: int) -> None:
        """Kill -9 one node and wait until it is gone."""
        process = self.process(number)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End every node; what they held stays in the folder."""
        running = [node.process for node in self.nodes if node.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:  # controllers that lost their quorum wait for it
                process.kill()
                process.wait()

    def listen(self) -> bool:
        """Whether every node's port is open: to ask before that takes the client's patience."""
        for node in self.nodes:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", node.port)):
                    return False
        return True

    @staticmethod
    def _brokers(settings: Settings) -> Sequence[object]:
        try:
            with broker.admin(settings) as client:
                return client.describe_cluster()["brokers"]
        except (BrokerUnavailable, KafkaError):  # it is starting
            return []

    def _java(self, *options: str) -> list[str]:
        return [
            "java",
            *options,
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            self._classpath,
        ]

    def _run(self, node: Node, *arguments: str) -> None:
        done = subprocess.run([*self._java(), *arguments], capture_output=True, cwd=node.folder, check=False)
        if done.returncode:
            raise RuntimeError(f"{arguments[0]} failed: {done.stdout.decode()}{done.stderr.decode()}")

    def _configure(self, node: Node) -> None:
        (node.folder / "server.properties").write_text(self._properties(node), encoding="utf-8")

    def _properties(self, node: Node) -> str:
        count = min(3, len(self.nodes))
        listeners = {"PLAINTEXT": node.port, "CONTROLLER": node.controller_port} | (
            self.ports if node.number == 1 else {}
        )
        advertised = {name: port for name, port in listeners.items() if name != "CONTROLLER"}
        advertised["PLAINTEXT"] = node.advertised_port or node.port
        protocols = {name: name for name in listeners} | {"CONTROLLER": "PLAINTEXT"}
        values = {
            "node.id": node.number,
            "process.roles": "broker,controller",
            "controller.quorum.voters": ",".join(
                f"{n.number}@127.0.0.1:{n.controller_port}" for n in self.nodes
            ),
            "controller.listener.names": "CONTROLLER",
            "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in listeners.items()),
            "advertised.listeners": ",".join(
                f"{name}://127.0.0.1:{port}" for name, port in advertised.items()
            ),
            "listener.security.protocol.map": ",".join(f"{name}:{kind}" for name, kind in protocols.items()),
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": node.folder / "data",
            "auto.create.topics.enable": "false",
            "group.initial.rebalance.delay.ms": 0,
            # One that was killed comes back when its session has ended.
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "offsets.topic.num.partitions": 3,
            "offsets.topic.replication.factor": count,
            "transaction.state.log.replication.factor": count,
            "transaction.state.log.min.isr": max(1, count - 1),
            "share.coordinator.state.topic.replication.factor": count,
            "share.coordinator.state.topic.min.isr": max(1, count - 1),
        }
        return "".join(f"{key}={value}\n" for key, value in (values | node.extra).items())

    def _secured(self, node: Node) -> dict[str, str]:
        """A self-signed certificate, and the same user by PLAIN and by SCRAM."""
        keystore = certificate(node.folder, self.certificate)
        plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule"
        extra = {
            "ssl.keystore.location": str(keystore),
            "ssl.keystore.type": "PKCS12",
            "ssl.keystore.password": STORE_PASSWORD,
            "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
        }
        for listener in ("sasl_plaintext", "sasl_ssl"):
            extra[f"listener.name.{listener}.plain.sasl.jaas.config"] = (
                f'{plain} required user_{USER}="{PASSWORD}";'
            )
            extra[f"listener.name.{listener}.scram-sha-256.sasl.jaas.config"] = f"{scram} required;"
        return extra


def certificate(folder: Path, shown: Path) -> Path:
    """A keystore with a key of its own for 127.0.0.1, whose self-signed certificate is written to `shown`."""
    keystore = folder / "keystore.p12"
    key = ["-keystore", keystore, "-storetype", "PKCS12", "-storepass", STORE_PASSWORD, "-alias", "broker"]
    names = ["-dname", "CN=127.0.0.1", "-ext", "san=ip:127.0.0.1", "-keyalg", "EC", "-validity", "2"]
    subprocess.run(["keytool", "-genkeypair", *key, *names], check=True, capture_output=True)
    export = ["keytool", "-exportcert", "-rfc", *key, "-file", shown]
    subprocess.run(export, check=True, capture_output=True)
    return keystore


@contextmanager
def apache_kafka(
    folder: Path, *, nodes: int = 1, secured: bool = False, port: int | None = None
) -> Iterator[Cluster]:
    """A cluster that is up, and ended when the block is left; `port` is where a single node listens."""
    cluster = Cluster(folder, nodes=nodes, secured=secured, port=port)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
