"""The gazetteer: which words name an actor, and which only look like it."""

import json
from pathlib import Path

import pytest

from streams.enrich.finder import ActorFinder
from streams.enrich.registry import Registry, load_registry

DAY = "2025-01-21"


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The shipped registry."""
    return load_registry()


@pytest.fixture(scope="module")
def finder(registry: Registry) -> ActorFinder:
    """The finder of the shipped registry."""
    return ActorFinder(registry)


def read(finder: ActorFinder, document: str) -> list[tuple[str, str, str]]:
    """The words, actor and way of each mention."""
    return [(document[f.start : f.end], f.actor, f.how) for f in finder.find(document, DAY)]


def words(finder: ActorFinder, document: str) -> list[str]:
    """The words of each mention."""
    return [document[f.start : f.end] for f in finder.find(document, DAY)]


def test_ways_to_name(finder: ActorFinder) -> None:
    """Name, alias, metonym and demonym are told apart."""
    expected = [
        ("Vladimir Putin", "Q7747", "name"),
        ("Putin", "Q7747", "alias"),
        ("Kremlin", "Q159", "metonym"),
        ("Russian", "Q159", "demonym"),
    ]
    assert expected == read(finder, "Vladimir Putin spoke; Putin and the Kremlin want a Russian port.")


def test_offsets_are_code_points(finder: ActorFinder) -> None:
    """Emoji, combining marks and other scripts before a name don't shift its offsets."""
    document = "🇨🇳👩‍👩‍👧 Ze\u0301ro 中文 — Xi and Putin"
    assert read(finder, document) == [("Xi", "Q15031", "alias"), ("Putin", "Q7747", "alias")]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Xi Jinping: Xi's visit, Xi’s plan", ["Xi Jinping", "Xi", "Xi"]),
        ("the Putins' and Putin' and 'Putin'", ["Putin", "Putin"]),
        ("Xi'an and Xi’an are cities", []),
        ("Trump-Xi summit, pro-Putin", ["Trump", "Xi", "Putin"]),
        ("#XiJinping, #Putin and Xi, Jinping", ["#XiJinping", "Putin", "Xi, Jinping"]),
        ("Trumpism, Putina, Xiaomi, _Xi, Xi_, Xi2, 2Xi", []),
        ("Putin\u0301 and e\u0301Putin", []),
        ("❤️Trump and Trump❤️", ["Trump", "Trump"]),
        ("“Trump”, (Putin) and [Xi].", ["Trump", "Putin", "Xi"]),
        ("xi, putin and trump", []),
        ("XI, CHAPTER XI", []),
        ("TRUMP AND PUTIN MEET", ["TRUMP", "PUTIN"]),
        ("TRUMP'S OFFER", ["TRUMP"]),
        ("XI JINPING ARRIVES", ["XI JINPING"]),
        ("", []),
    ],
)
def test_word_boundaries(finder: ActorFinder, document: str, expected: list[str]) -> None:
    """A name ends at a hyphen, a mark or a possessive, and not inside a word."""
    assert expected == words(finder, document)


@pytest.mark.parametrize(
    "document",
    [
        "Trump Tower",
        "the Trump Organization",
        "Donald Trump Jr.",
        "Donald Trump Jr spoke",
        "DONALD TRUMP JR.",
        "Melania Trump",
        "Michelle Obama",
        "Chelsea Clinton and the Clinton Foundation",
        "the South China Sea",
        "US$5 million",
        "the Washington Post",
    ],
)
def test_phrases_that_are_somebody_else(finder: ActorFinder, document: str) -> None:
    """A longer phrase that holds a name but is somebody or something else names nobody."""
    assert words(finder, document) == []


def test_phrase_spares_its_neighbours(finder: ActorFinder) -> None:
    """Only what lies inside such a phrase is lost."""
    assert words(finder, "Trump left Trump Tower before Putin called Ivanka Trump.") == ["Trump", "Putin"]


def test_longest_name(finder: ActorFinder) -> None:
    """Of names that overlap the leftmost and longest is taken."""
    assert words(finder, "the People's Republic of China") == ["People's Republic of China"]
    assert words(finder, "in the U.S. or the U.S.A.") == ["U.S.", "U.S.A."]
    assert words(finder, "a North Korean port") == ["North Korean"]


