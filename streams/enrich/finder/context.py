"""What the words beside a form say: that it is a part of somebody's or a firm's name, or no name at all."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import resources

TITLES = frozenset(
    """
    Acting Adm Ambassador Ayatollah Brig Candidate Capt Chairman Chairwoman Chancellor Chief Col Comrade
    Congressman Congresswoman Councillor Deputy Dictator Dr Elect Emperor Ex Foreign Former Gen General Gov
    Governor Judge Justice King Lady Leader Lord Lt Madam Madame Maj Marshal Mayor Messrs Minister Miss Mr
    Mrs Ms Opponent PM Pope Premier President Prime Queen Rep Representative Rival Sec Secretary Sen Senator
    Sgt Sir Speaker Taoiseach Then Tsar Vice
    """.split()  # noqa: SIM905  a list of words is read best as a text
)
"""Words with a capital that may stand before a surname without being a part of the name."""

TIMES = frozenset(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March September October November
    December Yesterday Today Meanwhile
    """.split()  # noqa: SIM905
)
"""Words with a capital that aren't first names either."""

_ABBREVIATED = ("U.S.", "U.K.", "U.N.", "E.U.")
"""What looks like initials."""

_STOPS = ".,;:!?"
_WORD_BEFORE = re.compile(r"(?:^|(?<=[\s\"'“‘(\[|—–>-]))([^\W\d_][\w'-]*)(\.?) $")
_INITIALS_BEFORE = re.compile(r"(?:^|(?<=[\s\"'“‘(\[—–-]))((?:[A-Z]\. ?){1,3})$")
_NAME_AFTER = re.compile(
    r" (?!(?:[IVX]+|And|Or|At|In|On|Of|To|As|By|For|With|From|Is|Says|Said"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b)"
    r"([^\W\d_a-z][^\W\d_]*[a-z][\w'-]*)"
)
_FINALS = (
    "iang iong uang ang eng ing ong ian iao uai uan ai an ao ei en er ia ie in iu ou ua ui un uo ue a e i o u"
)
_CHINESE = re.compile(
    rf"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:{_FINALS.replace(' ', '|')})){{1,2}}", re.IGNORECASE
)
"""A Chinese given name, as Pinyin writes it."""

_BETWEEN = """
    International National Grand Global Presidential Memorial World Family Space Entertainment
    Intercontinental Model State Children's Health Policy Golf Old Post Office Media Real Faith Elementary
    Income Support
    """.split()  # noqa: SIM905
_INSTITUTIONS = """
    Tower Towers Route Organization Organisation Foundation Hotel Hotels hotel hotels Plaza University College
    Institute Library Museum Center Centre School Academy Airport Street Avenue Road Boulevard Bridge Square
    Stadium High Challenge Cup Bowl Trophy Lecture Centers Centres Airlines Shuttle Casino casino casinos
    Castle Taj SoHo Winery Media Management Place Building building Resort resort Resorts Golf Club Steaks
    Vodka Ice Initiative Bay County Township Island Peak Prize Award Stakes Mosque Way Fund Trust
    Enterprises Productions Hospital Archive Archives Medical Companies Company Corp Inc Ltd Controls Park
    Doral Turnberry Bedminster Scholarship Scholarships scholarship scholarships Scholar Scholars scholar
    scholars Fellowship Fellowships fellowship Fellow Fellows fellows Lectureship Chair Professorship
    Programme Scheme Yojana Mobile Frères
    """.split()  # noqa: SIM905
_INSTITUTION = (
    rf"(?: (?:{'|'.join(_BETWEEN)}|[A-Z]\w+(?= (?:University|Airport))))* (?:{'|'.join(_INSTITUTIONS)})\b"
)
_FIRMS_OF = tuple(
    f"{firm} of "
    for firm in (
        "Bank", "Motors", "GM", "Ford", "Toyota", "Honda", "Nissan", "Chrysler", "Hyundai", "Volkswagen",
        "University", "College", "Church", "Gulf", "Sea", "Bay", "Strait", "Straits",
    )
)  # fmt: skip
NAMED_FOR = frozenset(
    """
    USS HMS HMCS USNS INS carrier warship destroyer frigate ferry tanker yacht tug trawler submarine
    icebreaker Улица улица улице улицы имени проспект проспекте проспекта площадь площади вулиця вулиці
    """.split()  # noqa: SIM905
)
"""Before a person's name, these make it a ship's, a street's or a house's."""

