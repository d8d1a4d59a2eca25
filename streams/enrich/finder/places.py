"""Whether the name of a capital, a seat or a country is only a place's."""

import re
from collections.abc import Container

from streams.enrich.finder.context import REACH, TIMES, given_names, word_before

_PLACE_WORDS = frozenset(
    """
    in at near outside around inside across throughout downtown visit visits visited visiting toured leave
    leaves leaving left reach reached reaches enter enters entered entering assuming arrive arrived arrives
    arriving central greater via à east west north south eastern western northern southern shelled shelling
    bombed bombing bombarded encircled besieged evacuated into captured capturing seized seizing retook
    retaken stormed storming liberated overran capital city suburban flee flees fled fleeing rebuilt
    rebuilding razed flattened
    """.split()  # noqa: SIM905
)
"""Before a capital, these make it a place."""

_MOVES = """
    flew fly flies flying flown flight flights trip trips travel traveled travelled travels arrive arrives
    arrived traveling travelling drove went gone moved returned fled flee flees fleeing taken rushed train
    trains visit streets suburb suburbs city outskirts tracks arenas stadiums north south east west heart
    centre center airport mayor embassy university port bishop archbishop siege battle bombing shelling
    residents return returns returning treaty congress convention declaration charter edict peace evacuation
    evacuated evacuating withdrawal withdrew withdrawn withdraw retreat retreated pulled convoy road march
    invited summoned ran running wall walls lawn roof gate gates steps garden gardens grounds facade façade
    balcony way hurried divert diverted diverting
    """.split()  # noqa: SIM905
_PLACE_PHRASE = re.compile(
    rf"\b(?:(?:{'|'.join(_MOVES)})(?: back| home| on| out| over| down| up)? (?:to|of|from)"
    r"|(?:go|goes|going|comes?|came|coming|head|heads|headed|heading)(?: back| home| on)? to"
    r"|(?:invit|lur)(?:e|es|ed|ing) (?:[\w']+ ){1,3}to"
    r"|(?:km|kilomet(?:re|er)s|miles|hours|minutes) (?:away )?(?:from|of)|as far as"
    r"|capital(?: city)? of|en route to|on (?:the|his|her|its|their) way to"
    r"|welcom(?:e|ed|ing) (?:\w+ ){1,3}to"
    r"|s(?:ent|ends?|ending) (?:him|her|them|us|me|you)(?: \w+)? to"
    r"|(?:rep|sen|gov)s?\. (?:[\w.'-]+ ){1,4}of"
    r"|(?:ordered|pulled|forced|driven|kicked|thrown|slipped|sneaked|moved|way) (?:[\w']+ ){0,3}out of"
    r"|(?:plane|train|bus|ferry|boat|jet|convoy|motorcade)s? (?:to|from|for)"
    r"|(?:home|back|straight) from|memories of|outside of|transport for"
    r"|s(?:ent|ends?|ending) (?:[\w']+ ){0,4}(?:ministers?|envoys?|delegations?|observers|mediators|experts"
    r"|troops|soldiers|marines|teams?|inspectors|officials|diplomats) to"
    r"|(?:all the way|then|onwards?) to|(?:speech|interview|broadcast|dispatch|postcard) from"
    r"|(?:left|leaves?|leaving|bound|depart(?:ed|s)|set off|head(?:ed|ing)|flights?|flew)(?: [\w']+){0,3} for"
    r")(?: the)? $"
)
"""In small letters: to pass by their case takes four times as long."""

_ABOVE = re.compile(
    r"\b(?:hung|hangs|fl[eo]w|flown|flying|flights?|rose|sky|skies|smoke|smog|drones?) over $"
    r"|\b(?:hills?|mountains?|slopes?|sky|skies|smoke) above $"
)
_THROUGH = re.compile(
    r"\b(?:echo(?:ed|es)?|ran|swept|sweeps?|march(?:ed|es)?|drove|rolled|rang|walk(?:ed|s)|paraded?|tore)"
    r" through $"
)
"""What goes through a city; gas and talks go through governments."""

