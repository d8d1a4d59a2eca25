"""Spans: whatever the text, offsets quote it."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streams.core.article import Article
from streams.enrich.entities import EntitiesStage
from streams.enrich.registry import load_registry
from streams.enrich.sentences import MAX_LENGTH, split

REGISTRY = load_registry()
STAGE = EntitiesStage(REGISTRY)
FORMS = sorted(
    form
    for actor in REGISTRY.actors.values()
    for form in (
        actor.name,
        *actor.aliases,
        *actor.short_names,
        *actor.metonyms,
        *actor.demonyms,
        *actor.not_names,
        *actor.support,
    )
)

anything = st.text(st.characters(codec="utf-8"), max_size=12)
joints = st.sampled_from(
    [" ", ". ", "\n", "\r\n\r\n", "’s ", "'", "-", "! ", "… ", "\u0301", "\ufe0f", "😀", "。", "\u00a0", ", "]
)
news = st.lists(st.sampled_from(FORMS) | joints | anything | st.just("x" * 700), max_size=60).map("".join)
titles = st.lists(st.sampled_from(FORMS) | joints | anything, min_size=1, max_size=8).map("".join)


@given(title=titles.filter(bool), text=news)
def test_spans_quote_the_document(title: str, text: str) -> None:
    """Mentions and sentences quote the document, and each mention lies in its sentence."""
    article = Article(id="a", title=title, text=text, source="s", published_at="2025-01-21T12:00:00Z")  # type: ignore[arg-type]
    facet = STAGE.read(article)
    document = article.document
    for sentence in facet.sentences:
        assert sentence.text == document[sentence.start : sentence.end]
        assert sentence.text == sentence.text.strip()
        assert (sentence.paragraph == 0) == (sentence.start < len(title))
    # A set, since one word in the plural may mean two: "the French and German presidents".
    taken: set[tuple[int, int]] = set()
    for actor in facet.actors:
        for mention in actor.mentions:
            sentence = facet.sentences[mention.sentence]
            assert mention.text == document[mention.start : mention.end]
            assert sentence.start <= mention.start < mention.end <= sentence.end
            taken.add((mention.start, mention.end))
    assert all(end <= start for (_, end), (start, _) in pairwise(sorted(taken)))
    assert facet.to_json() == STAGE.read(article).to_json()


@given(title=titles, text=news)
def test_sentences_lose_nothing(title: str, text: str) -> None:
    """All that isn't white space lies in one sentence, in order, none over the limit."""
    document = f"{title}\n\n{text}"
    sentences = split(document, len(title))
    position = 0
    for sentence in sentences:
        assert not document[position : sentence.start].strip()
        assert position <= sentence.start < sentence.end <= sentence.start + MAX_LENGTH
        position = sentence.end
    assert not document[position:].strip()
