"""Topics: what an article is about, or nothing where that isn't clear."""

from collections.abc import Sequence
from operator import mul

import pytest
from conftest import article

from streams.core.facets import Topics
from streams.enrich.topics import (
    INPUT_PARTS,
    INPUT_SCALE,
    MODEL_FILE,
    WEIGHT_SCALE,
    InvalidTopicModel,
    TopicClassifier,
    TopicsStage,
    labels,
    parents,
    read_model,
)

STAGE = TopicsStage(TopicClassifier.load())

WAR = (
    "Rebels seized the border town after three days of shelling. Soldiers withdrew under artillery fire, and"
    " the army said that dozens of troops were killed in the offensive. A ceasefire was broken within hours."
)
MATCH = (
    "The striker scored twice as the visitors won the cup final. The goalkeeper saved a penalty late in the"
    " second half, and the coach praised his players after the football match."
)
QUAKE = (
    "An earthquake destroyed hundreds of homes. Rescue teams searched the rubble for survivors, and emergency"
    " crews evacuated the flooded valley after the disaster."
)


@pytest.mark.parametrize(
    ("title", "text", "code"),
    [
        ("Town falls to rebels", WAR, "medtop:16000000"),
        ("Visitors win the cup", MATCH, "medtop:15000000"),
        ("Earthquake destroys homes", QUAKE, "medtop:03000000"),
    ],
)
def test_a_clear_report_gets_its_topic(title: str, text: str, code: str) -> None:
    """War, sport and disaster are told apart."""
    assert code in {topic.code for topic in STAGE.read(article(title=title, text=text)).topics}


def test_without_a_word_there_is_no_topic() -> None:
    """The outcome is empty rather than a guess."""
    facet = STAGE.read(article(title="…", text=""))
    assert ("empty", ()) == (facet.outcome, facet.topics)


@pytest.mark.parametrize("text", [WAR, "é" * 200_000, "🂡 " * 1000, MATCH * 100])
def test_topics_are_known_scored_and_ordered(text: str) -> None:
    """At most five of the first level, of the IPTC's codes, by falling score and code."""
    facet = STAGE.read(article(text=text))
    assert sum(topic.code not in parents() for topic in facet.topics) <= 5
    assert all(labels()[topic.code] == topic.label and 0 <= topic.score <= 1000 for topic in facet.topics)
    assert list(facet.topics) == sorted(facet.topics, key=lambda topic: (-topic.score, topic.code))


def test_the_same_article_gives_the_same_bytes() -> None:
    """A second reading, by a second stage, is the same facet."""
    one: Topics = STAGE.read(article(text=WAR))
    assert one.to_json() == TopicsStage(TopicClassifier.load()).read(article(text=WAR)).to_json()


def test_the_second_level_stands_under_the_first() -> None:
    """A war is armed conflict, which is never said without conflict nor with a greater score."""
    scores = {topic.code: topic.score for topic in STAGE.read(article(title="Town falls", text=WAR)).topics}
    assert "medtop:20000056" in scores
    assert all(scores[code] <= scores[parents()[code]] for code in scores if code in parents())


@pytest.mark.parametrize("text", [WAR, MATCH * 100, "Word " + QUAKE])
def test_logits_are_exact(text: str) -> None:
    """They are those of Python's whole numbers, which know no rounding: so they are the same everywhere."""
    model = read_model(MODEL_FILE.read_bytes())
    indices, values, norm = model.features.vector(text)
    vectors, inward, outward = (
        [[int(value) for value in row] for row in rows]
        for rows in (model.vectors[indices], model.inward, model.outward)
    )
    summed = [_product(values.tolist(), column) for column in zip(*vectors, strict=True)]
    inputs = [INPUT_PARTS * total // norm for total in summed]
    hidden = [
        max(_product(inputs, column) + int(bias), 0) // INPUT_SCALE
        for column, bias in zip(zip(*inward, strict=True), model.inward_biases, strict=True)
    ]
    said = [
        _product(values.tolist(), words) // norm + _product(hidden, column) // WEIGHT_SCALE + bias
        for words, column, bias in zip(
            model.weights[indices].T.tolist(), zip(*outward, strict=True), model.biases.tolist(), strict=True
        )
    ]
    logits = model.logits(text)
    assert logits is not None
    assert logits.tolist() == said


def _product(some: Sequence[int], others: Sequence[int]) -> int:
    return sum(map(mul, some, others))


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100])
def test_a_file_that_is_no_model_is_refused(data: bytes) -> None:
    """With an error of Summitry's own."""
    with pytest.raises(InvalidTopicModel):
        read_model(data)
