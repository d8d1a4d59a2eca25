"""How well actors are found: python -m benchmarks.actors_quality DATA_FOLDER [--errors].

On gold_cooccurrence (labelled by reading; its README has the rules) watched actors by name, and the
pairs of them that an article names; on the nel_ sets which registry actors a text names, by the
links of its entities. No text of these sets is in the repository.
"""

import json
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple
from urllib.parse import unquote

import click

from streams.core.article import Article
from streams.enrich.entities import EntitiesStage
from streams.enrich.registry import Registry, load_registry

WATCHED = (
    "Angela Merkel", "Barack Obama", "Bashar al-Assad", "Benjamin Netanyahu", "Boris Johnson", "Donald Trump",
    "Emmanuel Macron", "Hillary Clinton", "Joe Biden", "Kim Jong Un", "Narendra Modi", "Recep Tayyip Erdogan",
    "Sergey Lavrov", "Theresa May", "Vladimir Putin", "Volodymyr Zelensky", "Xi Jinping", "China", "Iran",
    "Israel", "North Korea", "Russia", "Ukraine", "United States", "European Union", "NATO", "United Nations",
)  # fmt: skip
"""The actors that gold_cooccurrence labels; no others."""

_TITLES = {
    "G7": "Group of Seven",
    "Georgia (country)": "Georgia",
    "Republic of Ireland": "Ireland",
    "Burma": "Myanmar",
}
_BESIDE = frozenset(
    [
        "us",
        "u.s.",
        "president",
        "former",
        "prime",
        "minister",
        "premier",
        "chancellor",
        "secretary",
        "mr",
        "mr.",
        "mrs.",
        "sen.",
        "gen.",
    ]
)
_BY_NAME = ("name", "alias")
_TITLES_ALONE = frozenset(("I", "Mr.", "President", "Secretary", "State", "Minister", "Prime"))
_OFFSET = len("x\n\n")
_PRONOUNS = frozenset(
    [
        "i",
        "you",
        "he",
        "she",
        "it",
        "we",
        "they",
        "his",
        "her",
        "its",
        "their",
        "our",
        "my",
        "me",
        "us",
        "him",
        "them",
        "your",
        "there",
        "here",
    ]
)


class Counts(NamedTuple):
    """What was found rightly, found wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def plus(self, found: set[Any], gold: set[Any]) -> "Counts":
        """With another text's."""
        return Counts(
            self.right + len(found & gold), self.wrong + len(found - gold), self.missed + len(gold - found)
        )

    def line(self, name: str) -> str:
        """Precision, recall and F1 in a row."""
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        f1 = 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)
        return f"{name:38} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  n {self.right + self.missed}"


@click.command()
@click.argument("data_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--errors", is_flag=True, help="Show each wrong or missed actor.")
def main(data_folder: Path, *, errors: bool) -> None:
    """Measure on DATA_FOLDER's gold_cooccurrence and nel_ sets."""
    registry = load_registry()
    stage = EntitiesStage(registry)
    _gold(data_folder, registry, stage, errors=errors)
    for path in sorted(data_folder.glob("nel_[gn]*.jsonl")):
        _links(path, registry, stage, errors=errors)
    path = data_folder / "articles_allsides.jsonl"
    if path.exists():
        articles = [_article(record) for record in _records(path)]
        begin = process_time()
        for article in articles:
            stage.read(article)
        click.echo(f"{(process_time() - begin) / len(articles) * 1e3:.3f} ms an article of {path.name}")


def _gold(folder: Path, registry: Registry, stage: EntitiesStage, *, errors: bool) -> None:
    ids = {registry.resolve(name): name for name in WATCHED}
    texts = {
        record["id"]: record
        for name in ("articles_open", "articles_allsides")
        for record in _records(folder / f"{name}.jsonl")
    }
    actors, pairs = Counts(), Counts()
    for row in _records(folder / "gold_cooccurrence.jsonl"):
        gold = set(row["actors_by_name"]) - set(row["ambiguous"])
        found = _named(_article(texts[row["article_id"]]), stage)
        names = {ids[actor] for actor in found if actor in ids} - set(row["ambiguous"])
        actors = actors.plus(names, gold)
        pairs = pairs.plus(set(combinations(sorted(names), 2)), set(combinations(sorted(gold), 2)))
        if errors and names != gold:
            click.echo(f"{row['article_id']}: wrong {names - gold}, missed {gold - names} ({row['note']})")
    click.echo(actors.line("gold_cooccurrence, actors by name"))
    click.echo(pairs.line("gold_cooccurrence, pairs"))