def test_curly_apostrophe(finder: ActorFinder) -> None:
    """A form matches with either apostrophe, and a no-break space is a space."""
    assert words(finder, "the People’s Republic of China") == ["People’s Republic of China"]
    assert words(finder, "Xi\u00a0Jinping") == ["Xi\u00a0Jinping"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Johnson resigned. May follows.", []),
        ("Johnson wins\n\nBoris Johnson won.", ["Johnson", "Boris Johnson"]),
        ("Theresa May left in May, on May 3; Mrs. May: May did.", ["Theresa May", "Mrs. May", "May"]),
        ("Kim Jong Un waved. By Kim Larsen. Then Kim left.", ["Kim Jong Un", "Kim"]),
        ("Boris Johnson met Andrew Johnson. President Johnson did.", ["Boris Johnson"]),
        ("Boris Johnson met Wilfred Johnson. Mr. Johnson left.", ["Boris Johnson"]),
        ("Hillary Clinton spoke after Roger Clinton. Clinton smiled.", ["Hillary Clinton"]),
        ("Roger Clinton spoke after Hillary Clinton. Clinton smiled.", ["Hillary Clinton", "Clinton"]),
    ],
)
def test_short_names(finder: ActorFinder, document: str, expected: list[str]) -> None:
    """A short name counts beside a full one, for whom was last named in full, and not in other names."""
    assert expected == words(finder, document)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Beijing and Washington agreed.", ["Beijing", "Washington"]),
        ("They met in Beijing, near the Kremlin and at the White House.", []),
        ("MOSCOW — Rain.\nMoscow (Agency) — More rain.", []),
        ("Relations with Moscow cooled.", ["Moscow"]),
    ],
)
def test_places(finder: ActorFinder, document: str, expected: list[str]) -> None:
    """A capital or a seat counts as its government, but not where it reads as a place."""
    assert expected == words(finder, document)


def test_user_name_goes_before_a_phrase(tmp_path: Path) -> None:
    """A user's actor gets its name although the shipped file says whose name it isn't."""
    file = tmp_path / "mine.json"
    actor = {"id": "Q432473", "name": "Melania Trump", "kind": "person"}
    file.write_text(json.dumps({"release": 1, "actors": [actor]}), encoding="utf-8")
    finder = ActorFinder(load_registry(file))
    expected = [("Melania Trump", "Q432473", "name"), ("Trump", "Q22686", "alias")]
    assert expected == read(finder, "Melania Trump joined Trump.")


def test_shared_short_name(tmp_path: Path) -> None:
    """A short name of several actors goes to the one that the article names in full."""
    file = tmp_path / "mine.json"
    actor = {"id": "Q999999901", "name": "Kim Okpyo", "kind": "person", "short_names": ["Kim"]}
    file.write_text(json.dumps({"release": 1, "actors": [actor]}), encoding="utf-8")
    finder = ActorFinder(load_registry(file))
    assert read(finder, "Kim Okpyo spoke. Later Kim left.") == [
        ("Kim Okpyo", "Q999999901", "name"),
        ("Kim", "Q999999901", "alias"),
    ]
    assert [found.actor for found in finder.find("Kim waved. Kim Jong Un left.", DAY)] == ["Q56226", "Q56226"]


def test_short_name_of_a_person_and_a_country(tmp_path: Path) -> None:
    """A user's person may share a short name with a country: names around it raise nothing."""
    file = tmp_path / "mine.json"
    actor = {"id": "Q999999901", "name": "Vernon Jordan", "kind": "person", "short_names": ["Jordan"]}
    file.write_text(json.dumps({"release": 1, "actors": [actor]}), encoding="utf-8")
    finder = ActorFinder(load_registry(file))
    assert words(finder, "Robert Jordan, Mr Jordan, Minister Jordan and Queen Jordan") == []
    assert read(finder, "Vernon Jordan spoke. Mr Jordan left.")[1][:2] == ("Jordan", "Q999999901")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Russia hosts Xi.", ["Russia", "Xi"]),
        ("Xi waved.", []),
        ("The Xi particle isn't Russian; the particle is Xi.", ["Russian"]),
        ("Georgia won in Atlanta.", []),
        ("Georgia and Armenia signed.", ["Georgia", "Armenia"]),
    ],
)
def test_support(finder: ActorFinder, document: str, expected: list[str]) -> None:
    """A short name counts beside a word of its support, unless as many words speak against it."""
    assert expected == words(finder, document)