_OTHER_TITLES = frozenset(
    """
    Alderman Coach Constable Councilman Councilwoman Cpl Detective Farmer Firefighter Midfielder Pastor Pfc
    Pte Trooper
    """.split()  # noqa: SIM905
)
"""Before a leader's full name these make it a namesake's."""
_TRADES = """
    baker barber beekeeper bricklayer butcher chef cleaner firefighter fisherman gardener grocer hairdresser
    janitor librarian mechanic nurse paramedic pharmacist plumber postman retiree shopkeeper trucker waiter
    waitress
    """.split()  # noqa: SIM905
"""Leaders were none of these; dentists, electricians, teachers and welders there are among them."""
_DOINGS = "sells|drives|farms|repairs"
_OTHER = re.compile(
    rf", (?:\d\d, )?(?:an?|the)(?: (?!former\b)[\w-]+)? (?:{'|'.join(_TRADES)})\b"
    rf"|, \d\d, (?:who )?(?:{_DOINGS})\b"
)

_RELATIVE = r",? (?:Jr\b|JR\b|Junior\b|III\b|IV\b)"
_PLACE = r", (?:a|an|the) (?:[\w-]+ )?(?:village|hamlet|town|port|city|suburb|river)\b"
_FIRM = r" & (?:Partners?|Sons?|Co|Cie|Brothers|Associates)\b"
_NO_PERSON_AFTER = re.compile(f"{_INSTITUTION}|{_RELATIVE}|{_PLACE}|{_FIRM}")
_PATRONYMIC = re.compile(r"\w+(?:vich|vych|ovna|evna|ivna)$")
_MAJOR = re.compile(
    r" (?:changes?|reforms?|banks?|powers|cities|parties|companies|airlines|retailers|economies|issues?"
    r"|questions?|concerns|obstacles|differences|players|donors|repairs|works|cuts|cracks|battles|hurdles|industrial"
    r"|international|political|economic|trading|oil)\b"
)
"""What is major: John Major does other things."""

_BEFORE_MONTH = frozenset("in since until till late early mid last next this of through during".split())  # noqa: SIM905
_BEFORE_XI = frozenset(
    """
    AND WITH TO FOR BY FROM AS ON BUT OR IF WHEN WHILE THAT WHY HOW PRESIDENT LEADER CHAIRMAN MEET MEETS MET
    TELL TELLS TOLD CALL CALLS URGE URGES PRESS PRESSES WARN WARNS HOST HOSTS GREET GREETS PRAISE PRAISES
    THANK THANKS SEE SEES INVITE INVITES CHINESE
    """.split()  # noqa: SIM905
)
_NUMBERED_AFTER = re.compile(
    r"[.)]| (?:AND |TO |OR |- ?)?(?:[IVX]+\b|(?:\w+ ){0,2}(?:GAMES|CONGRESS|CONFERENCE|CORPS|ARMY|LEGION"
    r"|CENTURY|EDITION|FORUM|FESTIVAL|OLYMPI\w+|ASSEMBLY|SESSION|CUP|CHAMPIONSHIPS?)\b)"
)
_ADDRESS = re.compile(r"(?:https?:|www\.|@|\\)|^/|\b(?:Asia|Africa|America|Australia|Europe|Pacific)/$")
_DOMAIN_AFTER = re.compile(r"\.[a-z]|@|\\")
_BYLINE = re.compile(
    r"\b(?:reporting|editing|photo(?:graph)?s?|written) by (?:[\w. ]+(?:,|;| and) )?$", re.IGNORECASE
)
_SENTENCE_ENDS = ("", ".", "!", "?", ":", "\n", "|", ";", "•", ">")
_ADDRESS_REACH, _LINE_REACH = 200, 150
REACH = 40
"""Code points looked at before a form."""


@cache
def given_names() -> frozenset[str]:
    """First names, of which one before a surname makes another person's name."""
    return _listed("given_names.txt")


@cache
def common_surnames() -> frozenset[str]:
    """Surnames of leaders that many others bear, or that are first names or words."""
    return _listed("common_surnames.txt")


def _listed(file: str) -> frozenset[str]:
    text = resources.files("streams.enrich.registry").joinpath(file).read_text(encoding="utf-8")
    return frozenset(text.split())


