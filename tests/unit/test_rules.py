"""Rules files: what is wrong is said with the line it stands on."""

import pytest

from streams.core.errors import InvalidRules
from streams.core.rulesfile import parse_rules
from streams.enrich.registry import Registry
from streams.rulebook import load_rules

GOOD = """\
[[rule]]
id = "pair"
version = 1
actors = ["Xi Jinping", "Q7747"]
"""


def test_actors_may_be_named_by_name_or_id(registry: Registry) -> None:
    """Both give the id, and the ids are sorted."""
    (rule,) = parse_rules(GOOD, registry.resolve)
    assert rule.actors == ("Q15031", "Q7747")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "minimum = 3\n", r"rules:5: minimum"),
        (GOOD.replace("version = 1", 'version = "1"'), r"rules:3: version"),
        (GOOD.replace("Xi Jinping", "Xi Jinpin"), r"rules:4: actors.*Xi Jinping"),
        (GOOD + "window_hours = 0\n", r"rules:5: window_hours"),
        (GOOD + "min_actors = 3\n", r"rules:1: .*min_actors is 3"),
        (GOOD + "effective_from = 2025-01-21T12:00:00Z\n", r"rules:1: .*start of a window"),
        (GOOD + GOOD, r"rules:5: .*there twice"),
        (
            GOOD + GOOD.replace("version = 1", "version = 2\nwindow_hours = 12"),
            r"rules:5: .*fixed under one id",
        ),
        (GOOD + "[[rule]\n", r"line 5"),
        ("", r"no \[\[rule\]\]"),
    ],
)
def test_each_problem_names_its_line(text: str, message: str, registry: Registry) -> None:
    """The reader finds the fault without searching."""
    with pytest.raises(InvalidRules, match=message):
        parse_rules(text, registry.resolve)


def test_the_shipped_rules_are_valid(registry: Registry) -> None:
    """Any two, and all three, of Xi, Putin and Trump."""
    assert {r.id: r.min_actors for r in load_rules(None, registry)} == {"any-two": 2, "all-three": 3}
