"""Vectors of words: what the sentence encoder makes of each alone (Tulkens and van Dongen, Model2Vec, 2024).

So words of one field lie close together, and a text that holds none of a labelled one's words may still be
like it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streams.training.logistic import Floats

DIMENSIONS = 256
MIN_DOCUMENTS = 3
MAX_LENGTH = 25

_WORD = re.compile(r"[^\W\d_]{2,}")


class Vocabulary(NamedTuple):
    """Words in order, and how rare each is: the logarithm of one in so many documents, shape (words,)."""

    words: tuple[str, ...]
    rarity: Floats


def vocabulary(documents: Sequence[str], known: Collection[str]) -> Vocabulary:
    """The words of three documents or more, and those that the encoder knows as one piece, if in ASCII."""
    counts = Counter(word for document in documents for word in set(_words(document)))
    frequent = {word for word, count in counts.items() if count >= MIN_DOCUMENTS and len(word) <= MAX_LENGTH}
    whole = {word for word in known if _WORD.fullmatch(word)}
    words = tuple(sorted(word for word in whole | frequent if word.isascii()))
    often = np.array([counts[word] for word in words])
    return Vocabulary(words, np.log((len(documents) + 1) / (often + 1)))


def _words(document: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", document).lower())


def reduced(encoded: Floats, scale: int) -> npt.NDArray[np.int8]:
    """The 256 principal components of what the encoder made of words, of length `scale`, rounded.

    `encoded` has shape (words, dimensions of the encoder).
    """
    unit = encoded / np.linalg.norm(encoded, axis=1, keepdims=True)
    centred = unit - unit.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    components = axes[:, ::-1][:, :DIMENSIONS]
    components *= np.sign(components[np.abs(components).argmax(axis=0), range(DIMENSIONS)])
    found: Floats = centred @ components
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    rounded: npt.NDArray[np.int8] = np.rint(scale * found / lengths).astype(np.int8)
    return rounded
