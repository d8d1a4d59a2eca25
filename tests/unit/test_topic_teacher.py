"""What the topics model's words learn from its teacher."""

import numpy as np

from streams.training.logistic import Floats, Line
from streams.training.topic_fit import Seen, all_codes
from streams.training.topic_teacher import EMBEDDING_SCALE, Texts, TransferSet, cross_fit

CODE = all_codes().index("medtop:15000000")
NOTHING = [Line(np.zeros(1), -1.0) for _ in all_codes()]
WORD, OTHER = 0, 1


def _texts(about: Floats) -> Texts:
    """Texts, 1 for those about the code: the encoder sees it, a word goes with it, the student knows neither."""
    shares = np.column_stack([about, np.ones(len(about))]).astype(np.float32)
    seen = Seen(np.zeros((len(about), 1)), np.zeros((len(about), len(all_codes()))))
    return Texts(seen, shares, EMBEDDING_SCALE * np.column_stack([about, 1 - about]))


def test_a_word_learns_what_the_teacher_knows_of_texts_without_labels() -> None:
    """Held-out texts are told apart, by a word that stood in no list."""
    about = np.arange(40) % 2 * 1.0
    truth = np.zeros((40, len(all_codes())), dtype=np.bool_)
    truth[:, CODE] = about > 0
    transfer = TransferSet(_texts(np.arange(100) % 3 / 2))
    distilled = transfer.distil(_texts(about), truth, np.ones(40), NOTHING)
    assert distilled.corrections[WORD, CODE] > 1
    assert distilled.corrections[WORD, CODE] > distilled.corrections[OTHER, CODE]
    found = cross_fit(_texts(about), truth, np.ones(40), NOTHING, transfer, seed=1)
    assert found[about > 0, CODE].min() > found[about == 0, CODE].max()


def test_a_code_without_examples_has_no_teacher() -> None:
    """Its words stay as they are."""
    about = np.arange(40) % 2 * 1.0
    truth = np.zeros((40, len(all_codes())), dtype=np.bool_)
    distilled = TransferSet(_texts(np.arange(30) % 2 * 1.0)).distil(
        _texts(about), truth, np.ones(40), NOTHING
    )
    assert not distilled.corrections.any()
