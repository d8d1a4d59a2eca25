"""From texts that were read to the model that ships; a least-squares fit takes the place of torch's."""

import numpy as np
import pytest

from streams.enrich.topics import VECTOR_SCALE, TopicClassifier, read_model
from streams.training.logistic import Floats, Line, probability
from streams.training.topic_fit import (
    Labelled,
    Lessons,
    Network,
    Texts,
    TransferSet,
    choose_thresholds,
    cross_fit,
    model_bytes,
    to_model,
)
from streams.training.topic_lexicon import all_codes, make_lexicon
from streams.training.word_vectors import DIMENSIONS, Vocabulary

SPORT, WEATHER = all_codes().index("medtop:15000000"), all_codes().index("medtop:17000000")
WORDS = ("alpha", "ball", "common", "goal", "match", "rain", "snow", "storm", "unread")
LEXICON = make_lexicon(
    Vocabulary(WORDS, np.full(len(WORDS), 3.0)),
    (VECTOR_SCALE * np.eye(len(WORDS), DIMENSIONS)).astype(np.int8),
    dict.fromkeys(all_codes(), ()),
)
OF_SPORT = ["ball goal", "goal match", "match ball", "ball goal match"] * 5
OF_WEATHER = ["rain snow", "snow storm", "storm rain", "rain snow storm"] * 5
LISTS = [Line(np.zeros(DIMENSIONS), 0.0)] * len(all_codes())


def _least_squares(lessons: Lessons, scale: Floats) -> Network:
    """A network whose hidden units are its inputs, which are never negative here."""
    inputs = len(scale)
    rows = np.column_stack([lessons.seen, np.ones(len(lessons.seen))])
    fitted: Floats = np.linalg.pinv(rows) @ (6 * np.nan_to_num(lessons.wanted) - 3)
    return Network(np.eye(inputs), np.zeros(inputs), fitted[:-1], fitted[-1])


def _texts(documents: list[str]) -> Texts:
    """The encoder knows sport from the rest, by the words that labelled texts and others have."""
    sport = [any(word in document for word in ("ball", "goal", "match", "unread")) for document in documents]
    return Texts.of(documents, np.column_stack([sport, np.logical_not(sport)]).astype(np.float64), LEXICON)


def _read(sport: list[str], weather: list[str]) -> Labelled:
    truth = np.zeros((len(sport) + len(weather), len(all_codes())), dtype=np.bool_)
    truth[: len(sport), SPORT] = truth[len(sport) :, WEATHER] = True
    return Labelled(_texts([*sport, *weather]), truth, np.ones(len(truth)))


READ = _read(OF_SPORT, OF_WEATHER)
TRANSFER = TransferSet(_texts(["unread ball", "unread", "rain common", "snow"] * 3), LISTS, _least_squares)


def test_a_text_is_judged_by_a_model_that_has_not_seen_it() -> None:
    """Of a text with a word of its own, which says nothing to others, nothing is known but how often."""
    read = _read([*OF_SPORT, "alpha"], OF_WEATHER)
    alone = len(OF_SPORT)
    found = cross_fit(read, TRANSFER, seed=1)
    learnt = probability(TRANSFER.distil(read).logits(read.texts))
    assert found[alone, SPORT] < learnt[alone, SPORT]
    others = np.arange(len(found)) != alone
    assert ((found[others] > 0.5) == read.truth[others]).all()


def test_words_and_network_learn_from_the_teacher() -> None:
    """What no labelled text holds, the texts without labels do, and the teacher knows those."""
    distilled, texts = TRANSFER.distil(READ), _texts(["unread", "common"])
    for unread, common in (texts.shares @ distilled.corrections, distilled.network.logits(texts.seen)):
        assert unread[SPORT] > common[SPORT]
        assert unread[WEATHER] < common[WEATHER]


def test_the_file_says_what_was_fitted() -> None:
    """A score of 500 is a code's threshold, and scores rise as probabilities do."""
    distilled = TRANSFER.distil(READ)
    thresholds = np.full(len(all_codes()), 0.3)
    classifier = TopicClassifier(
        read_model(model_bytes(to_model(distilled, LEXICON, thresholds))), name="test"
    )
    for document in ("ball goal", "storm", "ball ball rain snow", "unread"):
        said = {topic.code: topic.score for topic in classifier.classify(document)}
        wanted = probability(distilled.logits(_texts([document])))[0]
        odds = wanted / (1 - wanted) * 0.7 / 0.3
        for column in (SPORT, WEATHER):
            score = said.get(all_codes()[column], 0)
            if score or odds[column] > 1.01:
                assert score == pytest.approx(1000 * odds[column] / (1 + odds[column]), abs=5)


HALF_SPORT = np.zeros((60, len(all_codes())), dtype=np.bool_)
HALF_SPORT[:30, SPORT] = True
TOLD_APART = np.where(HALF_SPORT, 0.2, 0.1)


def test_a_threshold_stands_where_the_code_begins() -> None:
    """Between those that have it and those that don't, whatever the probabilities are."""
    chosen = choose_thresholds(TOLD_APART, HALF_SPORT, np.ones(60))
    assert 0.1 < chosen[SPORT] <= 0.2


def test_what_counts_for_nothing_moves_no_threshold() -> None:
    """Texts of weight 0 are as if they weren't there."""
    found = np.vstack([TOLD_APART, np.full_like(TOLD_APART, 0.9)])
    truth = np.vstack([HALF_SPORT, np.zeros_like(HALF_SPORT)])
    chosen = choose_thresholds(found, truth, np.repeat([1.0, 0.0], 60))
    assert (chosen == choose_thresholds(TOLD_APART, HALF_SPORT, np.ones(60))).all()