def _links(path: Path, registry: Registry, stage: EntitiesStage, *, errors: bool) -> None:
    known: dict[str, str] = {}
    for actor in registry.actors.values():
        for form in (*actor.aliases, actor.name):
            if " " in form or actor.kind != "person":
                known[_folded(form)] = actor.id
    counts = Counts()
    for record in _records(path):
        gold = _gold_links(record, known)
        found = _found_links(record, stage, gold)
        counts = counts.plus(set(found.items()), set(gold.items()))
        if errors and found != gold:
            wrong, lost = (
                {(record["text"][slice(*span)], registry.actors[actor].name) for span, actor in links}
                for links in (found.items() - gold.items(), gold.items() - found.items())
            )
            click.echo(f"{path.stem} {record['id']}: wrong {wrong}, missed {lost}")
    click.echo(counts.line(f"{path.stem}, annotated names"))


def _gold_links(record: dict[str, Any], known: dict[str, str]) -> dict[tuple[int, int], str]:
    """The annotated names that mean an actor of the registry, by their place."""
    links = {}
    for entity in record["entities"]:
        title = _link(entity)
        actor = known.get(_folded(_TITLES.get(title, title)))
        if actor is not None and entity["text"] not in _PRONOUNS and _is_name(entity["text"]):
            links[entity["start"], entity["end"]] = actor
    return links


def _found_links(
    record: dict[str, Any], stage: EntitiesStage, gold: dict[tuple[int, int], str]
) -> dict[tuple[int, int], str]:
    """Whom the stage finds in annotated names: most texts have other names besides, not judged here.

    In a longer phrase ("the Prime Minister of X, Y") one mention of whom it means is enough.
    """
    day = record.get("published_at") or "2012-09-01T00:00:00Z"
    facet = stage.read(Article(id="x", title="x", text=record["text"], source="x", published_at=day))
    spans = [(entity["start"], entity["end"]) for entity in record["entities"]]
    found = {}
    for actor in facet.actors:
        for mention in actor.mentions:
            place = mention.start - _OFFSET, mention.end - _OFFSET
            if mention.how not in _BY_NAME:
                continue
            for span in spans:
                inside = span[0] <= place[0] and place[1] <= span[1]
                if (inside and gold.get(span) == actor.id) or _same(record["text"], place, span):
                    found[span] = actor.id
    return found


def _same(text: str, place: tuple[int, int], span: tuple[int, int]) -> bool:
    """Whether a mention is all of an annotated name, but for an article, a title or a possessive."""
    if not (span[0] <= place[0] and place[1] <= span[1]):
        return False
    before, after = text[span[0] : place[0]].lower().split(), text[place[1] : span[1]].strip()
    return after in ("", "'s", "'", "’s", ".") and all(
        word in _BESIDE or word in ("the", "a") for word in before
    )


def _is_name(text: str) -> bool:
    """Whether an annotated phrase is a name, not a description or a pronoun."""
    words = [word for word in text.replace("'s", "").split() if word not in ("the", "of", "and", "'", "The")]
    return all(not word[0].islower() for word in words) and not set(words) <= _TITLES_ALONE


def _named(article: Article, stage: EntitiesStage) -> set[str]:
    facet = stage.read(article)
    return {actor.id for actor in facet.actors if any(mention.how in _BY_NAME for mention in actor.mentions)}


def _article(record: dict[str, Any]) -> Article:
    return Article(
        id="x",
        title=record["title"] or "x",
        text=record["text"],
        source="x",
        published_at=record["published_at"],
    )


def _link(entity: dict[str, Any]) -> str:
    link = entity.get("wikipedia") or next(iter(entity.get("links", [])), "")
    return unquote(str(link).rsplit("/", 1)[-1]).replace("_", " ")


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.casefold())
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f").replace("-", " ")


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    main()