_SPOKEN = re.compile(
    r"\b(?:said|spoke|speaking|announced|reported|reporting|live|address|wrote|writes|calling|appearing|contributed"
    r"|told (?:reporters|journalists|viewers|Americans|[A-Z]+|(?:\w+ ){0,2}(?:television|TV|radio))"
    r"|(?:sent|faxed|mailed|e-?mailed|posted|phoned|telephoned|tweeted|broadcast)(?: [\w']+){0,3})"
    r" from (?:the )?$"
)
_ADVANCING = re.compile(
    r"\b(?:assaults?|raids?|advance[sd]?|advancing|march(?:ed|es|ing)?|moved|moving|push(?:ed|ing)?"
    r"|clos(?:ed|ing) in|roll(?:ed|s|ing)|rumbl(?:ed|es|ing)) (?:on|towards?) $"
)
_BETWEEN_TOWNS = re.compile(
    r"\b(?:flights?|trains?|routes?|flying|flew|travel\w*|commut\w+|shuttl\w+) between $", re.IGNORECASE
)
_TAKING = re.compile(
    r"\b(?:[Rr]ebels|[Tt]roops|forces|army|fighters|insurgents|militants|jihadists|Taliban|tanks)(?: \w+)? "
    r"(?:take|takes|took|enter|seize|capture|storm) $"
)
_LOOKED_BEHIND = {
    "take": _TAKING,
    "takes": _TAKING,
    "took": _TAKING,
    "enter": _TAKING,
    "seize": _TAKING,
    "capture": _TAKING,
    "storm": _TAKING,
    "over": _ABOVE,
    "above": _ABOVE,
    "through": _THROUGH,
    "from": _SPOKEN,
    "between": _BETWEEN_TOWNS,
    "on": _ADVANCING,
    "toward": _ADVANCING,
    "towards": _ADVANCING,
}
"""Words before a capital that make it a place only behind some others."""

_STRIKES = (
    "missiles?|rockets?|bombs?|shells?|drones?|(?:air ?)?strikes|blasts?|explosions?|(?:earth)?quake"
    "|flood(?:s|ing)?|storms?|hurricanes?|cyclones?|typhoons?"
)
_STRUCK = re.compile(
    rf"\b(?:{_STRIKES}) (?:ha[ds] |have )?"
    r"(?:hits?|struck|strikes?|rock|rocked|shook|rattled|jolted|pounded|on) $"
    rf"|\b(?:{_STRIKES}|snow|rain|ash) (?:ha[ds] )?(?:fell|falls?|fallen|rained|landed) on $",
    re.IGNORECASE,
)
_STRIKING = frozenset("hit hits struck strike strikes rock rocked shook rattled jolted pounded on".split())  # noqa: SIM905
_OF_A_TOWN = """
    Accord Accords Airport Airports airports? apartments? auction ball bars? bazaar bourse Bridge Briefing
    buildings? Bulletin bureaus? CAC cafe café church cinema Commune Conference conference courtroom
    courts? DAX derby desks? Edition Fashion fashion Film FTSE Games half-marathon Hall Hospital
    hospitals? hotels? jail Kospi Marathon marathon Metro metro mosque museums? Métro métro
    neighbou?rhoods? Newsletter Nifty Nikkei offices? (?:Winter.|Summer.)?(?:Para|O)lympics opera Playbook
    Police police prison Protocol residents? restaurants? School schools? Sensex shopkeepers? shops?
    skyline skyscrapers? slums? smog Square Station Stock stock streets? suburbs? subway Summit summit
    taxi theaters? theatres? Topix towers? traffic trams? Treaty tube Underground universities University
    university Zoo zoo crowds? demonstrations? rall(?:y|ies) flat lawn gates? garden gardens grounds
    driveway clinics? Review Television Symphony Philharmonic Opera Ballet pub [Tt]ime daily prosecutors?
    Paralympic.Games ice transport public.transport newspapers? Package Post Times Herald Gazette Tribune
    district suspect militia pubs walls? Boys Street Road Avenue Boulevard Lane mayors? Mayors? newsroom
    Castle headquarters lobbyists? D[yi]namo Spartak Lokomotiv homes? discotheque nightclubs? villa mansion
    """.split()  # noqa: SIM905
