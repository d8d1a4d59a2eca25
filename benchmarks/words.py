"""The words that benchmark articles are made of. Every sentence is invented; no form names an actor."""

SUBJECTS = (
    """
the harbour council|a group of engineers|the regional court|local growers|two small shipping firms
the water authority|an independent auditor|teachers in the northern valleys|the railway union|a senior clerk
the weather service|hospital managers|the museum's trustees|a panel of economists|young apprentices
the electricity regulator|several fishing crews|the committee on housing|a retired surveyor|border officials
the makers of the report|a coalition of charities|the chamber of commerce|researchers at the institute
the ferry operator|a court-appointed monitor|the central bank's staff|volunteers from three towns
""".strip()
    .replace("\n", "|")
    .split("|")
)

VERBS = (
    """
postponed|welcomed|questioned|rewrote|defended|measured|rejected|financed|inspected|delayed|outlined
published|abandoned|praised|criticised|approved|extended|doubled|halved|reviewed|challenged|repaired
negotiated|suspended|restored|condemned|celebrated|misread|discussed|overturned|tested|insured
""".strip()
    .replace("\n", "|")
    .split("|")
)

OBJECTS = (
    """
the tariff on imported timber|a plan to widen the canal|the annual budget for road repairs|a fragile truce
the terms of the gas contract|a vaccine trial with four hundred volunteers|the sale of surplus grain
rules on the storage of old batteries|a football stadium left half built|the census of river birds
an exchange of prisoners at the crossing|the pension scheme of the dock workers|a loan of nine million crowns
the verdict in a long fraud case|stricter limits on nitrogen|the first winter wheat of the season
an agreement on shared fishing grounds|a satellite that maps soil moisture|the opening of a night market
the merger of two insurance houses|a strike over unpaid overtime|the timetable of the mountain railway
a festival of folk music|talks about troop withdrawals|the price of cooking oil|a school for deaf children
the clean-up after the spring floods|an inquiry into the bridge collapse|the export of cut flowers
""".strip()
    .replace("\n", "|")
    .split("|")
)

REASONS = (
    """
because the money had run out|after a week of heavy rain|although nobody had asked for it|despite warnings
while the price of copper fell again|before the winter session began|in spite of a bitter quarrel
so that smaller towns would not be left behind|since the old agreement had lapsed|without any explanation
as inflation slowed to three per cent|when the second vote ended in a tie|under pressure from lenders
although critics called it a serious mistake|because the earlier figures were wrong|after months of delay
while families waited for news|to the relief of most residents|against the advice of its own experts
""".strip()
    .replace("\n", "|")
    .split("|")
)

PLACES = (
    """
in the old customs house|on the eastern shore|at the quarterly meeting|near the disputed reservoir
outside the county hall|along the coastal highway|during a closed session|at a crowded hearing
in a village of ninety houses|on the second day of the conference|across the lower provinces
beside the new grain terminal|within the free trade area|in the upper chamber
""".strip()
    .replace("\n", "|")
    .split("|")
)

OPENINGS = (
    """
On Monday|Last spring|Early this week|By the end of the month|According to a draft seen by reporters
In a short statement|For the third time this year|At first|Later in the day|As expected|In practice
""".strip()
    .replace("\n", "|")
    .split("|")
)

ACTS = """
{who} said the offer was "a step that helps nobody", and left early
{who} agreed to a further round of talks {place}
Officials close to {who} described the mood as calm but cautious
{who} has praised {thing} more than once
The letter from {who} arrived {place}, {reason}
Advisers warned {who} that {thing} would be hard to defend
{who} refused to comment on {thing}
Reporters asked {who} about {thing}, {reason}
""".strip().split("\n")
"""Sentences about one actor."""

MEETINGS = """
{who} and {other} spoke by telephone about {thing}
{who} accused {other} of blocking {thing}, {reason}
A meeting between {who} and {other} was set for the autumn {place}
{who} thanked {other} for a generous answer on {thing}
Neither {who} nor {other} wished to be the first to give way on {thing}
""".strip().split("\n")
"""Sentences about two actors."""
