"""Story signatures: MinHash of a document's token 3-grams.

The share of equal values of two signatures estimates the Jaccard resemblance of the two texts
(Broder, "On the resemblance and containment of documents", 1997). No value depends on the machine
or on Python's own hashing: a token counts as the CRC-32 of its lower-case UTF-8 bytes, and the 64
hash functions are the permutations x -> (a·x + b) mod 2^32 with odd a. Their constants are the upper
halves of the first 128 outputs of SplitMix64 (Steele, Lea and Flood, 2014) from seed 0.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from streams.core.stories import SIGNATURE_VALUES

_GRAM = 3
_ASCII = bytes(range(128))
_TO_TOKENS = bytes(
    ord(char.lower()) if char.isalnum() or char == "_" else ord(" ") for char in map(chr, range(128))
) + bytes(range(128, 256))
_MASK = (1 << 64) - 1

_Gram = NDArray[np.uint64]


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


def signature(document: str) -> bytes:
    """64 values as big-endian 32-bit integers, 256 bytes in all.

    A document of one or two tokens has one gram of what there is; one without tokens has the
    signature of the gram 0.
    """
    tokens = _tokens(document)
    hashes = np.fromiter(map(crc32, tokens), dtype=np.uint64, count=len(tokens))
    grams = (_grams(hashes) >> _SHIFT).astype(np.uint32)
    values = _FACTORS * grams
    values += _TERMS
    least: bytes = values.min(axis=1).astype(">u4").tobytes()
    return least


def _tokens(text: str) -> list[bytes]:
    """The runs of word characters in lower case, as UTF-8; one empty token if there is none."""
    encoded = text.encode()
    if not text.isascii():
        others = _not_ascii(encoded)
        if any(char.lower() != char for char in others):  # else only ASCII letters have a lower case
            encoded = text.lower().encode()
            others = _not_ascii(encoded)
        for char in others:
            if not char.isalnum():
                encoded = encoded.replace(char.encode(), b" ")
    return encoded.translate(_TO_TOKENS).split() or [b""]


def _not_ascii(encoded: bytes) -> set[str]:
    return set(encoded.translate(None, delete=_ASCII).decode())


def _grams(hashes: _Gram) -> _Gram:
    """A number for every three neighbours, another one if they stand in another order."""
    count = max(1, len(hashes) - _GRAM + 1)
    grams = np.zeros(count, dtype=np.uint64)
    for place in range(min(_GRAM, len(hashes))):
        grams = (grams + hashes[place : place + count]) * _MULTIPLIER
        grams ^= grams >> _SHIFT
    return grams