def is_whole_name(text: str, start: int, end: int, before: str) -> bool:
    """Whether a surname at [start, end) stands by itself, not in the longer name of somebody else.

    `before` is the word before. With a capital it makes a longer name unless it is a title or begins
    the sentence; so does one behind it. In a title whose words all have capitals only a first name does.
    """
    after = _NAME_AFTER.match(text, end)
    if after is not None and (_CHINESE.fullmatch(after[1]) or not _in_title_case(text, start)):
        return False
    if text[end : end + 1] == "-" and text[end + 1 : end + 2].isupper() and text[start - 1 : start] == " ":
        return False
    return _is_no_name(text, start, before)


def name_behind(text: str, start: int, end: int) -> str:
    """The name that stands behind the one at [start, end); nothing in a title whose words have capitals."""
    after = _NAME_AFTER.match(text, end)
    return after[1] if after is not None and not _in_title_case(text, start) else ""


def _is_no_name(text: str, start: int, before: str) -> bool:
    """Whether the word before a surname isn't a part of the same name."""
    if not before[:1].isupper():
        return True
    word = before.rstrip(_STOPS)
    if (
        word in TITLES
        or word in TIMES
        or word.endswith("'s")
        or word.rpartition("-")[2].capitalize() in TITLES
        or _ends_quotation(before)
        or (word in ("State", "Defense") and text.endswith("Secretary of ", 0, start - len(before) - 1))
    ):
        return True
    if word != before:  # an initial belongs to the name; any other word with a stop ends a sentence
        return before[-1] != "." or len(word) > 1
    if word in given_names():
        return False
    begin = start - len(before) - 1
    begins = text[max(0, begin - REACH) : begin].rstrip(" \"'“‘([")[-1:] in _SENTENCE_ENDS
    return begins or (not word.isupper() and _in_title_case(text, start))


def _ends_quotation(before: str) -> bool:
    return before[-1] in "\"'" and before[-2:-1] in _STOPS


def given_before(text: str, start: int, before: str) -> str:
    """The first name, first initial or father's name that stands before a surname; else nothing.

    `before` is the word before. A surname's owner is somebody else if it isn't one of theirs.
    """
    if not before[:1].isupper() or before in _ABBREVIATED:
        return ""
    if before[-1] == ".":
        first, initial = _before_initials(text, start)
        return first if first in given_names() else initial
    if before in TITLES:
        return ""
    return before if before in given_names() or _PATRONYMIC.match(before) is not None else ""


def first_name(text: str, start: int, before: str) -> str:
    """What stands before the initials or middle name before a surname: the "Kevin" of "Kevin Michael Rudd".

    `before` is the word before the surname; nothing if it is neither.
    """
    if before[-1:] == ".":
        first = _before_initials(text, start)[0]
        return first if len(first) > 1 else ""
    if not before[:1].isupper() or before in TITLES or not before.isalpha():
        return ""
    first = word_before(text, start - len(before) - 1)
    return first if first[:1].isupper() and first.isalpha() and first not in TITLES else ""


def begin_of_initials(text: str, start: int) -> int:
    """Where the initials before a surname at `start` begin; there, if it has none."""
    if start < 3 or text[start - 2] != "." or not text[start - 3].isupper():
        return start
    initials = _INITIALS_BEFORE.search(text, max(0, start - REACH), start)
    return start if initials is None else initials.start(1)


def _before_initials(text: str, start: int) -> tuple[str, str]:
    """The word before the initials that end at `start`, and the first initial."""
    if start < 3 or not text[start - 3].isupper():
        return "", ""
    window = text[max(0, start - REACH) : start]
    initials = _INITIALS_BEFORE.search(window)
    if initials is None:
        return "", ""
    word = _WORD_BEFORE.search(window[: initials.start()])
    return word[1] if word is not None else "", initials[1][0]


def is_institution(text: str, end: int) -> bool:
    """Whether what follows a person's name makes it a building's, a firm's, a village's or a son's."""
    mark = text[end : end + 2]
    if mark[:1] not in (" ", ",") or (mark[1:].islower() and mark[1:] not in "hcbr"):
        return False
    return _NO_PERSON_AFTER.match(text, end) is not None


