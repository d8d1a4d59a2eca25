"""Bytes that aren't JSON, and JSON that isn't an object of sense."""

import gzip
from typing import Any

from poison.made import NAMES, PAIR, bad, value

GOOD = value("bytes")
NOT_A_VALUE = "not JSON: unexpected character, expected a JSON value: line 1 column 1 (char 0)"
NOT_UTF_8 = "not JSON: str is not valid UTF-8: surrogates not allowed: line 1 column 1 (char 0)"


def _not(value: bytes | None, reason: str) -> dict[str, Any]:
    return {"value": value, "reason": reason}


NOT_JSON: dict[str, dict[str, Any]] = {
    "null": _not(None, "the value is null"),
    "empty": _not(b"", "not JSON: Input is a zero-length, empty document: line 1 column 1 (char 0)"),
    "white space": _not(b" \r\n\t ", "not JSON: input data is empty: line 1 column 1 (char 0)"),
    "truncated": _not(GOOD[:-20], "not JSON: unexpected end of data: line 1 column 133 (char 132)"),
    "truncated within a code point": _not('{"title": "習'.encode()[:-1], NOT_UTF_8),
    "trailing garbage": _not(
        GOOD + b"}", "not JSON: unexpected content after document: line 1 column 153 (char 152)"
    ),
    "two documents": _not(
        GOOD + b"\n" + GOOD, "not JSON: unexpected content after document: line 2 column 1 (char 153)"
    ),
    "trailing NUL": _not(
        GOOD + b"\0", "not JSON: unexpected content after document: line 1 column 153 (char 152)"
    ),
    "byte order mark": _not(
        b"\xef\xbb\xbf" + GOOD,
        "not JSON: UTF-8 byte order mark (BOM) is not supported: line 1 column 1 (char 0)",
    ),
    "UTF-16": _not(GOOD.decode().encode("utf-16"), NOT_UTF_8),
    "Latin-1": _not('{"title": "Déjà vu"}'.encode("latin-1"), NOT_UTF_8),
    "NUL bytes": _not(b"\0" * 64, NOT_A_VALUE),
    "gzip": _not(gzip.compress(GOOD, mtime=0), NOT_UTF_8),
    "MessagePack": _not(b"\x83\xa2id\xa1a\xa5title\xa1b\xa4text\xa1c", NOT_UTF_8),
    "Avro with a schema's number": _not(b"\x00\x00\x00\x00\x07\x02a\x02b", NOT_A_VALUE),
    "single quotes": _not(
        b"{'id': 'a'}", "not JSON: unexpected character, expected a string key: line 1 column 2 (char 1)"
    ),
    "trailing comma": _not(
        b'{"id": "a",}', "not JSON: trailing comma is not allowed: line 1 column 11 (char 10)"
    ),
    "comment": _not(b'/* a */ {"id": "a"}', NOT_A_VALUE),
    "raw control character": _not(
        b'{"id": "\x1b[31m"}', "not JSON: unexpected control character in string: line 1 column 9 (char 8)"
    ),
    "encoded surrogate": _not(b'{"id": "\xed\xa0\x80"}', NOT_UTF_8),
    "overlong encoding": _not(b'{"id": "\xc0\xaf"}', NOT_UTF_8),
    "an HTML page": _not(b"<!doctype html><script>alert(1)</script>", NOT_A_VALUE),
    "terminal escapes": _not(b"\x1b]0;owned\x07\x1b[2J\x1b[31m\xc2\x9b5m", NOT_A_VALUE),
    "bidirectional controls": _not("\u202egnp.exe\u2066\u200f".encode(), NOT_A_VALUE),
    "zip bomb's head": _not(b"PK\x03\x04" + b"\0" * 1_000, NOT_A_VALUE),
}

OTHER_JSON: dict[str, dict[str, Any]] = {
    "array": _not(b"[1, 2]", "not a JSON object but list"),
    "string": _not(b'"an article"', "not a JSON object but str"),
    "JSON in a string": _not(b'"{\\"id\\": \\"a\\"}"', "not a JSON object but str"),
    "number": _not(b"7", "not a JSON object but int"),
    "huge integer": _not(b"9" * 300, "not a JSON object but float"),
    "negative zero": _not(b"-0", "not a JSON object but int"),
    "literal null": _not(b"null", "not a JSON object but NoneType"),
    "true": _not(b"true", "not a JSON object but bool"),
    "NaN": _not(b"NaN", NOT_A_VALUE),
    "NaN in a field": _not(
        b'{"id": NaN}', "not JSON: unexpected character, expected a JSON value: line 1 column 8 (char 7)"
    ),
    "minus Infinity": _not(b"-Infinity", "not JSON: no digit after sign: line 1 column 2 (char 1)"),
    "1e400": _not(
        b'{"id": 1e400}', "not JSON: number is infinity when parsed as double: line 1 column 8 (char 7)"
    ),
    "lone high surrogate": _not(
        b'{"id": "\\ud800"}', "not JSON: no low surrogate in string: line 1 column 9 (char 8)"
    ),
    "lone low surrogate": _not(
        b'{"id": "\\udc00"}', "not JSON: invalid high surrogate in string: line 1 column 9 (char 8)"
    ),
    "surrogates the wrong way round": _not(
        b'{"id": "\\udc00\\ud800"}', "not JSON: invalid high surrogate in string: line 1 column 9 (char 8)"
    ),
    "deep arrays": _not(b"[" * 100_000, "not JSON: depth limit exceeded: line 1 column 1026 (char 1025)"),
    "deep objects": _not(
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "not JSON: depth limit exceeded: line 1 column 5122 (char 5121)",
    ),
    "deep in an unknown field": _not(
        GOOD[:-1] + b', "x": ' + b"[" * 1_100 + b"]" * 1_100 + b"}",
        "not JSON: depth limit exceeded: line 1 column 1183 (char 1182)",
    ),
    "not quite so deep in an unknown field": {
        "value": value("deep")[:-1] + b', "x": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        "actors": PAIR,
    },
    "empty object": _not(
        b"{}",
        "id: field required; title: field required; text: field required;"
        " source: field required; published_at: field required",
    ),
    "a hundred thousand fields": {
        "value": value("wide")[:-1] + b"".join(b',"%d":0' % n for n in range(80_000)) + b"}",
        "actors": PAIR,
    },
    "a hundred thousand wrong authors": bad(
        "authors", "authors.0: input should be a valid string", authors=[1] * 100_000
    ),
    "duplicate keys, the last one wrong": _not(
        GOOD[:-1] + b', "title": 7}', "title: input should be a valid string"
    ),
    "duplicate keys, the last one right": {
        "value": b'{"id": 7, "text": "<b>", ' + value("twice")[1:],
        "actors": PAIR,
    },
    "keys that differ by a NUL": {
        "value": value("nul-key")[:-1] + b', "text\\u0000": "Donald Trump"}',
        "actors": PAIR,
    },
    "names of Python's in keys": {
        "value": value("dunder")[:-1]
        + b', "__class__": "x", "model_config": {}, "__proto__": {"withdrawn": true}}',
        "actors": PAIR,
    },
    "escapes for everything": {
        "value": b"".join(
            (
                value("escapes", text="...")[:-1],
                b', "text": "',
                "".join(f"\\u{ord(char):04x}" for char in NAMES).encode(),
                b'"}',
            )
        ),
        "actors": PAIR,
    },
}
