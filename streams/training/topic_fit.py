"""One-vs-rest logistic regression over hashed words, its calibration, thresholds and integer form."""

import io
import zipfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from streams.enrich.topics import IDF_SCALE, WEIGHT_SCALE, FeatureTable, TopicModel, feature_hashes, labels
from streams.training.topic_texts import Example, find_names, known_words, without_names

MIN_DOCUMENTS = 8
MIN_FAMILIES = 4
"""A feature that fewer kinds of authors use says who wrote, not what about."""
INVERSE_REGULARISATION = 10.0
WEIGHT_OF_KIND = {"weak": 1.0, "read": 15.0, "words": 2.0}
FOLDS = 5
BORROWED_POSITIVES = 10
"""How many articles' worth of all codes together a code's own threshold leans on."""
THRESHOLDS = range(300, 801, 10)
PRECISION_OVER_RECALL = 0.7
"""The beta of the F-measure that thresholds maximise: rather no topic than a wrong one."""
POLITICS = "medtop:11000000"

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights of shape (codes, features) and biases (codes,), as logits."""

    weights: Floats
    biases: Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """The examples as numbers: `matrix` (examples, features), `codes` (examples, codes)."""

    matrix: sparse.csr_matrix
    codes: Flags
    kinds: npt.NDArray[np.str_]
    sure_of_absence: Flags


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Scores in thousandths (articles, codes) of articles by models that haven't seen them, and the truth."""

    scores: npt.NDArray[np.int64]
    codes: Flags


def choose_features(examples: Sequence[Example]) -> FeatureTable:
    """The features of eight documents by four authors or more, names and their pairs left out."""
    names = find_names((example.document for example in examples), kept=known_words(examples))
    documents: Counter[int] = Counter()
    families: defaultdict[int, set[str]] = defaultdict(set)
    nameless: set[int] = set()
    for example in examples:
        nameless.update(feature_hashes(without_names(example.document, names)).tolist())
        for feature in set(feature_hashes(example.document).tolist()):
            documents[feature] += 1
            families[feature].add(example.family)
    kept = sorted(
        feature
        for feature, count in documents.items()
        if count >= MIN_DOCUMENTS and len(families[feature]) >= MIN_FAMILIES and feature in nameless
    )
    rarity = [1 + np.log(len(examples) / documents[feature]) for feature in kept]
    idf = np.array([round(IDF_SCALE * float(value)) for value in rarity], dtype=np.int64)
    return FeatureTable(hashes=np.array(kept, dtype=np.uint32), idf=idf)


def to_rows(examples: Sequence[Example], features: FeatureTable) -> Rows:
    """The examples in the same features that reading computes, each of norm 1."""
    columns, values, ends = [], [], [0]
    for example in examples:
        indices, counts, norm = features.vector(example.document)
        columns.append(indices)
        values.append(counts / max(norm, 1))
        ends.append(ends[-1] + len(indices))
    return Rows(
        matrix=sparse.csr_matrix(
            (np.concatenate(values), np.concatenate(columns), ends),
            shape=(len(examples), len(features.hashes)),
        ),
        codes=np.array([[code in example.codes for code in sorted(labels())] for example in examples]),
        kinds=np.array([example.kind for example in examples]),
        sure_of_absence=np.array([example.sure_of_absence for example in examples]),
    )


def fit(rows: Rows, chosen: Flags, *, seed: int) -> Linear:
    """One classifier a code on the chosen rows.

    A senator's release is about politics though no rule says so: it speaks for politics or not at all.
    """
    importance = np.array([WEIGHT_OF_KIND[str(kind)] for kind in rows.kinds])
    weights, biases = [], []
    for column, code in enumerate(sorted(labels())):
        wanted = rows.codes[:, column]
        used = chosen & (wanted | rows.sure_of_absence) if code == POLITICS else chosen
        model = LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear", random_state=seed)
        model.fit(rows.matrix[used], wanted[used], sample_weight=importance[used])
        weights.append(model.coef_[0])
        biases.append(model.intercept_[0])
    return Linear(weights=np.array(weights), biases=np.array(biases))


