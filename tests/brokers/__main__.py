"""`make broker`: Apache Kafka for trying things, where `summitry` looks for a broker, until Ctrl-C."""

import signal
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from absent import NotHere

from brokers.apache_kafka import apache_kafka, jars
from streams import broker
from streams.settings import Settings

PORT = 19092


def main() -> str | None:
    """Run it; what is wrong, if anything is."""
    address = f"127.0.0.1:{PORT}"
    if broker.answers(Settings(bootstrap=address)):
        return f"a broker answers at {address} already"
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print("fetching Apache Kafka by Maven, unless it is there", flush=True)
    try:
        jars()
    except NotHere as absent:
        return str(absent)
    with TemporaryDirectory(prefix="summitry-kafka-") as folder:
        print(f"starting Apache Kafka in {folder}", flush=True)
        with apache_kafka(Path(folder) / "cluster", port=PORT):
            print(f"Apache Kafka answers at {address}: in another terminal, run: summitry up")
            print("end with Ctrl-C; what it holds is gone then", flush=True)
            stop.wait()
    return None


sys.exit(main())