_AFTER_A_TOWN = """
    (?:[A-Z][\\w']+.){1,2}(?:Conference|Summit|Declaration|Accords?|Agreements?|Treaty|Protocol|Convention)
    (?:earth)?quakes? talks(?!.(?:with|to|tough|about|of)) round
    Group Agreements? agreements? accords? process Process Format format [Cc]onsensus Communiqué bombings
    attacks(?=[:,.;]|\\s*$|.(?:in|were|have|that|which|last|victims|suspects?)\\b)
    shootings riots (?:terror.|car.|suicide.)?(?:attack|blast|bombing|explosion|shooting|massacre)(?!.on\\b)
    """.split()  # noqa: SIM905
"""What is called after a town where it was made, or that it hit."""

_TOWN_AFTER = re.compile(
    rf"-(?:based|born|bound|area)\b|(?:'s)? (?:{'|'.join(_OF_A_TOWN)})\b| (?:{'|'.join(_AFTER_A_TOWN)})\b"
)
"""What belongs to a town."""

_DATELINE_AFTER = re.compile(
    r"(?:, [A-Z][a-z]{2,8}\.? \d{1,2}|, \d{1,2} [A-Z][a-z]{2,8}(?: \d{4})?"
    r"|, [A-Z][a-z][\w .'-]{2,30}?(?= [(—–-]))?"
    r"(?:(?: \([^)\n]{1,30}\))? ?(?:—|–|--| - |: )"
    r"| \((?:AFP|AP|CNN|IANS|Reuters|UPI|VOA|Xinhua)[^)\n]{0,20}\))"
)
_DATELINE_TOWN = re.compile(r"[A-Z][\w .'-]{2,30}, ")
_STATES = """
    Alabama Alaska Arizona Arkansas California Calif Colorado Connecticut Conn Delaware Florida Fla Georgia
    Ga Hawaii Idaho Illinois Ill Indiana Ind Iowa Kansas Kan Kentucky Ky Louisiana La Maine Maryland Md
    Massachusetts Mass Michigan Mich Minnesota Minn Mississippi Miss Missouri Mo Montana Nebraska Nevada
    N.H N.J N.M N.Y N.C N.D S.C S.D Ohio Oklahoma Okla Oregon Ore Pennsylvania Pa Tennessee Tenn Texas Tex
    Utah Vermont Vt Virginia Va Wisconsin Wis Wyoming Wyo Ontario Ont Queens
    """.split()  # noqa: SIM905
_TWO_WORDS = "New Hampshire|New Jersey|New Mexico|New York|(?:North|South) Carolina|(?:North|South) Dakota"
_STATE_AFTER = re.compile(
    r",? (?:D\.C\.|DC\b)| (?:state|State|residents?|metro)\b"
    rf"| (?:Democrat|Republican)\b|, (?:{_TWO_WORDS}|{'|'.join(map(re.escape, _STATES))})\b"
)

_AMONG_STATES = re.compile(
    rf"\b(?:{_TWO_WORDS}|{'|'.join(re.escape(its) for its in _STATES if its != 'Georgia')}),? and $"
)


_OF_A_GOVERNMENT = """
    court interests? hands eyes view favou?r name power request insistence behest invitation urging expense
    discretion disposal promises intentions ambitions policy policies stance decision refusal failure
    annexation invasion aggression demands claims threats response handling orders sanctions tariffs
    """.split()  # noqa: SIM905
_ACT_AFTER = re.compile(rf"'s (?:{'|'.join(_OF_A_GOVERNMENT)})\b")
"""What a government has, whatever preposition stands before it."""

_NUMBER_AFTER = re.compile(r" -?\d")
"""A temperature, or the year of games."""

