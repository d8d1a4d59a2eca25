"""Build the shipped registry: python -m streams.training.registry DATA_FOLDER [--out FOLDER]."""

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import click

from streams.training.registry.people import choose, entry, given_names
from streams.training.registry.sources import Lists, read_lists, read_people, rows, words

RELEASE = 2
SHIPPED = Path(str(resources.files("streams.enrich.registry")))
SCRIPTS = ("ru", "uk", "zh", "zh-Hant", "ja", "ko", "he", "el", "ar", "fa", "hi")
"""The languages whose names of countries are taken, from CLDR."""


@click.command()
@click.argument("data_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=SHIPPED, show_default=True)
def main(data_folder: Path, out: Path) -> None:
    """Write actors.json and given_names.txt from DATA_FOLDER/registry and the lists beside this file.

    The same inputs give the same bytes. Names and terms come from rows that may be shipped (CC0, MIT,
    Unicode, PDDL); of rows under a share-alike licence only the identifier is taken.
    """
    lists = read_lists()
    countries = _countries(data_folder, lists)
    organisations = _organisations(data_folder, lists)
    people = read_people(data_folder)
    codes = {row["iso2"]: row["qid"] for row in rows(data_folder / "registry" / "countries_qid.jsonl")}
    by_name = {actor["name"]: actor["id"] for actor in organisations}
    given = given_names(people.values(), lists)
    persons = [entry(person, lists, given, codes, by_name) for person in choose(people, lists).values()]
    unknown = set(lists.names) - {person["name"] for person in persons}
    if unknown:
        raise click.ClickException(
            f"not in the registry, but in a list of names: {', '.join(sorted(unknown))}"
        )
    actors = _apart([*persons, *countries, *organisations])
    _with_support(actors, lists)
    actors.sort(key=lambda actor: int(actor["id"][1:]))
    lines = ",\n".join(
        json.dumps({key: value for key, value in actor.items() if value}, ensure_ascii=False)
        for actor in actors
    )
    text = f'{{"format": 2, "release": {RELEASE}, "actors": [\n{lines}\n]}}\n'
    (out / "actors.json").write_text(text, encoding="utf-8")
    (out / "given_names.txt").write_text("\n".join((*sorted(given), "")), encoding="utf-8")
    written = Counter(actor["kind"] for actor in actors)
    click.echo(
        f"{written['person']} people, {written['country']} countries, {written['organisation']} organisations"
    )


def _countries(data_folder: Path, lists: Lists) -> list[dict[str, Any]]:
    known = {row["iso2"]: row for row in rows(data_folder / "registry" / "countries_qid.jsonl")}
    actors = []
    for code, name, demonyms, metonyms, aliases, not_names, led_by, *_ in lists.countries:
        labels = known[code]["labels"]
        native = [labels[language] for language in SCRIPTS if language in labels]
        native = [label for label in native if label not in lists.everyday_words]
        forms = (*words(aliases), *(label for label in native if not label.isascii() and len(label) > 1))
        actors.append(
            {
                "id": known[code]["qid"],
                "name": name,
                "kind": "country",
                "aliases": [form for form in dict.fromkeys(forms) if form != name],
                "metonyms": words(metonyms),
                "demonyms": words(demonyms),
                "not_names": words(not_names),
                "led_by": led_by,
            }
        )
    return actors


def _organisations(data_folder: Path, lists: Lists) -> list[dict[str, Any]]:
    ids: dict[str, tuple[int, str]] = {}
    for row in rows(data_folder / "registry" / "organisations.jsonl"):
        for form in (row["name"], *row["aliases"], *row["abbreviations"]):
            ids[form] = max(ids.get(form, (0, "")), (row["qid_checked_by"], row["qid"]))
    return [
        {
            "id": ids[source][1],
            "name": name,
            "kind": "organisation",
            "aliases": words(aliases),
            "metonyms": words(metonyms),
            "not_names": words(not_names),
        }
        for source, name, aliases, not_names, metonyms, *_ in lists.organisations
    ]


def _apart(actors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without names that two people share: who has it as preferred name, or the more offices, keeps it."""
    owners: dict[str, str] = {}
    ranked = sorted(
        actors,
        key=lambda actor: (actor["kind"] == "person", -len(actor.get("offices", ())), int(actor["id"][1:])),
    )
    for actor in ranked:
        owners.setdefault(actor["name"], actor["id"])
    for actor in ranked:
        actor["aliases"] = [
            form for form in actor["aliases"] if owners.setdefault(form, actor["id"]) == actor["id"]
        ]
    return [actor for actor in actors if owners[actor["name"]] == actor["id"]]


def _with_support(actors: list[dict[str, Any]], lists: Lists) -> None:
    by_name = {actor["name"]: actor for actor in actors}
    for name, short, support, against, *_ in lists.ambiguous:
        actor = by_name[name]
        actor["short_names"] = words(short)
        actor["support"], actor["against"] = words(support), words(against)


if __name__ == "__main__":
    main()
