"""The sentiment stage: the tone of a document, and how it treats whom it names."""

from pathlib import Path
from typing import Any

import pytest

from streams.core.article import Article, Version
from streams.core.facets import Sentiment
from streams.enrich.entities import EntitiesStage, Named, find_actors
from streams.enrich.finder import ActorFinder
from streams.enrich.lexicon import Lexicon
from streams.enrich.registry import load_registry
from streams.enrich.sentiment import SentimentStage, summarised, telling_mentions
from streams.enrich.tone import MAX_PIECES, MODELS, TOKENIZER_FILE, Framer, Probabilities, TargetTone

XI, PUTIN, TRUMP, MACRON = "Q15031", "Q7747", "Q22686", "Q3052772"


@pytest.fixture(scope="module")
def tone() -> TargetTone:
    """The shipped model."""
    return TargetTone()


@pytest.fixture(scope="module")
def stage(tone: TargetTone) -> SentimentStage:
    """The stage with the shipped registry and model."""
    return SentimentStage(load_registry(), tone)


def article(title: str = "A title", text: str = "", **fields: Any) -> Article:
    """An article with these fields."""
    base = {"id": "a-1", "source": "example.org", "published_at": "2025-01-21T12:00:00Z"}
    return Article.model_validate(base | {"title": title, "text": text} | fields)


def named(read: Article) -> Named:
    """Whom the article names."""
    registry = load_registry()
    return find_actors(read, registry, ActorFinder(registry))


def test_fields(stage: SentimentStage, tone: TargetTone) -> None:
    """A facet names article version, registry and model."""
    read = article("Xi calls Putin")
    facet = stage.read(read)
    assert ("a-1", Version.of(read), 8, "ok") == (facet.id, facet.version, facet.stage_version, facet.outcome)
    assert (load_registry().version, tone.name) == (facet.registry, facet.model)
    assert facet == Sentiment.from_json(facet.to_json())


def test_target_decides(tone: TargetTone) -> None:
    """One sentence may treat two actors differently."""
    sentence = "Critics denounced the corrupt Smith, while the brave Jones won praise from everyone."
    probabilities = {
        name: tone.probabilities(sentence, sentence.index(name), sentence.index(name) + len(name))
        for name in ("Smith", "Jones")
    }
    assert likeliest(probabilities["Smith"]) == "negative"
    assert likeliest(probabilities["Jones"]) == "positive"
    for probability in probabilities.values():
        assert pytest.approx(1, abs=1e-5) == sum(probability)


def likeliest(probabilities: Probabilities) -> str:
    """The label with the greatest probability."""
    return max(probabilities._fields, key=lambda label: getattr(probabilities, label))


@pytest.mark.parametrize(
    ("left", "target", "right"),
    [(0, 1, 0), (300, 1, 300), (300, 1, 5), (5, 1, 300), (300, 60, 300), (0, 60, 0), (45, 2, 45)],
)
def test_length_of_input(left: int, target: int, right: int) -> None:
    """The input holds 96 word pieces at most: 16 of the target, the rest from both sides of it."""
    sentence = "left " * left + ("xi " * target).strip() + " right" * right
    framed = Framer(MODELS / TOKENIZER_FILE).frame(sentence, 5 * left, 5 * left + 3 * target - 1)
    kept = min(target, 16)
    room = MAX_PIECES - 4 - kept
    kept_left = left if left + right <= room else min(left, max(room // 2, room - right))
    kept_right = min(right, room - kept_left)
    assert 4 + kept_left + kept + kept_right == len(framed.ids)
    assert (1 + kept_left, kept + 2) == (framed.start, framed.end - framed.start)


def test_missing_model(tmp_path: Path) -> None:
    """A missing file is an OSError that names it, so that it stops a worker and blames no article."""
    with pytest.raises(FileNotFoundError, match=r"target_sentiment_mpnet_int4\.npz is missing"):
        TargetTone(tmp_path)


def test_same_again(stage: SentimentStage) -> None:
    """The same article gives the same bytes, whatever was read between."""
    read = article("Xi calls Putin", "Xi praised Putin warmly. Putin attacked Trump. Trump hit back at Xi.")
    first = stage.read(read).to_json()
    stage.read(article("Putin and Trump quarrel", "Trump insulted Putin."))
    assert first == stage.read(read).to_json()


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Xi speaks", []),
        ("Xi speaks to the Kremlin and a Russian crew", []),
        ("Xi calls Putin", [XI, PUTIN]),
        ("Xi visits Russia", [XI, "Q159"]),
        ("Xi, Putin, Trump and Macron meet", [XI, PUTIN, TRUMP]),
    ],
)
def test_who_is_scored(stage: SentimentStage, title: str, expected: list[str]) -> None:
    """The three most salient actors named by name are scored, once two are."""
    assert expected == [actor.id for actor in stage.read(article(title)).actors]


