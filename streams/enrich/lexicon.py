"""The tone of a text by VADER (Hutto and Gilbert, ICWSM 2014), without scoring what has none."""

import string
from collections.abc import Sequence

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

_SCALE = 10_000  # VADER rounds its compound score to four decimals
_REACH_BACK, _REACH_ON = 3, 2  # how far from a word of its lexicon VADER looks for what changes it


class Lexicon:
    """VADER's analyser; safe to share between threads."""

    def __init__(self) -> None:
        self._vader = SentimentIntensityAnalyzer()
        self._words = frozenset(self._vader.lexicon)
        self._emojis = frozenset(self._vader.emojis)

    def tone(self, sentences: Sequence[str]) -> int:
        """The mean compound score of `sentences` in thousandths, from -1000 to 1000; 0 for none.

        The sum is in integers, so that no order of adding can change it.
        """
        if not sentences:
            return 0
        total = sum(round(_SCALE * self.compound(sentence)) for sentence in sentences)
        return round(1000 * total / (_SCALE * len(sentences)))

    def compound(self, sentence: str) -> float:
        """VADER's compound score of one sentence, from -1 to 1."""
        telling = self.telling(sentence)
        return float(self._vader.polarity_scores(telling)["compound"]) if telling else 0.0

    def telling(self, sentence: str) -> str:
        """The words of `sentence` that VADER's score depends on: it takes time for the others too.

        Those are the words of its lexicon and what stands near them, "but", exclamation and
        question marks, and, where a word is in capitals, one that isn't.
        """
        if not sentence.isascii() and not self._emojis.isdisjoint(sentence):
            return sentence
        tokens = sentence.split()
        words = [token.lower() for token in tokens]
        bare = [word.strip(string.punctuation) for word in words]
        hits = [at for at, word in enumerate(words) if word in self._words or bare[at] in self._words]
        if not hits:
            return ""
        kept = {near for at in hits for near in range(at - _REACH_BACK, at + _REACH_ON + 1)}
        kept.update(at for at, word in enumerate(words) if bare[at] == "but" or "!" in word or "?" in word)
        lower = next((at for at, token in enumerate(tokens) if not token.isupper()), None)
        if lower is not None:
            kept.add(lower)
        return " ".join(token for at, token in enumerate(tokens) if at in kept)
