"""The entities stage: whom an article names, where, how prominently, and within which limits."""

import base64
from operator import eq
from random import Random
from statistics import fmean, pstdev
from textwrap import fill
from typing import Any

import pytest

from streams.core.article import Article, Version
from streams.core.facets import Entities
from streams.core.message import MAX_BYTES
from streams.core.stories import EQUAL_VALUES, SIGNATURE_VALUES, VALUE_BYTES
from streams.enrich.entities import MAX_MENTIONS, MAX_SENTENCES, EntitiesStage
from streams.enrich.registry import load_registry
from streams.enrich.signature import signature

XI, PUTIN, TRUMP, RUSSIA = "Q15031", "Q7747", "Q22686", "Q159"


@pytest.fixture(scope="module")
def stage() -> EntitiesStage:
    """The stage with the shipped registry."""
    return EntitiesStage(load_registry())


def article(title: str = "A title", text: str = "", **fields: Any) -> Article:
    """An article with these fields."""
    base = {"id": "a-1", "source": "example.org", "published_at": "2025-01-21T12:00:00Z"}
    return Article.model_validate(base | {"title": title, "text": text} | fields)


def test_fields_are_the_articles(stage: EntitiesStage) -> None:
    """A facet repeats what the sink needs to know of the article, and names version and registry."""
    read = article("Xi and Putin hold call", "It was short.", url="https://example.org/1", language="en")
    facet = stage.read(read)
    expected = {
        "id": "a-1",
        "version": Version.of(read),
        "stage_version": 9,
        "outcome": "ok",
        "reason": None,
        "title": "Xi and Putin hold call",
        "url": "https://example.org/1",
        "source": "example.org",
        "published_at": read.published_at,
        "language": "en",
        "withdrawn": False,
        "registry": load_registry().version,
    }
    assert expected == {field: getattr(facet, field) for field in expected}
    assert facet == Entities.from_json(facet.to_json())


def test_nobody_named(stage: EntitiesStage) -> None:
    """An article that names no actor is empty, and has neither sentences nor signature."""
    facet = stage.read(article("Rain again", "It rained on Xi'an."))
    assert (facet.outcome, facet.actors, facet.sentences, facet.signature) == ("empty", (), (), None)


def test_mentions_quote_the_document(stage: EntitiesStage) -> None:
    """Mentions lie in the sentences that name somebody, and both quote the document."""
    read = article(
        "😀 Xi calls", "Nobody here. Putin’s aide spoke to Xi.\n\nThe Kremlin was silent. Nothing else."
    )
    facet = stage.read(read)
    document = read.document
    sentences = [(s.text, s.paragraph) for s in facet.sentences]
    expected = [("😀 Xi calls", 0), ("Putin’s aide spoke to Xi.", 1), ("The Kremlin was silent.", 2)]
    assert expected == sentences
    for sentence in facet.sentences:
        assert sentence.text == document[sentence.start : sentence.end]
    mentions = {
        actor.id: [(document[m.start : m.end], m.text, m.how, m.sentence) for m in actor.mentions]
        for actor in facet.actors
    }
    assert mentions == {
        XI: [("Xi", "Xi", "alias", 0), ("Xi", "Xi", "alias", 1)],
        PUTIN: [("Putin", "Putin", "alias", 1)],
        RUSSIA: [("Kremlin", "Kremlin", "metonym", 2)],
    }


def test_salience(stage: EntitiesStage) -> None:
    """Headline, lead, early place, frequency and the place of the subject make an actor salient."""
    facet = stage.read(
        article("Xi speaks", "Xi met Putin. Xi left. Trump and Putin stayed in a Russian town.")
    )
    assert [actor.id for actor in facet.actors] == [XI, TRUMP, PUTIN, RUSSIA]
    saliences = [actor.salience for actor in facet.actors]
    assert saliences == [1000, 465, 430, 142]


def test_equal_salience_is_ordered_by_id(stage: EntitiesStage) -> None:
    """Actors as salient as each other are sorted by id."""
    facet = stage.read(article("x" * 2_000, "y" * 190_000 + " Xi Trump Putin"))
    assert [actor.id for actor in facet.actors] == sorted(actor.id for actor in facet.actors)