def cross_fit(rows: Rows, *, seed: int) -> tuple[Floats, Flags]:
    """Logits of the articles that were read, each by a model that has not seen it, and their codes."""
    read = np.flatnonzero(rows.kinds == "read")
    fold = np.random.default_rng(seed).permutation(len(read)) % FOLDS
    logits = np.zeros((len(read), rows.codes.shape[1]))
    for number in range(FOLDS):
        held_out = read[fold == number]
        chosen = np.ones(len(rows.kinds), dtype=np.bool_)
        chosen[held_out] = False
        linear = fit(rows, chosen, seed=seed)
        logits[fold == number] = rows.matrix[held_out] @ linear.weights.T + linear.biases
    return logits, rows.codes[read]


def calibrate(logits: Floats, codes: Flags) -> npt.NDArray[np.int64]:
    """The curve of the model file, by Platt scaling (1999) of all codes together: each has few articles."""
    platt = LogisticRegression(C=1e6).fit(logits.reshape(-1, 1), codes.ravel())
    slope, shift = float(platt.coef_[0, 0]), float(platt.intercept_[0])
    if slope <= 0:
        raise ValueError("the scores of held-out articles say nothing of their codes")
    share = (np.arange(1, 1001) - 0.5) / 1000
    return np.round(WEIGHT_SCALE * (np.log(share / (1 - share)) - shift) / slope).astype(np.int64)


def to_scores(logits: Floats, curve: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Scores in thousandths, as the model's `scores` makes them."""
    return np.searchsorted(curve, np.round(WEIGHT_SCALE * logits), side="right")


def choose_thresholds(held_out: HeldOut) -> npt.NDArray[np.int64]:
    """For each code the threshold with the best F-measure on held-out articles, shrunk towards all codes'."""
    said = np.array([held_out.scores >= threshold for threshold in THRESHOLDS])
    right = (said & held_out.codes).sum(axis=1)
    wrong = (said & ~held_out.codes).sum(axis=1)
    missed = (~said & held_out.codes).sum(axis=1)
    share = BORROWED_POSITIVES / held_out.codes.sum()
    hits, errors, misses = (
        counts + share * counts.sum(axis=1, keepdims=True) for counts in (right, wrong, missed)
    )
    square = PRECISION_OVER_RECALL**2
    measure = (1 + square) * hits / ((1 + square) * hits + square * misses + errors)
    chosen: npt.NDArray[np.int64] = np.array(THRESHOLDS, dtype=np.int64)[measure.argmax(axis=0)]
    return chosen


def to_model(
    linear: Linear, features: FeatureTable, *, curve: npt.NDArray[np.int64], thresholds: npt.NDArray[np.int64]
) -> TopicModel:
    """The model in integers; a weight beyond 32 logits is cut to that."""
    weights = np.clip(np.round(WEIGHT_SCALE * linear.weights.T), -32_767, 32_767)
    return TopicModel(
        codes=tuple(sorted(labels())),
        features=features,
        weights=weights.astype(np.int16),
        biases=np.round(WEIGHT_SCALE * linear.biases).astype(np.int64),
        curve=curve,
        thresholds=thresholds,
    )


def model_bytes(model: TopicModel) -> bytes:
    """The model as an npz file, the same bytes for the same numbers: np.savez would write the time."""
    arrays: dict[str, npt.NDArray[Any]] = {
        "codes": np.array(model.codes),
        "hashes": model.features.hashes,
        "idf": model.features.idf.astype(np.uint16),
        "weights": model.weights,
        "biases": model.biases.astype(np.int32),
        "curve": model.curve.astype(np.int32),
        "thresholds": model.thresholds.astype(np.int16),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, member.getvalue(), compress_type=zipfile.ZIP_DEFLATED, compresslevel=9)
    return file.getvalue()
