"""Rules: who must be named together, how closely and how often, for an alert to exist.

A rule is a list of immutable versions. Each window follows the greatest version in effect at its
start, so that the same articles and versions always give the same alerts.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

from streams.core.errors import InvalidRules
from streams.core.facets import How, TopicCode
from streams.core.instants import Instant, format_instant
from streams.core.message import Message
from streams.core.windows import Window, window_of

Closeness = Literal["article", "paragraph", "sentence", "headline"]
"""Where actors must be named together; a headline is closest."""

Positive = Annotated[StrictInt, Field(ge=1)]


def _sorted_unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        raise ValueError("an entry stands twice")
    return tuple(sorted(values))


class Rule(Message):
    """One version of a rule; decision 13 of the design says what each key means."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    version: Positive
    actors: Annotated[tuple[str, ...], Field(min_length=2), AfterValidator(_sorted_unique)]
    min_actors: Annotated[StrictInt, Field(ge=2, le=3)] = 2
    group_by: Literal["actors", "rule"] = "actors"
    window_hours: Annotated[StrictInt, Field(ge=1, le=24 * 366)] = 24
    grace_hours: Annotated[StrictInt, Field(ge=0, le=24 * 366)] = 2
    min_articles: Positive = 1
    min_stories: Positive = 1
    min_sources: Positive = 1
    closeness: Closeness = "article"
    accept: Annotated[tuple[How, ...], Field(min_length=1), AfterValidator(_sorted_unique)] = (
        "alias",
        "name",
    )
    topics: Annotated[tuple[TopicCode, ...], AfterValidator(_sorted_unique)] = ()
    effective_from: Instant | None = None
    retired: StrictBool = False

    @property
    def carries_over(self) -> bool:
        """Whether the window before counts too: one article's evidence alone isn't enough."""
        return max(self.min_articles, self.min_stories, self.min_sources) > 1

    @property
    def window_length(self) -> timedelta:
        """How long each of the rule's windows is."""
        return timedelta(hours=self.window_hours)


class RuleBook:
    """All versions of all rules, and which of them a window follows."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Raises InvalidRules where versions contradict each other."""
        self._versions: dict[str, tuple[Rule, ...]] = {}
        for rule in sorted(rules, key=lambda rule: (rule.id, rule.version)):
            earlier = self._versions.get(rule.id, ())
            _check_version(rule, earlier)
            self._versions[rule.id] = (*earlier, rule)

    def __iter__(self) -> Iterator[Rule]:
        """Every version of every rule, by id and version."""
        return (rule for versions in self._versions.values() for rule in versions)

    def __eq__(self, other: object) -> bool:
        """Two books are equal if they hold the same versions."""
        return isinstance(other, RuleBook) and self._versions == other._versions

    __hash__ = None  # type: ignore[assignment]

    @property
    def lengths(self) -> Mapping[str, int]:
        """The window length in hours of each rule id; the same for all of its versions."""
        return {rule_id: versions[0].window_hours for rule_id, versions in self._versions.items()}

    def at(self, rule_id: str, window: Window) -> Rule | None:
        """The version that `window` follows; None if there is none or the rule is retired then."""
        in_effect = [
            rule
            for rule in self._versions.get(rule_id, ())
            if rule.effective_from is None or rule.effective_from <= window.start
        ]
        return in_effect[-1] if in_effect and not in_effect[-1].retired else None


def _check_version(rule: Rule, earlier: tuple[Rule, ...]) -> None:
    name = f"rule {rule.id!r} version {rule.version}"
    if rule.min_actors > len(rule.actors):
        raise InvalidRules(f"{name}: min_actors is {rule.min_actors}, but it names {len(rule.actors)} actors")
    if rule.effective_from is not None:
        start = window_of(rule.effective_from, rule.window_hours).start
        if rule.effective_from != start:
            raise InvalidRules(
                f"{name}: effective_from must be the start of a window: use {format_instant(start)}"
                f" or {format_instant(start + rule.window_length)}"
            )
    for other in earlier:
        if other.version == rule.version:
            raise InvalidRules(f"{name} is there twice")
        for key in ("window_hours", "group_by"):
            if getattr(other, key) != getattr(rule, key):
                raise InvalidRules(
                    f"{name}: {key} is fixed under one id and was {getattr(other, key)!r} in version"
                    f" {other.version}: give the rule a new id"
                )