def test_signature_needs_two_actors(stage: EntitiesStage) -> None:
    """The story signature is there once two actors are named: 64 values of 32 bits, as base64."""
    assert stage.read(article("Xi speaks")).signature is None
    read = article("Xi calls Putin")
    encoded = stage.read(read).signature
    assert encoded is not None
    assert signature(read.document) == base64.b64decode(encoded, validate=True)
    assert len(base64.b64decode(encoded)) == SIGNATURE_VALUES * VALUE_BYTES


def test_signature_is_the_same_everywhere() -> None:
    """Signatures are stored and compared for years: these bytes must never change."""
    assert signature("Xi calls Putin, again.").hex()[:32] == "0b3607430b3607430b36074339761676"
    assert signature(" … ").hex()[:32] == "0" * 32


@pytest.mark.parametrize(
    ("one", "other"), [("", "--"), ("Xi", "xi!"), ("Xi calls", "XI, calls"), ("a b c", "A.B.C")]
)
def test_signature_reads_tokens(one: str, other: str) -> None:
    """Case and punctuation make no difference, however short the text."""
    assert signature(one) == signature(other)


def values_of(signed: bytes) -> list[bytes]:
    """The values of a signature."""
    return [signed[n : n + VALUE_BYTES] for n in range(0, len(signed), VALUE_BYTES)]


def test_signature_tells_copies() -> None:
    """A lightly edited copy shares 45 values of 64 and more, another report hardly any."""
    words = [f"word{n * n % 997}" for n in range(400)]
    copy = [*words[:200], "inserted", *words[200:390]]
    other = [f"term{n * n % 991}" for n in range(400)]
    first, *rest = (values_of(signature(" ".join(text))) for text in (words, copy, other))
    equal = [sum(map(eq, first, values)) for values in rest]
    assert equal[0] >= EQUAL_VALUES
    assert equal[1] < 5


@pytest.mark.parametrize("size", [15, 60, 800])
def test_signature_estimates_resemblance(size: int) -> None:
    """The share of equal values is that of common 3-grams, give or take what 64 draws have: short texts too."""
    random = Random(size)
    errors = []
    for _ in range(100):
        words = [f"w{random.randrange(10**9)}" for _ in range(2 * size)]
        start = random.randrange(size)
        one, other = words[:size], words[start : start + size]
        common = max(0, size - start - 2)
        equal = sum(map(eq, *(values_of(signature(" ".join(text))) for text in (one, other))))
        errors.append(equal / SIGNATURE_VALUES - common / (2 * (size - 2) - common))
    assert abs(fmean(errors)) < 0.02
    assert pstdev(errors) < 0.07


def assert_consistent(facet: Entities, read: Article) -> None:
    """Every mention lies in the sentence that it points to, and every sentence is pointed to."""
    mentions = [mention for actor in facet.actors for mention in actor.mentions]
    assert set(range(len(facet.sentences))) == {mention.sentence for mention in mentions}
    for mention in mentions:
        sentence = facet.sentences[mention.sentence]
        assert sentence.start <= mention.start < mention.end <= sentence.end
        assert mention.text == read.document[mention.start : mention.end]


def test_many_mentions(stage: EntitiesStage) -> None:
    """Of many mentions the first 500 are kept."""
    read = article("A list", "Xi met Putin and Trump and talked. " * 400)
    facet = stage.read(read)
    assert sum(len(actor.mentions) for actor in facet.actors) == MAX_MENTIONS
    assert_consistent(facet, read)


def test_many_sentences(stage: EntitiesStage) -> None:
    """Of many sentences the first 200 are kept, with their mentions."""
    read = article("A list", "Putin spoke. " * 400)
    facet = stage.read(read)
    assert len(facet.sentences) == MAX_SENTENCES
    assert_consistent(facet, read)


@pytest.mark.parametrize("filler", ["\u0001", "😀", "x"])
def test_facet_fits_a_message(stage: EntitiesStage, filler: str) -> None:
    """However large its parts, a facet stays within 900,000 bytes and consistent."""
    text = (f"Putin {filler * 980}. ") * 203
    read = article(
        "😀" * 2_000, text[:200_000], url="https://example.org/" + "😀" * 4_000, source="\u0001" * 256
    )
    facet = stage.read(read)
    assert len(facet.to_json()) <= MAX_BYTES
    assert len(facet.sentences) > 100
    assert_consistent(facet, read)


