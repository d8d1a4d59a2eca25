"""What is known of each word and phrase, and documents as the numbers that the network sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streams.enrich.topics import (
    IDF_SCALE,
    INPUT_PARTS,
    INPUT_SCALE,
    VECTOR_SCALE,
    FeatureTable,
    feature_hashes,
    labels,
    parents,
)
from streams.training.logistic import Floats
from streams.training.word_vectors import Vocabulary

PHRASE_RARITY = 8.0
"""The idf of two words that make a phrase of a list, in place of a count."""

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The features and their vectors, in 1/127: the word's, then how much it speaks for each code."""

    table: FeatureTable
    vectors: npt.NDArray[np.int8]


def all_codes() -> tuple[str, ...]:
    """Every code, in the order of the model's columns."""
    return tuple(sorted(labels()))


def siblings() -> list[Indices]:
    """The columns of the first level, then those under each code of it that has a second."""
    over = [parents().get(code, "") for code in all_codes()]
    return [np.flatnonzero([parent == name for parent in over]) for name in sorted(set(over))]


def make_lexicon(
    known: Vocabulary, vectors: npt.NDArray[np.int8], phrases: Mapping[str, Sequence[str]]
) -> Lexicon:
    """Every word that has a vector, and every two neighbouring words of a phrase.

    A word of a phrase speaks for the phrase's code by its share of it, and the less the more codes
    of one level it speaks for.
    """
    codes = all_codes()
    spoken: dict[int, Floats] = {}
    for column, code in enumerate(codes):
        for phrase in phrases[code]:
            hashes = feature_hashes(phrase).tolist()
            words = (len(hashes) + 1) // 2  # then come the pairs
            for place, feature in enumerate(hashes):
                shares = spoken.setdefault(feature, np.zeros(len(codes)))
                shares[column] = max(shares[column], 1 / words if place < words else 1.0)
    for shares in spoken.values():
        for group in siblings():
            if shares[group].any():
                shares[group] *= shares[group].max() / shares[group].sum()
    places = {int(feature_hashes(word)[0]): row for row, word in enumerate(known.words)}
    features = sorted({*places, *spoken})
    rarity = [known.rarity[places[one]] if one in places else PHRASE_RARITY for one in features]
    silent, nothing = np.zeros(len(codes)), np.zeros(vectors.shape[1], dtype=np.int8)
    evidence = np.rint(VECTOR_SCALE * np.array([spoken.get(one, silent) for one in features]))
    return Lexicon(
        table=FeatureTable(
            hashes=np.array(features, dtype=np.uint32),
            idf=np.round(IDF_SCALE * np.array(rarity)).astype(np.int64),
        ),
        vectors=np.hstack(
            [
                np.array([vectors[places[one]] if one in places else nothing for one in features]),
                evidence.astype(np.int8),
            ]
        ),
    )


def where_asked(truth: Flags, column: int) -> Indices:
    """The texts of which a code can be right: all, or those of the code over it."""
    over = parents().get(all_codes()[column])
    return np.flatnonzero(truth[:, all_codes().index(over)]) if over else np.arange(len(truth))


def shares(documents: Sequence[str], lexicon: Lexicon) -> npt.NDArray[np.float32]:
    """How much of each document each feature is, shape (documents, features)."""
    found = np.zeros((len(documents), len(lexicon.table.hashes)), dtype=np.float32)
    for row, document in enumerate(documents):
        indices, values, norm = lexicon.table.vector(document)
        found[row, indices] = values / max(norm, 1)
    return found


def see(documents: Sequence[str], lexicon: Lexicon) -> Floats:
    """What the network sees of each document when it is read: shape (documents, inputs)."""
    seen = np.zeros((len(documents), lexicon.vectors.shape[1]))
    for row, document in enumerate(documents):
        indices, values, norm = lexicon.table.vector(document)
        seen[row] = INPUT_PARTS * (values @ lexicon.vectors[indices].astype(np.int64)) // max(norm, 1)
    return seen / INPUT_SCALE
