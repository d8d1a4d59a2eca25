"""How alerts look to people."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from streams.cli.console import plain
from streams.core.alert import Alert, Counts, EvidenceArticle, EvidenceSentence
from streams.core.summary import some

SEVERITY_STYLE = {"high": "bold red", "medium": "yellow", "low": "default"}


def revision_line(alert: Alert) -> str:
    """One revision on one line: what happened, to what, and how much there is."""
    marks = " (backfill)" if alert.backfill else ""
    counts = alert.counts
    return (
        f"r{alert.revision} {', '.join(alert.change)}{marks}  {plain(alert.rule.id)}"
        f"  {alert.window.start:%Y-%m-%d %H:%M}  {alert.severity}  {plain(alert.headline)}"
        f"  [{_counted(counts)}]  {plain(alert.id)}"
    )


def alerts_table(alerts: Iterable[Alert]) -> Table:
    """A row an alert."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("window (UTC)", no_wrap=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("actors", min_width=14)
    for heading in ("articles", "stories", "sources"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("severity", "state"):
        table.add_column(heading, no_wrap=True)
    for alert in alerts:
        counts = alert.counts
        table.add_row(
            f"{alert.window.start:%Y-%m-%d %H:%M}",
            plain(alert.rule.id),
            Text(", ".join(plain(actor.name) for actor in alert.actors)),
            str(counts.articles),
            str(counts.stories),
            str(counts.sources),
            Text(alert.severity, style=SEVERITY_STYLE[alert.severity]),
            "closed" if alert.closed and alert.state == "active" else alert.state,
        )
    return table


def alert_in_full(alert: Alert) -> Text:
    """Everything that an alert says, its evidence with the actors' names marked."""
    names = {actor.id: plain(actor.name) for actor in alert.actors}
    text = Text()
    text.append(plain(alert.headline), style="bold")
    text.append(f"   {alert.severity}\n", style=SEVERITY_STYLE[alert.severity])
    text.append(f"{plain(alert.summary)}\n\n")
    text.append(f"  rule     {plain(alert.rule.id)} (version {alert.rule.version})\n")
    text.append(f"  window   {alert.window.start:%Y-%m-%d %H:%M} to {alert.window.end:%Y-%m-%d %H:%M} UTC\n")
    counts = alert.counts
    text.append(f"  counts   {_counted(counts)}\n")
    text.append(f"  actors   {', '.join(f'{name} ({key})' for key, name in names.items())}\n")
    tones = (f"{names[tone.id]} {tone.score / 1000:+.2f} (in {tone.articles})" for tone in alert.tone)
    text.append(f"  tone     {', '.join(tones) or 'not known'}\n")
    topics = (f"{plain(topic.label)} ({topic.articles})" for topic in alert.topics)
    text.append(f"  topics   {', '.join(topics) or 'not known'}\n")
    for article in alert.evidence:
        text.append_text(_article(article))
    return text


def _counted(counts: Counts) -> str:
    return ", ".join(
        (some(counts.articles, "article"), some(counts.stories, "story"), some(counts.sources, "source"))
    )


def _article(article: EvidenceArticle) -> Text:
    text = Text("\n")
    text.append(f"  {plain(article.title)}\n", style="italic")
    place = plain(article.url or article.source)
    copy = f", a copy of {plain(article.story)}" if article.story != article.article else ""
    text.append(f"  {article.published_at:%Y-%m-%d %H:%M} UTC, {place}{copy}\n", style="dim")
    for sentence in article.sentences:
        text.append("    “").append_text(_sentence(sentence)).append("”\n")
    return text


def _sentence(sentence: EvidenceSentence) -> Text:
    text = Text()
    at = sentence.start
    for span in sentence.spans:
        if span.start >= at:
            text.append(plain(sentence.text[at - sentence.start : span.start - sentence.start]))
            named = sentence.text[span.start - sentence.start : span.end - sentence.start]
            text.append(f"[{plain(named)}]", style="bold")
            at = span.end
    return text.append(plain(sentence.text[at - sentence.start :]))
