"""Story signatures: MinHash of a document's token 3-grams.

The share of equal values of two signatures estimates the Jaccard resemblance of the two texts
(Broder, "On the resemblance and containment of documents", 1997). No value depends on the machine
or on Python's own hashing: a token counts as the number mod 2^64 that its code points, in lower case, are
as digits to an odd base (Karp and Rabin, 1987), and the 64 hash functions are the permutations
x -> (a·x + b) mod 2^32 with odd a. Their constants are the upper halves of the first 128 outputs of
SplitMix64 (Steele, Lea and Flood, 2014) from seed 0.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from streams.core.stories import SIGNATURE_VALUES

_GRAM = 3
_MASK = (1 << 64) - 1

_Hashes = NDArray[np.uint64]


def _splitmix64(count: int) -> list[int]:
    state, values = 0, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        value = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        values.append(value ^ (value >> 31))
    return values


_CONSTANTS = np.array(_splitmix64(2 * SIGNATURE_VALUES), dtype=np.uint64) >> np.uint64(32)
_FACTORS = (_CONSTANTS[:SIGNATURE_VALUES] | np.uint64(1)).astype(np.uint32)[:, None]
_TERMS = _CONSTANTS[SIGNATURE_VALUES:].astype(np.uint32)[:, None]
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(32)
_BASE = 0x94D049BB133111EB
_INVERSE = pow(_BASE, -1, 1 << 64)


def signature(document: str) -> bytes:
    """64 values as big-endian 32-bit integers, 256 bytes in all.

    A document of one or two tokens has one gram of what there is; one without tokens has the
    signature of the gram 0.
    """
    values = _FACTORS * _grams(_hashes(_digits(f" {document} ")))
    values += _TERMS
    least: bytes = values.min(axis=1).astype(">u4").tobytes()
    return least


def _digit(char: str) -> int:
    """The code point of a word character in lower case, else 0."""
    lower = char.lower()
    return ord(lower if len(lower) == 1 else char) if char.isalnum() or char == "_" else 0


_DIGITS = np.array([_digit(chr(point)) for point in range(0x2100)], dtype=np.uint32)
"""Those of nearly every text that isn't Chinese, Japanese or Korean."""


def _digits(text: str) -> NDArray[np.uint32]:
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    table = _DIGITS
    if points.max() >= len(table):
        distinct, points = np.unique(points, return_inverse=True)
        table = np.array([_digit(chr(point)) for point in distinct], dtype=np.uint32)
    # All of them are in the table; to make sure of it would take twice as long as to look them up.
    digits: NDArray[np.uint32] = table.take(points, mode="clip")
    return digits


def _hashes(digits: NDArray[np.uint32]) -> _Hashes:
    """A number for each token, in order; 0 alone if there is none. First and last digit are 0.

    All at once: what two sums from the beginning differ by is a token's number, times the power of the
    base at which it stands.
    """
    gap = digits == 0
    edges = np.flatnonzero(gap[1:] != gap[:-1])  # before a token's first digit, and at its last
    if not len(edges):
        return np.zeros(1, dtype=np.uint64)
    size = 1 << len(digits).bit_length()
    sums = np.cumsum(digits * _powers(_BASE, size)[: len(digits)], dtype=np.uint64)[edges]
    return (sums[1::2] - sums[::2]) * _powers(_INVERSE, size)[edges[::2]]


@cache  # a text has 200,000 code points at most, so these take 8 MB at most
def _powers(base: int, count: int) -> _Hashes:
    powers = np.full(count, base, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _grams(hashes: _Hashes) -> NDArray[np.uint32]:
    """A number for every three neighbours, another one if they stand in another order."""
    if len(hashes) < _GRAM:
        hashes = np.concatenate([hashes, np.zeros(_GRAM - len(hashes), dtype=np.uint64)])
    grams = hashes[:-2] * _MULTIPLIER
    grams += hashes[1:-1]
    grams *= _MULTIPLIER
    grams += hashes[2:]
    grams ^= grams >> _SHIFT
    grams *= _MULTIPLIER
    return (grams >> _SHIFT).astype(np.uint32)
