"""Keys, headers and time stamps that mean harm, around articles that are none."""

from typing import Any

from poison.made import PAIR, bad, value

LETTER = "not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)"


def _refused(*headers: tuple[str, bytes], **record: Any) -> dict[str, Any]:
    return {"value": b"x", "reason": LETTER, "headers": list(headers)} | record


def _read(name: str, *headers: tuple[str, bytes], **record: Any) -> dict[str, Any]:
    return {"value": value(name), "actors": PAIR, "headers": list(headers)} | record


RECORDS: dict[str, dict[str, Any]] = {
    "neither key nor value": {"key": None, "value": None, "reason": "the value is null"},
    "no key, and too large to keep": _refused(key=None, value=b"x" * 950_000),
    "too large to keep": _refused(value=b"x" * 950_000),
    "no key": _refused(key=None),
    "empty key": _refused(key=b""),
    "key that isn't UTF-8": _refused(key=b"\xff\xfe\0"),
    "key with escapes": _refused(key=b"\x1b]0;owned\x07\r\n\xe2\x80\xae\xc2\x9b31m"),
    "key of 100 KB": _refused(key=b"k" * 100_000),
    "sent after all years": _refused(sent_ms=10**17),
    "sent before all years": _refused(sent_ms=-(10**15)),
    "an article sent after all years": _read("late", sent_ms=2**62),
    "an article sent before all years": bad(
        "early", "published_at: more than 24 h after the article was sent", published_at="2024-03-02"
    )
    | {"sent_ms": -(2**61), "heals": True},
    "the last year, sent later": bad("last", "published_at: after the year 8999", published_at="9999-12-30")
    | {"sent_ms": 10**17},
    "header values that aren't UTF-8": _refused(
        ("traceparent", b"\xff\xfe"), ("x", b"\xff"), ("ce_id", b"\0")
    ),
    "trace of garbage": _refused(("traceparent", b"00-\r\n\x1b[31m-01"), ("tracestate", b"\x1b" * 90_000)),
    "trace of zeroes": _refused(("traceparent", b"00-" + b"0" * 32 + b"-" + b"0" * 16 + b"-01")),
    "ten thousand headers": _refused(*[("x", b"y")] * 10_000),
    "mends what comes later": _refused(
        ("summitry-mends", b"0:999999999999"),
        ("summitry-mends", b"1:999999999999"),
        ("summitry-mends", b"2:999999999999"),
    ),
    "mends garbage": _refused(("summitry-mends", b"0:\xd9\xa1"), ("summitry-mends", b"\xff:-1")),
    "mends 800 KB": _read("mends", ("summitry-mends", b"0" * 800_000)),
    "facet's headers": _read(
        "facet", ("summitry-source-topic-id", b"\x1b[31m"), ("summitry-source-offset", b"7")
    ),
    "an attempt that was not": _refused(("summitry-redrive-attempt", b"-1"), ("summitry-redrive-of", b"x")),
    "attempt without end": _refused(
        ("summitry-redrive-attempt", b"9" * 5_000), ("summitry-redrive-of", b"x")
    ),
    "attempt in Arabic digits": _refused(
        ("summitry-redrive-attempt", "٣".encode()), ("summitry-redrive-of", b"x")
    ),
    "attempt of what steers": _refused(
        ("summitry-redrive-attempt", b"3"),
        ("summitry-redrive-of", b"\x1b]0;owned\x07\xe2\x80\xae"),
        attempts=3,
    ),
    "redriven, of nothing": _refused(("summitry-redriven", b"x"), ("summitry-redrive-attempt", b"2")),
    "Connect's headers": _refused(("__connect.errors.stage", b"topics"), ("__connect.errors.topic", b"x")),
}
