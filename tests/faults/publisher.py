"""The publisher of a run, a process of its own: sends the corpus, and notes each confirmation.

`python -m faults.publisher SEED SECONDS HISTORY`; it may be killed and started again at any time.
"""

import signal
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faults import history
from faults.corpus import NOW, Entry, burst, entries
from streams import broker
from streams.core.article import Article
from streams.core.errors import EXIT_NOTHING_ANSWERS, BrokerUnavailable
from streams.core.instants import milliseconds
from streams.publish import publish
from streams.settings import Settings
from streams.topology import ARTICLES


def main(seed: int, seconds: float, log: Path) -> None:
    """Send what isn't confirmed yet, over the time, then stay until ended."""
    settings = Settings()
    known = {confirmed.entry for confirmed in history.read(log)}
    corpus = entries(seed)
    waiting = [(number, entry) for number, entry in enumerate(corpus) if number not in known]
    sent: dict[bytes, deque[int]] = defaultdict(deque)
    raw = broker.producer(settings)
    step = burst(seed)

    def articles() -> Iterator[Article]:
        for number, entry in waiting:
            if number % step == 0:
                time.sleep(seconds * step / len(corpus))
            if entry.article is None:
                _send(raw, settings, number, entry, log)
            else:
                sent[entry.value or b""].append(number)
                yield entry.article

    for done in publish(articles(), settings, clock=lambda: NOW):
        number = sent[done.article.to_json()].popleft()
        history.append(log, history.Confirmed(number, done.partition, done.offset))
    raw.close()
    signal.pause()


def _send(producer: Any, settings: Settings, number: int, entry: Entry, log: Path) -> None:
    stream = settings.stream_name(ARTICLES)
    future = producer.send(stream, key=entry.key, value=entry.value, timestamp_ms=milliseconds(NOW))
    place = future.get(timeout=60)
    history.append(log, history.Confirmed(number, place.partition, place.offset))


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
    except BrokerUnavailable as error:
        sys.stderr.write(f"publisher: {error}\n")
        sys.exit(EXIT_NOTHING_ANSWERS)
