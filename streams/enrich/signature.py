"""Story signatures: MinHash of a document's token 3-grams.

The share of equal values of two signatures estimates the Jaccard resemblance of the two texts
(Broder, "On the resemblance and containment of documents", 1997). Every gram stands at two places of a
ring of 2^32, which its hash gives, and each of the 64 values is the first place at or behind one of 64
points that divide the ring evenly: to look from a point is as good as to hash by a function of its own,
and takes one sort for all (after Li, Owen and Zhang, "One permutation hashing", 2012). No value depends on
the machine or on Python's own hashing: a gram counts as the number mod 2^32 that its code units, in lower
case and with one 0 between tokens, are as digits to an odd base (Karp and Rabin, 1987). Constants are the
upper halves of the first outputs of SplitMix64 (Steele, Lea and Flood, 2014) from seed 0, made odd.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from streams.core.stories import SIGNATURE_VALUES

_GRAM = 3

_Numbers = NDArray[np.uint32]


def _splitmix64(count: int) -> list[int]:
    mask = (1 << 64) - 1
    state, values = 0, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        value = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & mask
        values.append(value ^ (value >> 31))
    return values


_BASE, *_SCATTER = (value >> 32 | 1 for value in _splitmix64(3))
_INVERSE = pow(_BASE, -1, 1 << 32)
_FACTORS = np.array(_SCATTER, dtype=np.uint32)[:, None]
_SHIFT = np.uint32(15)
_POINTS = (np.arange(SIGNATURE_VALUES) * ((1 << 32) // SIGNATURE_VALUES)).astype(np.uint32)


def signature(document: str) -> bytes:
    """64 values as big-endian 32-bit integers, 256 bytes in all.

    A document of one or two tokens has one gram of what there is; one without tokens has the
    signature of the gram 0.
    """
    grams = _grams(_digits(document))
    grams ^= grams >> _SHIFT
    ring = (_FACTORS * grams).ravel()
    ring.sort()
    values: bytes = ring.take(ring.searchsorted(_POINTS), mode="wrap").astype(">u4").tobytes()
    return values


def _digit(unit: int) -> int:
    """A word character in lower case, as UTF-16 has it; 0 for whatever else, and beyond the first plane."""
    char = chr(unit)
    lower = char.lower()
    return ord(lower if len(lower) == 1 else char) if char.isalnum() or char == "_" else 0


_DIGITS = np.array([_digit(unit) for unit in range(1 << 16)], dtype=np.uint16)


def _digits(document: str) -> NDArray[np.uint16]:
    """The tokens' digits, with one 0 before each and at the end."""
    units = np.frombuffer(f" {document} ".encode("utf-16-le"), dtype="<u2")
    # All of them are in the table; to make sure of it would take twice as long as to look them up.
    digits = _DIGITS.take(units, mode="clip")
    kept = digits != 0
    kept[:-1] |= kept[1:]
    kept[-1] = True
    its: NDArray[np.uint16] = digits[kept]
    return its


def _grams(digits: NDArray[np.uint16]) -> _Numbers:
    """A number for every three neighbours.

    All at once: what two sums from the beginning differ by is the number of what lies between, times
    the power of the base at which it begins.
    """
    (gaps,) = (digits == 0).nonzero()
    size = 1 << len(digits).bit_length()
    sums = np.cumsum(digits * _powers(_BASE, size)[: len(digits)], dtype=np.uint32)[gaps]
    reach = min(_GRAM, len(gaps) - 1)
    first = len(gaps) - reach
    grams: _Numbers = (sums[reach:] - sums[:first]) * _powers(_INVERSE, size)[gaps[:first]]
    return grams


@cache  # a text has 200,000 code points at most, so these take 4 MB at most
def _powers(base: int, count: int) -> _Numbers:
    powers = np.full(count, base, dtype=np.uint32)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint32)
