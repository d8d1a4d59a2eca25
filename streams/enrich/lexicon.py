"""The tone of a text by VADER (Hutto and Gilbert, ICWSM 2014), without scoring what has none."""

import string
from collections.abc import Sequence

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_SCALE = 10_000  # VADER rounds its compound score to four decimals


class Lexicon:
    """VADER's analyser; safe to share between threads."""

    def __init__(self) -> None:
        self._vader = SentimentIntensityAnalyzer()
        self._words = frozenset(self._vader.lexicon)

    def tone(self, sentences: Sequence[str]) -> int:
        """The mean compound score of `sentences` in thousandths, from -1000 to 1000; 0 for none.

        The sum is in integers, so that no order of adding can change it.
        """
        if not sentences:
            return 0
        total = sum(round(_SCALE * self._compound(s)) for s in sentences if self._may_have_tone(s))
        return round(1000 * total / (_SCALE * len(sentences)))

    def _compound(self, sentence: str) -> float:
        return float(self._vader.polarity_scores(sentence)["compound"])

    def _may_have_tone(self, sentence: str) -> bool:
        """Whether VADER could give another score than 0: it needs a word of its lexicon or an emoji.

        Most sentences of news have neither, and asking is ten times faster than scoring.
        """
        tokens = sentence.lower().split()
        if not self._words.isdisjoint(tokens):
            return True
        if not self._words.isdisjoint(token.strip(string.punctuation) for token in tokens):
            return True
        return not sentence.isascii() and any(char in self._vader.emojis for char in sentence)