_GIVING = frozenset("lent gave owed owes owing paid offered cost sold promised granted sent".split())  # noqa: SIM905
_FALLING = re.compile(r" (?:[Ff](?:alls?|ell)|[Bb]urn(?:s|ed))(?=[.,;\n]|$| in \d| to | after | as )")
"""What cities do."""

_HOUSES = frozenset(
    """
    Airport College University Hotel Zoo Opera Stadium Institute Hilton Radisson Marriott Maccabi Hapoel
    Dinamo Dynamo Sparta Spartak Lokomotiv CSKA Partizan Real Atlético Atletico Slavia Rapid Hertha FC
    Torpedo Legia New Downtown
    """.split()  # noqa: SIM905
)
"""Before a town these have its name, or are a part of it."""

_LISTED = re.compile(
    r"\b(?:in|from|near|across|around|via|outside|streets of|cities of)"
    r" (?:[A-Z][\w'-]+(?: [A-Z][\w'-]+)?, )*([A-Z][\w'-]+),? (?:and|or|to) $"
)
"""Towns in a row before one: "studied in Bergen and", "from Cusco to"."""

_TO_ANOTHER = re.compile(r" to [A-Z]")
"""Behind "from" and a capital: it is where a way begins."""

_GENERALS = ("General", "President", "Colonel", "Mrs")
"""Before Washington these make it the man."""

_TEAM_AFTER = re.compile(r" (?:beats?|lost to|edged|topped|routed) (?:the )?[A-Z]")
"""What a capital's team does."""

_EVENT_AFTER = re.compile(
    r" (?:\w+ )?(?:attack|blast|bombing|explosion|shooting|killing|massacre|siege|quake|earthquake|riot|fire"
    r"|flood|protest|summit|talk|meeting|conference|negotiation)s?\b"
)
"""Behind an article and a capital: what happened there."""

_ARTICLES = ("the", "The", "a", "A")
_WHOSE = ("his", "her", "their", "my", "our")
"""Before a capital: "his Tokyo home"."""

_ANGRY_AT = re.compile(r"\b(?:out|angry|furious|anger|fury|aimed|directed|swipes?|jabs?|barbs?) at $")
"""What is done to governments."""

_CONTRIBUTED = re.compile(
    r"\b(?:Reporting|[Cc]ontributed)(?: by| to this \w+| reporting)?(?: [^.;\n]{0,110})? from (?:the )?$"
)
_CONTRIBUTORS_REACH = 160

_OF_TOWNS = (_TOWN_AFTER, _TEAM_AFTER, _FALLING)


def is_place(text: str, start: int, end: int, before: str, places: Container[str]) -> bool:
    """Whether a capital or a seat of power at [start, end), behind the word `before`, reads as a place.

    It does after a preposition of place, before a state or what belongs to a town, as the state of a town
    that isn't one of `places`, and as a dateline at the start of a paragraph.
    """
    after = text[end : end + 1]
    if (
        _is_general(text, start, before)
        or text.startswith(", where ", end)
        or (_NUMBER_AFTER.match(text, end) is not None and before not in _GIVING)
    ):
        return True
    if after in ("-", " ", "'") and any(told.match(text, end) for told in _OF_TOWNS):
        return True
    if after in (",", " ") and _STATE_AFTER.match(text, end) is not None:
        return True
    if not _ACT_AFTER.match(text, end) and _is_behind_place_words(text, start, end, before, places):
        return True
    if text[start - 2 : start] == ", " and (
        text[end : end + 1] in ("", "\n")
        or text.endswith("capital, ", 0, start)
        or _is_town_of(text, start - 2, places)
    ):
        return not _is_seat(text[start:end])
    return text[start - 1 : start] in ("", "\n") and (
        _DATELINE_AFTER.match(text, end) is not None
        or (after == "\n" and not _is_seat(text[start:end]))  # alone on its line
    )


