"""The words of an article that make a short name an actor's."""

from collections.abc import Iterable

from streams.enrich.finder.boundaries import has_word
from streams.enrich.finder.disguise import alike
from streams.enrich.registry import RegistryActor


class Support:
    """Which words support whom, and which speak against it; a country's stand for those of its people too."""

    def __init__(self, actors: Iterable[RegistryActor]) -> None:
        actors = list(actors)
        demonyms = {actor.name: actor.demonyms for actor in actors}
        self._words = {
            actor.id: (
                tuple(
                    dict.fromkeys(
                        alike(form) for word in actor.support for form in (word, *demonyms.get(word, ()))
                    )
                ),
                tuple(map(alike, actor.against)),
            )
            for actor in actors
            if actor.support or actor.against
        }

    def __contains__(self, actor: str) -> bool:
        """Whether words decide of the actor's short names."""
        return actor in self._words

    def holds(self, actor: str, text: str) -> bool:
        """Whether words of the actor's support stand in the text, and more than against it."""
        support, against = self._words.get(actor, ((), ()))
        wanted = sum(has_word(text, word) for word in against) + bool(support)
        for word in support:
            if not wanted:
                break
            wanted -= has_word(text, word)
        return not wanted