def test_withdrawn_article(stage: EntitiesStage) -> None:
    """A withdrawal is read like any version, and says that it is one."""
    facet = stage.read(article("Xi calls Putin", withdrawn=True))
    assert (facet.withdrawn, facet.outcome) == (True, "ok")


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "unit",
    [
        ".",
        "! ",
        "。",
        " ",
        ". " + " " * 20_000 + "!",
        "Trump Tower ",
        "Kim ",
        "US",
        "Xi'",
        "x",
        "Moscow: ",
        "\n",
        '."',
    ],
)
def test_time_grows_with_length_alone(stage: EntitiesStage, unit: str) -> None:
    """No text of the greatest length makes a stage stand still, whatever it repeats."""
    text = (unit * (180_000 // len(unit)))[:180_000] + " Putin " + unit * (10_000 // len(unit))
    read = article("Kim Jong Un", text)
    assert_consistent(stage.read(read), read)


def test_quotes_and_boilerplate_weigh_less(stage: EntitiesStage) -> None:
    """Somebody named in the report's own words is more salient than in a quotation, or in a link."""
    own, quoted, linked = (
        stage.read(article("A fire", text)).actors
        for text in (
            "A barn burned.\n\nA man saw Putin there. Trump came.",
            "A barn burned.\n\nA man said: “I saw Putin there.” Trump came.",
            "A barn burned.\n\nRelated: a man saw Putin there\nTrump came.",
        )
    )
    salience = [
        next(actor.salience for actor in actors if actor.id == PUTIN) for actors in (own, quoted, linked)
    ]
    assert salience == sorted(set(salience), reverse=True)


def test_language_is_said(stage: EntitiesStage) -> None:
    """A facet says which language the text shows, and which it can't read but for names."""
    russian = stage.read(
        article("Встреча", "Вчера мы видели, как Владимир Путин вышел к прессе.", language="en")
    )
    assert (russian.detected_language, russian.unsupported_language) == ("ru", "ru")
    assert [actor.id for actor in russian.actors] == [PUTIN]
    english = stage.read(article("A call", "Putin said that he had spoken to the press after the call."))
    assert (english.detected_language, english.unsupported_language) == ("en", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Тrump spoke.", ("homoglyph",)),
        ("Tru\u200bmp spoke.", ("invisible",)),
        ("Tru\u200bmp met Рutin.", ("homoglyph", "invisible")),
        ("Trump spoke to Владимир Путин; a\u200bb.", ()),
    ],
)
def test_disguises_are_said(stage: EntitiesStage, text: str, expected: tuple[str, ...]) -> None:
    """A facet says by which tricks its mentions hide, and of no other trick in the text."""
    assert expected == stage.read(article("A title", text)).disguises


WRAPPED = """
Chancellor Angela Merkel met the Russian president in Sochi on Monday, and spoke with him about the war in Syria. \
Mrs. Merkel said that Germany and the United States want peace, and so does Recep Tayyip Erdogan.

In New York the Secretary-General of the United Nations, António Guterres, thanked both of them. Vladimir Putin \
did not reply, and neither did Bashar al-Assad nor the White House.
""".strip()


def on_one_line(read: Entities) -> list[str]:
    """Actors and sentences, with spaces for the line breaks in their texts."""
    return [part.model_dump_json().replace("\\n", " ") for part in (*read.actors, *read.sentences)]


@pytest.mark.parametrize("width", range(50, 100, 3))
def test_lines_wrapped_by_width_are_read_as_paragraphs(stage: EntitiesStage, width: int) -> None:
    """Names and sentences go on over the ends of such lines; every offset is as without them."""
    wrapped = "\n\n".join(fill(its, width, break_on_hyphens=False) for its in WRAPPED.split("\n\n"))
    plain = stage.read(article("Talks", WRAPPED))
    read = stage.read(article("Talks", wrapped))
    assert len(plain.actors) > 8
    assert on_one_line(read) == on_one_line(plain)


def test_a_list_of_short_lines_is_not_wrapped(stage: EntitiesStage) -> None:
    """Lines that end where they like are paragraphs each."""
    lines = (
        "Vladimir Putin goes to Sochi",
        "Merkel: no",
        "Trump and Xi talk trade on the phone",
        "Macron wins",
    )
    read = stage.read(article("Headlines", "\n".join(lines)))
    assert [sentence.text for sentence in read.sentences] == list(lines)