def _is_general(text: str, start: int, before: str) -> bool:
    """Whether the capital is Washington, and the man."""
    return before in _GENERALS and text.startswith("Washington", start)


def _is_told_of(text: str, start: int, end: int, before: str) -> bool:
    """Whether a way or a report comes from it, it is somebody's, or something happened there."""
    if before in ("from", "From"):
        return (
            _TO_ANOTHER.match(text, end) is not None
            or (before == "From" and text[end : end + 1] == ",")
            or _CONTRIBUTED.search(text, max(0, start - _CONTRIBUTORS_REACH), start) is not None
        )
    happened = before in _ARTICLES and _EVENT_AFTER.match(text, end) is not None
    return (happened or before in _WHOSE) and not _is_seat(text[start:end])


def _is_behind_place_words(text: str, start: int, end: int, before: str, places: Container[str]) -> bool:
    reach = max(0, start - REACH)
    if _is_told_of(text, start, end, before):
        return True
    word = word_before(text, start - 4) if before.lower() == "the" else before
    if word.isdecimal():  # of a house
        word = word_before(text, start - len(word) - 1)
    if word.lower() in _PLACE_WORDS or word in _HOUSES:
        return word != "at" or _ANGRY_AT.search(text, reach, start) is None
    if word in _LOOKED_BEHIND and _LOOKED_BEHIND[word].search(text, reach, start) is not None:
        return True
    if word in ("to", "and", "or"):
        listed = _LISTED.search(text, reach, start)
        is_town = listed is not None and listed[1] not in places
        if is_town or _AMONG_STATES.search(text, reach, start) is not None:
            return True
    if word in ("to", "of", "from", "for", "as"):
        return _PLACE_PHRASE.search(text[reach:start].lower()) is not None
    return word in _STRIKING and _STRUCK.search(text, reach, start) is not None


_LONGEST_JOINT = len(", and ")


def is_joined(text: str, town: int, start: int, end: int) -> bool:
    """Whether a capital at [start, end) is in a row with a place that ends at `town`: "in Rome and Paris"."""
    between = text[town:start] if 0 <= town >= start - _LONGEST_JOINT else ""
    if between == ", ":  # alone it joins whole sentences' parts too
        return text.startswith((", ", " and ", " or "), end)
    return between in (" and ", " or ", ", and ", ", or ", " to ")


def is_in_dateline(text: str, start: int, end: int) -> bool:
    """Whether a country stands behind the town of a dateline: "SALVADOR, Brazil (AP) -"."""
    begin = text.rfind("\n", 0, start) + 1
    return (
        _DATELINE_AFTER.match(text, end) is not None
        and _DATELINE_TOWN.fullmatch(text, begin, start) is not None
    )


def is_town(text: str, end: int) -> bool:
    """Whether a state follows that isn't a country's name too: "Lebanon, Pennsylvania"."""
    return _STATE_AFTER.match(text, end) is not None and not text.startswith(", Georgia", end)


_SEATS = frozenset(
    "House Department Office Street Hill Palace Pentagon Kremlin Knesset Whitehall Élysée Elysee".split()  # noqa: SIM905
)
"""The last words of what is no town."""

_BEGINNINGS = TIMES | frozenset(
    """
    April May June July August However Instead Still Later Now Then Finally Moreover Indeed Also Again Here
    There Yes No Thus Otherwise Nevertheless Ultimately Officially Publicly
    """.split()  # noqa: SIM905
)
"""What stands before a comma at the beginning of a sentence, and is no town."""


def _is_seat(name: str) -> bool:
    return name.rpartition(" ")[2] in _SEATS


def _is_town_of(text: str, comma: int, places: Container[str]) -> bool:
    """Whether before a comma stands a town that no form names: "Seattle, Washington"."""
    word = text[max(0, comma - REACH) : comma].rpartition(" ")[2].rpartition("\n")[2]
    if not word[:1].isupper() or word in places or word in _BEGINNINGS:
        return False
    return word_before(text, comma - len(word)) not in given_names()  # else somebody's name
