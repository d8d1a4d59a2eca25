"""The publisher of a soak, a process of its own: so many articles a second, each confirmation noted.

`python -m soak.publisher SEED COUNT BACKLOG RATE HISTORY`: the first BACKLOG as fast as it can, the others
at the rate; started again it goes on with what isn't confirmed.
"""

import signal
import sys
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

from faults import history

from soak.articles import NOW, made
from streams.core.article import Article
from streams.core.errors import EXIT_NOTHING_ANSWERS, BrokerUnavailable
from streams.publish import publish
from streams.settings import Settings


def main(seed: int, count: int, backlog: int, rate: float, log: Path) -> None:
    """Send what isn't confirmed yet, then stay until ended."""
    known = {confirmed.entry for confirmed in history.read(log)}
    sent: dict[bytes, deque[int]] = defaultdict(deque)

    def articles() -> Iterator[Article]:
        paced_from = time.monotonic()
        for number in range(count):
            if number in known:
                continue
            if number < backlog:
                paced_from = time.monotonic()
            else:
                time.sleep(max(0.0, paced_from - time.monotonic()))
                paced_from += 1 / rate
            article = made(seed, number)
            sent[article.to_json()].append(number)
            yield article

    for done in publish(articles(), Settings(), clock=lambda: NOW):
        value = done.article.to_json()
        history.append(log, history.Confirmed(sent[value].popleft(), done.partition, done.offset))
        if not sent[value]:
            del sent[value]
    signal.pause()


if __name__ == "__main__":
    try:
        seed, count, backlog = map(int, sys.argv[1:4])
        main(seed, count, backlog, float(sys.argv[4]), Path(sys.argv[5]))
    except BrokerUnavailable as error:
        sys.stderr.write(f"publisher: {error}\n")
        sys.exit(EXIT_NOTHING_ANSWERS)
