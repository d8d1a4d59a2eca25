"""What the topics model's network learns from."""

import numpy as np
import pytest

from streams.enrich.topics import VECTOR_SCALE, labels, parents
from streams.training.topic_lexicon import all_codes, make_lexicon, see
from streams.training.topic_student import Seen, fit_lists
from streams.training.topic_teacher import Ridge, teach
from streams.training.topic_texts import draw_lists, read_reports
from streams.training.word_vectors import DIMENSIONS, Vocabulary, reduced, vocabulary

SPORT = all_codes().index("medtop:15000000")
POLITICS, ELECTION = all_codes().index("medtop:11000000"), all_codes().index("medtop:20000574")
ABOUT = np.arange(40) % 2 == 0
EMBEDDED = np.column_stack([ABOUT, ~ABOUT]).astype(np.float64)
ONE_OF_EACH = np.eye(2)
_TO_WORD = str.maketrans("0123456789:", "abcdefghijk")


def _truth(*columns: int) -> np.ndarray:
    truth = np.zeros((len(ABOUT), len(all_codes())), dtype=np.bool_)
    for column in columns:
        truth[:, column] = ABOUT
    return truth


def test_the_teacher_says_of_other_texts_what_it_learnt() -> None:
    """A text like those about sport is likely about sport; codes without an example aren't asked."""
    said = teach(EMBEDDED, _truth(SPORT), np.ones(len(ABOUT)), ONE_OF_EACH)
    assert said[0, SPORT] > 0.8
    assert said[1, SPORT] < 0.2
    assert np.isnan(np.delete(said, SPORT, axis=1)).all()


def test_the_second_level_is_asked_where_the_first_is_right() -> None:
    """If every text about politics is of an election, there is nothing to learn an election from."""
    said = teach(EMBEDDED, _truth(POLITICS, ELECTION), np.ones(len(ABOUT)), ONE_OF_EACH)
    assert not np.isnan(said[:, POLITICS]).any()
    assert np.isnan(said[:, ELECTION]).all()


def test_a_word_learns_what_the_teacher_knows_of_texts_without_labels() -> None:
    """A word that goes with the texts in question learns more than one that stands in all."""
    about = np.arange(100) % 3 / 2
    wanted = np.zeros((100, len(all_codes())))
    wanted[:, SPORT] = 4 * about - 2
    weights = Ridge(np.column_stack([about, np.ones(100)]).astype(np.float32)).weights(wanted)
    assert weights[0, SPORT] > 1
    assert weights[0, SPORT] > weights[1, SPORT]
    assert not np.delete(weights, SPORT, axis=1).any()


def test_words_of_a_list_speak_for_its_code() -> None:
    """Lists alone tell an election from its siblings."""
    phrases = {code: [code.translate(_TO_WORD)] for code in all_codes()}
    phrases[all_codes()[ELECTION]] = ["ballot", "vote"]
    words = sorted({word for its in phrases.values() for word in its} | {"else"})
    known = Vocabulary(tuple(words), np.full(len(words), 3.0))
    vectors = np.zeros((len(words), DIMENSIONS), dtype=np.int8)
    vectors[np.arange(len(words)), np.arange(len(words))] = VECTOR_SCALE
    lexicon = make_lexicon(known, vectors, phrases)
    drawn = draw_lists(phrases, ["else"] * 20, seed=1, each=5)
    lists = fit_lists(Seen.of(see([text for _, text in drawn], lexicon)), [code for code, _ in drawn])
    line = lists[ELECTION]
    logits = Seen.of(see(["ballot", "else"], lexicon)).vectors @ line.weights + line.bias
    assert (logits > 0).tolist() == [True, False]


def test_the_vocabulary_is_of_words_that_several_documents_have() -> None:
    """Three of them, or what the encoder knows as one piece; the rarer, the more a word says."""
    words, rarity = vocabulary(
        ["war and peace", "war of words", "war", "WAR!", "and", "peace"], ("tsar", "##s")
    )
    assert words == ("tsar", "war")
    assert rarity[0] > rarity[1] > 0


def test_vectors_of_words_have_one_length() -> None:
    """Rounded to whole numbers, the same each time."""
    encoded = np.random.default_rng(1).normal(size=(600, 300))
    vectors = reduced(encoded, VECTOR_SCALE)
    assert (vectors == reduced(encoded, VECTOR_SCALE)).all()
    assert np.linalg.norm(vectors.astype(np.float64), axis=1).round() == pytest.approx(VECTOR_SCALE, abs=3)


def test_reports_are_of_every_code() -> None:
    """Each once, with codes that are known, and with the first level over the second."""
    reports = read_reports()
    assert len({report.document for report in reports}) == len(reports)
    assert {code for report in reports for code in report.codes} == labels().keys()
    for report in reports:
        assert {parents()[code] for code in report.codes if code in parents()} <= report.codes