@pytest.mark.parametrize(
    ("document", "day", "expected"),
    [
        ("the Russian president", "2010-05-03", "Dmitry Medvedev"),
        ("the Russian president", "2015-05-03", "Vladimir Putin"),
        ("the Russian president", "2099-05-03", None),
        ("President Bush", "1991-05-03", "George H. W. Bush"),
        ("President Bush", "2003-05-03", "George W. Bush"),
        ("In 1995 the Russian president fell ill", "2015-05-03", "Boris Yeltsin"),
        ("In 2017 the US president changed", "2020-05-03", None),
        ("a US president", "2020-05-03", None),
        ("The US president left the 2015 deal", "2018-05-08", "Donald Trump"),
        ("The Ukrainian president, elected in 2019, spoke", "2024-06-06", "Volodymyr Zelensky"),
        ("Sixty years ago the US president saw it", "2022-10-16", None),
        ("She was elected Germany's chancellor", "2006-05-03", None),
        ("Stanley Baldwin, the British prime minister", "2015-05-03", None),
        ("the king of Jordan", "2015-05-03", "Abdullah II"),
        ("the pope", "2010-05-03", "Pope Benedict XVI"),
    ],
)
def test_offices(
    finder: ActorFinder, registry: Registry, document: str, day: str, expected: str | None
) -> None:
    """An office means who held it on the article's day, or in the year that its sentence names."""
    found = [registry.actors[place.actor] for place in finder.find(document, day)]
    assert [actor.name for actor in found if actor.kind == "person"] == ([expected] if expected else [])


def test_holders_of_one_office(finder: ActorFinder) -> None:
    """A plural means both holders, at one place; leaders without an article may be anybody."""
    for document in ("The presidents of Russia and the US met", "the Russian and US presidents"):
        roles = [found for found in read(finder, document) if found[2] == "role"]
        assert roles == [("presidents", "Q7747", "role"), ("presidents", "Q22686", "role")]
    assert words(finder, "Russian and US leaders met") == ["Russian", "US"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("Chernov, Costa and Orban of Hungary", ["Orban", "Hungary"]),
        ("Spanish papers: Sánchez must go", ["Spanish", "Sánchez"]),
        ("German papers: Sánchez must go", ["German"]),
        ("The Australian prime minister waved: Albanese", ["Australian", "prime minister", "Albanese"]),
        ("Turkey's president waved", ["Turkey", "president"]),
        ("Turkey's cooks waved", []),
    ],
)
def test_support_by_an_office(finder: ActorFinder, document: str, expected: list[str]) -> None:
    """A surname that few bear counts beside its bearer's country; an office supports its country's name."""
    assert expected == words(finder, document)


def test_disguised_names_keep_their_place(finder: ActorFinder) -> None:
    """A mention quotes what the document has, whatever letters and marks hide in it."""
    document = "Тru\u200bmp met Erdog\u0306an."
    assert words(finder, document) == ["Тru\u200bmp", "Erdog\u0306an"]


def test_teams(finder: ActorFinder) -> None:
    """In the report of a match a country's name stands for its team; one word of play makes no match."""
    report = (
        "Belgium won the match. Their coach praised the striker, who scored a goal before half-time in the "
        "stadium; Tunisia's goalkeeper saved a penalty in the second half of the World Cup opener."
    )
    assert [how for _, _, how in read(finder, report)] == ["metonym", "metonym"]
    assert [how for _, _, how in read(finder, "Belgium and Tunisia agreed on a goal.")] == ["name", "name"]


@pytest.mark.parametrize(
    ("summary", "how"),
    [
        ("Russia beat Ukraine to reach the semi-final.", "metonym"),
        ("France took a third wicket; India were unbeaten at lunch.", "metonym"),
        ("Russia beat Ukraine in court.", "name"),
        ("The President left Russia for China with the Olympic team, a champion among them.", "name"),
        ("China and Japan named a team to end the dispute.", "name"),
    ],
)
def test_teams_in_a_summary(finder: ActorFinder, summary: str, how: str) -> None:
    """In the few lines of a feed two words of play make a match, one doesn't."""
    assert [each for _, _, each in read(finder, summary)] == [how, how]
