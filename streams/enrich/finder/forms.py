"""How the forms of the registry may be written: what the gazetteer's automaton looks for."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal

from streams.enrich.finder.disguise import alike
from streams.enrich.registry import RegistryActor

Use = Literal["name", "alias", "metonym", "demonym", "short", "office", "not"]

NAMES: tuple[Use, Use] = ("name", "alias")
"""The uses of a form that is somebody's own."""

LEAST_CAPITALS = 4
"""Letters that a form in capitals needs: "XI" is a numeral and "MAY" a month."""

OFFICES = ("the pope", "the Pope", "The pope", "The Pope", "the new pope", "The new pope")
"""What means the holder of an office by itself."""

_LETTERS = str.maketrans(dict(zip("øØłŁıđĐ", "oOlLidD", strict=True)) | {"ß": "ss", "æ": "ae"})
_UMLAUTS = str.maketrans(
    {"đ": "dj", "Đ": "Dj", "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)
_SAME_FIRST_NAME = """
    Sergey Sergei Serguei Serhii Serhiy | Dmitry Dmitri Dmitriy Dmitrii | Alexei Alexey Aleksei Aleksey
    | Yevgeny Evgeny Yevgeni Evgeni Evgeniy | Alexander Aleksandr Alexandr Aleksander | Andrei Andrey Andrii
    | Yuri Yury Yuriy | Nikolai Nikolay | Mikhail Mikhael | Anatoly Anatoliy Anatoli | Viktor Victor
    | Mohammed Mohammad Mohamed Muhammad Mohamad Muhammed | Ahmed Ahmad | Mahmoud Mahmud | Hassan Hasan
    | Hussein Hussain Husain | Ibrahim Ebrahim | Abdel Abdul Abd | Youssef Yousef Yusuf Yousuf
    | Volodymyr Volodymir Wolodymyr | Oleksandr Olexandr | Oleksiy Oleksii | Dmytro Dmitro | Ali Aly
    | Omar Umar | Osama Usama | Khaled Khalid | Ismail Ismael | Yasser Yasir | Bashar Bashir
"""
"""First names that are one name written in several ways."""

_NICKNAMES = """
    Antony Tony | Anthony Tony | Michael Mike | Joseph Joe | William Bill | Robert Bob | James Jim
    | Richard Dick | Thomas Tom | David Dave | Stephen Steve | Steven Steve | Benjamin Ben | Christopher Chris
    | Edward Ed | Elizabeth Liz | Daniel Dan | Charles Chuck | Alexander Alex
"""
"""First names, and what those who bear them are called for short."""

_NICKNAME = dict(map(str.split, _NICKNAMES.split("|")))
_SAME = {
    name: tuple(names.split())
    for names in " ".join(_SAME_FIRST_NAME.split()).split(" | ")
    for name in names.split()
}
_MAX_GIVEN = 2
"""Given names that a list has behind a surname."""

_AL = re.compile(r"\b(?:al|Al|el|El)-(?=[A-Z])")
_LEAD = re.compile(r"['\da-z][^A-ZÀ-Þ]*(?=[A-ZÀ-Þ])|(?:[a-z]+ )+(?=[a-z]+$)")
_INITIALS = re.compile(r"((?:[A-Z]\. ){1,3})(?=[A-Z])")
_HYPHENATED = re.compile(r"-([a-z])")
_CASES = tuple(
    (ending, tuple(others.split()))
    for ending, others in (
        ("ский", "ского скому ским ском"), ("ський", "ського ському ським"), ("ий", "ого ому им ем"),
        ("ия", "ии ию ией"), ("ія", "ії ію ією"), ("ея", "еи ею еей"), ("а", "ы и і е у ой ою"),
        ("я", "и е ю ей і"), ("ай", "ая аю аем ае"), ("ь", "я и ю ем е"),
        ("енко", "енка енку енком енкові"), ("о", ""), ("е", ""), ("и", ""), ("у", ""), ("ю", ""), ("ы", ""),
    )
)  # fmt: skip
"""Endings of Russian and Ukrainian names, and what they become in the other cases."""

_CONSONANT = ("а", "у", "ом", "ым", "им", "е", "і", "ові", "ем", "єм")


@dataclass(frozen=True, slots=True)
class Form:
    """Words of the registry: how they are used and by whom; only short names have several users."""

    text: str
    use: Use
    actors: tuple[str, ...]
    person: bool
    surname: bool
    """Whether it is one word of a person's name, or one with its particle."""
    tail: int = 0
    """Code points of the "of Jordan" that ends a monarch's name, where the country is named too."""


Match = tuple[int, int, Form]
"""Where a form stands in the text, start and end in code points of that."""


def all_forms(actors: Iterable[RegistryActor]) -> list[Form]:
    """Each text once: a name goes before an alias, that before a metonym, and so on.

    So a user's new actor takes its name back from another actor's phrases that aren't names.
    """
    forms: dict[str, Form] = {}
    actors = sorted(actors, key=attrgetter("id"))
    written: tuple[tuple[Use, str], ...] = (
        ("name", "name"), ("alias", "aliases"), ("alias", ""), ("metonym", "metonyms"),
        ("demonym", "demonyms"), ("short", "short_names"), ("not", "not_names"),
    )  # fmt: skip
    for use, field in written:
        for actor in actors:
            for text in _texts(actor, field):
                if use in ("name", "alias") and text in actor.short_names:
                    continue  # a name that needs support
                known = forms.get(text)
                if known is None:
                    person = actor.kind == "person"
                    forms[text] = Form(text, use, (actor.id,), person, person and is_surname(text))
                elif use == known.use == "short" and actor.id not in known.actors:
                    forms[text] = replace(known, actors=(*known.actors, actor.id))
    for text in OFFICES:
        forms.setdefault(text, Form(text, "office", (), person=False, surname=False))
    return list(_without_realms(forms))


def _without_realms(forms: Mapping[str, Form]) -> Iterator[Form]:
    """The forms, of which monarchs' ones leave out what is a country's: "King Hussein of Jordan"."""
    countries = {form.text for form in forms.values() if form.actors and not form.person}
    for form in forms.values():
        name, of, country = form.text.rpartition(" of ")
        if not form.person or form.use not in NAMES or country.removeprefix("the ") not in countries:
            yield form
        elif name not in forms or forms[name].use not in NAMES or forms[name].actors != form.actors:
            yield replace(form, tail=len(of + country))


def own_names(actor: RegistryActor) -> frozenset[str]:
    """The names of a person other than the surname, and their first letters."""
    own: set[str] = set()
    for form in (actor.name, *actor.aliases):
        words = form.replace(".", ". ").split()
        own.update(word for word in words[:-1] if word[0].isupper())
    own |= {bare(word) for word in own}
    return frozenset(own | {word[0] for word in own})


def is_surname(text: str) -> bool:
    """Whether a name is one Latin word, or several that begin with a particle."""
    return text[0] < "\u0250" and (
        " " not in text or text[0].islower() or text.startswith(("Von ", "Van ", "Al "))
    )


def lead(text: str) -> str:
    """What stands before a Latin form's first capital, or before its last word if it has none: "von der "."""
    found = _LEAD.match(text)
    return "" if found is None else found[0]


def bare(text: str) -> str:
    """A Latin text without diacritics."""
    if text.isascii():
        return text
    text = text.translate(_LETTERS)
    plain = unicodedata.normalize("NFD", text)
    return "".join(char for char in plain if not "\u0300" <= char <= "\u036f")


def _texts(actor: RegistryActor, field: str) -> Iterator[str]:
    """The actor's forms of one field in every spelling; the field "" means spellings of the name."""
    if field == "name":
        name = alike(actor.name)
        yield name
        if _may_shout(name, actor, field):
            yield name.upper()
        return
    texts = [actor.name] if field == "" else getattr(actor, field)
    # Persian has a mark between the parts of a word that doesn't show, and many write a space or nothing.
    texts = dict.fromkeys(text.replace("\u200c", mark) for text in texts for mark in ("", " "))
    for text in texts:
        if field == "not_names" and "a" <= text[-1] <= "z" and text[-1] != "s":
            yield f"{text}s"
        if " " in text and field in ("", "aliases"):
            yield f"#{bare(text).replace(' ', '')}"
        for spelling in _spellings(alike(text), actor, field):
            yield spelling
            if _may_shout(spelling, actor, field):
                yield spelling.upper()
                if "\u0370" <= spelling[0] <= "\u03ff":  # Greek capitals are written without accents
                    yield bare(spelling.upper())


def _may_shout(text: str, actor: RegistryActor, field: str) -> bool:
    if field == "metonyms" or text == "Polish" or not text[0].isupper():
        return False
    return (actor.kind != "organisation" or " " in text) and sum(map(str.isalpha, text)) >= LEAST_CAPITALS


def _spellings(text: str, actor: RegistryActor, field: str) -> Iterator[str]:
    yield text
    if not text.isascii():
        if text[0] >= "\u0400":
            if "\u0400" <= text[0] <= "\u052f" and field in ("aliases", "short_names"):
                yield from _declined(text)
            return
        if actor.kind == "person" and " " in text and field in ("", "aliases"):
            yield from _inverted(text, actor.short_names)
        plain = bare(text)
        if plain != text and plain.isascii():
            yield plain
        other = bare(text.translate(_UMLAUTS))
        if other not in (text, plain) and actor.kind == "person":
            yield other
        text = plain
    if actor.kind != "person" or field in ("not_names", "metonyms"):
        return
    if " " in text and field in ("", "aliases"):
        yield from _full_names(text, actor.short_names)
    elif _AL.match(text):
        yield from (
            f"{article}{text[3:]}" for article in ("al-", "Al-", "el-", "El-", "al ", "Al ") if len(text) > 5
        )


def _full_names(text: str, short_names: Collection[str]) -> Iterator[str]:
    first, _, rest = text.partition(" ")
    variants = [text]
    variants += [f"{same} {rest}" for same in _SAME.get(first, ()) if same != first]
    if first in _NICKNAME:
        variants.append(f"{_NICKNAME[first]} {rest}")
    initials = _INITIALS.match(text)
    if initials is not None:  # "S. M. Krishna" is S.M., SM and S M too
        letters, rest = initials[1].replace(".", "").split(), text[initials.end() :]
        variants += [f"{'. '.join(letters)}. {rest}", f"{'.'.join(letters)}. {rest}"]
        variants += [f"{''.join(letters)} {rest}", f"{' '.join(letters)} {rest}"]
    for variant in tuple(variants):
        hyphen = _HYPHENATED.search(variant)
        if hyphen is not None and _AL.search(variant) is None:
            variants.append(_HYPHENATED.sub(lambda match: f"-{match[1].upper()}", variant))
            variants.append(_HYPHENATED.sub(lambda match: f" {match[1].upper()}", variant))
        if _AL.search(variant) is not None:
            variants += [_AL.sub(article, variant) for article in ("al-", "Al-", "el-", "El-", "al ", "")]
    yield from variants
    yield from _inverted(text, short_names)


def _inverted(text: str, short_names: Collection[str]) -> Iterator[str]:
    """As a list has a name: "Merkel, Angela", "Hu, Jintao"."""
    if text.count(" ") <= _MAX_GIVEN:
        first, _, rest = text.partition(" ")
        given, _, last = text.rpartition(" ")
        if first in short_names:
            given, last = rest, first
        yield f"{last}, {given}"
        yield f"{last.upper()}, {given}"


def _declined(text: str) -> Iterator[str]:
    """A Cyrillic name in the cases of Russian and Ukrainian, its last word alone declined."""
    if len(text) < 4 or text.isupper():
        return
    for ending, others in _CASES:
        if text.endswith(ending):
            yield from (text[: -len(ending)] + other for other in others)
            return
    yield from (text + ending for ending in _CONSONANT)