def is_namesake(text: str, end: int, before: str) -> bool:
    """Whether a full name that ends at `end` is that of somebody in another walk of life than leaders."""
    return before.rstrip(".") in _OTHER_TITLES or (
        text[end : end + 2] == ", " and _OTHER.match(text, end) is not None
    )


def is_firm_of(text: str, start: int) -> bool:
    """Whether a bank's, a firm's or a school's name goes on with the country at `start`: "Bank of Japan"."""
    return text.endswith(_FIRMS_OF, 0, start)


def is_in_byline(text: str, start: int) -> bool:
    """Whether a journalist is named from `start` on: "Reporting by Israel Fuentes and Robin Cook"."""
    begin = max(0, start - 60)
    return text.rfind(" by ", begin, start) >= 0 and _BYLINE.search(text, begin, start) is not None


def next_letters(text: str, end: int) -> str:
    """The first four letters, in lower case, behind a name or its possessive and one space."""
    after = text[end : end + 8]
    if after[:1] == " " and after[1:2] != "'":
        return after[1:5].lower()
    after = after.removeprefix(" ")
    if after[:1] != "'":
        return ""
    after = after[2:] if after[1:2] in ("s", "S") else after[1:]
    return after[1:5].lower() if after[:1] == " " else ""


def beginnings(phrases: Iterable[str]) -> frozenset[str]:
    """What next_letters says before any of these."""
    return frozenset(f"{phrase.lower()} "[:4] for phrase in phrases)


def word_before(text: str, start: int) -> str:
    """The word that ends at one space before `start`, without what opens it; else nothing."""
    if start < 2 or text[start - 1] != " ":
        return ""
    word = text[text.rfind(" ", 0, start - 1) + 1 : start - 1]
    if "\n" in word:
        word = word.rpartition("\n")[2]
    return word if word[:1].isalpha() else word.lstrip("\"'“‘([|—–>-")


def is_major(text: str, end: int) -> bool:
    """Whether "Major" that ends at `end` is the word: "Major banks fell"."""
    return _MAJOR.match(text, end) is not None


def is_month(text: str, start: int, end: int, before: str) -> bool:
    """Whether "May" at [start, end) is the month: beside a number, or where `before` is a word of time."""
    after = text[end : end + 2]
    if after[1:].isdecimal() or text[max(0, start - 2) : start - 1].isdecimal():
        return True
    return before.lower().rpartition("-")[2] in _BEFORE_MONTH


def is_numeral(text: str, start: int, end: int, before: str) -> bool:
    """Whether "XI" at [start, end) is eleven.

    It is a name only in a line in capitals, at its start, behind a mark or a word that a name may follow,
    and not before what is counted: "XI AND PUTIN MEET", but "WORLD CUP XI", "LOUIS XI", "XI ASIAN GAMES".
    """
    if not is_shouted(text, start) or _NUMBERED_AFTER.match(text, end):
        return True
    if not before[:1].isalpha():
        return False
    word = before.rstrip(",:;")
    return word == before and word not in _BEFORE_XI and not word.endswith(("'S", "S'"))


def is_address(text: str, start: int, end: int) -> bool:
    """Whether [start, end) lies in a web or mail address, a handle or a file's path."""
    if _DOMAIN_AFTER.match(text, end):
        return True
    before = text[max(0, start - _ADDRESS_REACH) : start]
    if not before or before[-1].isspace():
        return False
    return _ADDRESS.search(before.split()[-1]) is not None


def is_shouted(text: str, start: int) -> bool:
    """Whether the line is in capitals, of three words or more."""
    line = _line(text, start)
    return line.count(" ") > 1 and line.upper() == line


def _in_title_case(text: str, start: int) -> bool:
    """Whether the longer words of the line begin with capitals, nearly all, and no stop ends it."""
    line = _line(text, start).rstrip()
    long = [word for word in line.split() if len(word) > 3 and word[0].isalpha()]
    return len(long) > 2 and line[-1] != "." and sum(word[0].isupper() for word in long) >= 0.85 * len(long)


def _line(text: str, start: int) -> str:
    floor = max(0, start - _LINE_REACH)
    stop = text.find("\n", start, start + _LINE_REACH)
    return text[max(floor, text.rfind("\n", floor, start) + 1) : stop if stop >= 0 else start + _LINE_REACH]
