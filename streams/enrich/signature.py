"""Story signatures: MinHash of a document's token 3-grams.

The share of equal values of two signatures estimates the Jaccard resemblance of the two texts
(Broder, "On the resemblance and containment of documents", 1997). No value depends on the machine
or on Python's own hashing: a token counts as the CRC-32 of its lower-case UTF-8 bytes, and the 64
hash functions are x -> (a·x + b) mod 2^64 >> 32 with odd a (multiply-shift, Dietzfelbinger et al.,
1997), whose constants are the first 128 outputs of SplitMix64 (Steele, Lea and Flood, 2014) from
seed 0.
"""

import re
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from streams.core.stories import SIGNATURE_VALUES

_GRAM = 3
_TOKENS = re.compile(r"\w+")
_MASK = (1 << 64) - 1

_Words = NDArray[np.uint64]


def _splitmix64(count: int) -> list[int]:
    state, values = 0, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        value = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
        values.append(value ^ (value >> 31))
    return values


_CONSTANTS = _splitmix64(2 * SIGNATURE_VALUES)
_FACTORS = np.array([value | 1 for value in _CONSTANTS[:SIGNATURE_VALUES]], dtype=np.uint64)[:, None]
_TERMS = np.array(_CONSTANTS[SIGNATURE_VALUES:], dtype=np.uint64)[:, None]
_MULTIPLIER = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(32)


def signature(document: str) -> bytes:
    """64 values as big-endian 32-bit integers, 256 bytes in all.

    A document of one or two tokens has one gram of what there is; one without tokens has the
    signature of the gram 0.
    """
    words = " ".join(_TOKENS.findall(document.lower())).encode().split()
    hashes = np.array([crc32(word) for word in words] or [0], dtype=np.uint64)
    grams = np.unique(_grams(hashes))
    values = (_FACTORS * grams + _TERMS).min(axis=1) >> _SHIFT
    return values.astype(">u4").tobytes()


def _grams(hashes: _Words) -> _Words:
    """One number for every three neighbours, different for another order of the same three."""
    count = max(1, len(hashes) - _GRAM + 1)
    grams = np.zeros(count, dtype=np.uint64)
    for place in range(min(_GRAM, len(hashes))):
        grams = (grams + hashes[place : place + count]) * _MULTIPLIER
        grams ^= grams >> _SHIFT
    return grams