def test_sentences_are_the_entities_facets(stage: SentimentStage) -> None:
    """Sentences point into the entities facet and name the actor there."""
    read = article(
        "Talks", "Rain fell. Xi met Putin. Xi smiled. Sun shone. Putin left. Xi, Putin and Trump slept."
    )
    entities = EntitiesStage(load_registry()).read(read)
    mentioned = {actor.id: {mention.sentence for mention in actor.mentions} for actor in entities.actors}
    facet = stage.read(read)
    assert [actor.id for actor in entities.actors] == [actor.id for actor in facet.actors]
    for actor in facet.actors:
        assert 1 <= len(actor.sentences) <= 2
        assert set(actor.sentences) <= mentioned[actor.id]


def test_two_sentences_tell_of_the_first_two_actors_and_one_of_the_third(stage: SentimentStage) -> None:
    """What one more would cost an article is not worth it for the third."""
    sentence = "Xi Jinping met Vladimir Putin and Donald Trump."
    facet = stage.read(article("Xi Jinping, Vladimir Putin and Donald Trump", " ".join([sentence] * 3)))
    assert [len(actor.sentences) for actor in facet.actors] == [2, 2, 1]


def test_telling_sentences() -> None:
    """The title comes first, then where an actor is named first, then among most others, then order."""
    read = article(
        "Putin leaves", "Trump met Putin. Putin slept. Putin met Xi. Xi, Trump and Putin left. Putin saw Xi."
    )
    found = named(read)
    putin = next(actor for actor in found.actors if actor.id == PUTIN)
    trump = next(actor for actor in found.actors if actor.id == TRUMP)
    assert [mention.sentence for mention in telling_mentions(putin, found, 2)] == [0, 3]
    assert [mention.sentence for mention in telling_mentions(trump, found, 2)] == [1, 4]


def test_metonyms_are_no_targets() -> None:
    """A sentence that only hints at an actor isn't scored for it."""
    found = named(article("Russia and China", "The Kremlin smiled. Russian ships left. Russia agreed."))
    russia = next(actor for actor in found.actors if actor.id == "Q159")
    assert [mention.text for mention in telling_mentions(russia, found, 2)] == ["Russia", "Russia"]


@pytest.mark.parametrize(
    ("rows", "label", "score", "confidence"),
    [
        ([(0.1, 0.2, 0.7)], "positive", 600, 700),
        ([(0.7, 0.2, 0.1), (0.5, 0.4, 0.1)], "negative", -500, 600),
        ([(0.5, 0.5, 0.0)], "neutral", -500, 500),
        ([(0.5, 0.0, 0.5)], "negative", 0, 500),
        ([(0.0, 0.5, 0.5)], "neutral", 500, 500),
    ],
)
def test_summary_of_sentences(
    rows: list[tuple[float, float, float]], label: str, score: int, confidence: int
) -> None:
    """The mean decides; of equal labels neutral wins, then negative."""
    tone = summarised(XI, [Probabilities(*row) for row in rows], [4, 0])
    assert (label, score, confidence, (0, 4)) == (tone.label, tone.score, tone.confidence, tone.sentences)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (article("123 — !!!", "…"), "empty"),
        (article("Ein Krieg, die Hand", language="de"), "empty"),
        (article("A headline alone"), "ok"),
        (article("A headline", language="en-GB"), "ok"),
    ],
)
def test_outcome(stage: SentimentStage, read: Article, expected: str) -> None:
    """What holds no letter, or says that it isn't in English, has no tone."""
    facet = stage.read(read)
    assert expected == facet.outcome
    assert (expected == "ok") == (facet.document is not None)


def test_document_tone(stage: SentimentStage) -> None:
    """The tone of a document is the mean of its sentences, neutral ones included."""
    scores = []
    for text in ("A wonderful, happy day.", "The table stands.", "A horrible, deadly war."):
        document = stage.read(article("Note", text)).document
        assert document is not None
        scores.append(document.score)
    assert scores[0] > 200
    assert scores[1] == 0
    assert scores[2] < -200


def test_tone_of_nothing() -> None:
    """No sentences have no tone."""
    assert Lexicon().tone([]) == 0
