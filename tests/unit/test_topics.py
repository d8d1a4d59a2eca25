"""Topics: what an article is about, or nothing where that isn't clear."""

import pytest
from conftest import article

from streams.core.facets import Topics
from streams.enrich.topics import TopicClassifier, TopicsStage, labels, parents

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
