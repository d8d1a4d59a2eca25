"""Reading feeds: what an entry becomes, and what is said of one that can't be used."""

from collections.abc import Callable
from typing import Any

import pytest
from conftest import NOW

from streams.core.article import Article, derive_id
from streams.core.instants import format_instant
from streams.corpus import Refusal
from streams.feeds.plaintext import plain_text
from streams.feeds.reading import Document, Reading, read_feed

FEED = "https://daily.example/feed.xml"


def reading(body: str | bytes, *, url: str | None = FEED, **defaults: str) -> Reading:
    """A feed, read."""
    data = body if isinstance(body, bytes) else body.encode()
    return read_feed(Document(name="feed.xml", body=data, url=url), defaults=defaults, now=NOW)


def rss(*items: str, channel: str = "") -> str:
    """An RSS 2.0 feed of these items' inner XML."""
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{channel}{inner}</channel></rss>'


def atom(*entries: str) -> str:
    """An Atom feed of these entries' inner XML."""
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">{inner}</feed>'


def item(**fields: str) -> str:
    """An item's inner XML; what isn't given is sensible."""
    given = {
        "title": "News",
        "link": "https://daily.example/1",
        "pubDate": "Tue, 21 Jan 2025 12:00:00 GMT",
    } | fields
    return "".join(f"<{name}>{value}</{name}>" for name, value in given.items() if value)


def only(found: Reading) -> Any:
    """The one entry of a feed."""
    (entry,) = found.entries
    return entry


RSS_091 = rss(
    item(pubDate="", description="They spoke."), channel="<pubDate>Tue, 21 Jan 2025 12:00:00 GMT</pubDate>"
).replace('"2.0"', '"0.91"')
RSS_10 = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>Daily</title></channel>
  <item rdf:about="https://daily.example/1"><title>News</title><link>https://daily.example/1</link>
  <description>They spoke.</description><dc:date>2025-01-21T12:00:00Z</dc:date></item></rdf:RDF>"""
ATOM = atom(
    "<title>News</title><link href='https://daily.example/1'/><summary>They spoke.</summary>"
    "<published>2025-01-21T12:00:00Z</published><updated>2025-01-22T12:00:00+01:00</updated>"
    "<author><name>Ann Lee</name></author>"
)


@pytest.mark.parametrize(
    "feed",
    [RSS_091, RSS_10, rss(item(description="They spoke.")), ATOM],
    ids=["RSS 0.91", "RSS 1.0", "RSS 2.0", "Atom"],
)
def test_every_kind_of_feed_gives_the_same_article(feed: str) -> None:
    """Title, text, url, source, date and id don't depend on the format; RSS 0.91 knows no dates."""
    found = only(reading(feed, published_at="2025-01-21T12:00:00Z"))
    assert isinstance(found, Article)
    assert ("News", "They spoke.", "daily.example") == (found.title, found.text, found.source)
    assert found.url == "https://daily.example/1"
    assert found.id == derive_id({"url": "https://daily.example/1"})
    assert format_instant(found.published_at) == "2025-01-21T12:00:00Z"


def test_atom_says_who_wrote_it_when_it_changed_and_in_which_language() -> None:
    """updated_at only where it is later than published_at."""
    found = only(reading(ATOM))
    assert (("Ann Lee",), "de") == (found.authors, found.language)
    assert format_instant(found.updated_at) == "2025-01-22T11:00:00Z"
    same = only(reading(ATOM.replace("2025-01-22T12:00:00+01:00", "2025-01-21T13:00:00+01:00")))
    assert same.updated_at is None


def test_an_author_of_rss_is_named_without_the_mail_address() -> None:
    """As the format writes them."""
    assert only(reading(rss(item(author="desk@daily.example (Ann Lee)")))).authors == ("Ann Lee",)


@pytest.mark.parametrize(
    ("date", "instant"),
    [
        ("Tue, 21 Jan 2025 12:00:00 EST", "2025-01-21T17:00:00Z"),
        ("Tue, 21 Jan 2025 23:30:00 -0130", "2025-01-22T01:00:00Z"),
        ("21 Jan 25 12:00 GMT", "2025-01-21T12:00:00Z"),
        ("Tue, 21 Jan 2025", "2025-01-21T00:00:00Z"),
        ("2025-01-21T12:00:00+08:00", "2025-01-21T04:00:00Z"),
        ("2025-01-21", "2025-01-21T00:00:00Z"),
        ("2025-01-21T12:00:00", "2025-01-21T12:00:00Z"),
    ],
)
def test_odd_dates_are_read(date: str, instant: str) -> None:
    """Names and offsets of zones, two-digit years, days alone; an ISO date without a zone is UTC."""
    assert format_instant(only(reading(rss(item(pubDate=date)))).published_at) == instant


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"pubDate": ""}, "published_at", "required"),
        ({"pubDate": "yesterday"}, "published_at", "not a date: 'yesterday'"),
        ({"pubDate": "Tue, 32 Jan 2025 12:00:00 GMT"}, "published_at", "not a date"),
        ({"pubDate": "Tue, 21 Jan 2070 12:00:00 GMT"}, "published_at", "24 h"),
        ({"title": ""}, "title", "required"),
        ({"title": "&lt;img src='x'&gt;"}, "title", "required"),
        ({"pubDate": "Tue, 21 Jan 2025 12:00:00"}, "published_at", "not a date"),
        ({"description": "x" * 200_001}, "text", "200000"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_and_the_next_goes_through(
    fields: dict[str, str], field: str, reason: str
) -> None:
    """The refusal names the feed, the entry, the field and the reason."""
    refusal, good = reading(rss(item(**fields), item(link="https://daily.example/2"))).entries
    assert isinstance(refusal, Refusal)
    assert isinstance(good, Article)
    assert refusal.file.startswith("feed.xml entry ")
    assert field in {problem.field for problem in refusal.problems}
    assert reason in str(refusal)


def test_an_entry_without_a_date_takes_the_one_it_is_given() -> None:
    """--published-at."""
    found = only(reading(rss(item(pubDate="")), published_at="2025-01-20T00:00:00Z"))
    assert format_instant(found.published_at) == "2025-01-20T00:00:00Z"


def test_relative_links_follow_the_feed() -> None:
    """In a file there is nothing to follow, so the entry is refused."""
    feed = rss(item(link="/2025/xi?a=1"))
    assert only(reading(feed)).url == "https://daily.example/2025/xi?a=1"
    assert "url: not an absolute" in str(only(reading(feed, url=None)))


def test_an_entry_without_a_link_has_its_guid() -> None:
    """Its id stays when the title changes, and differs from the same guid of another site."""
    guid = '<guid isPermaLink="false">17</guid>'
    ids = {
        only(reading(rss(item(link="", title=title) + guid), url=url)).id
        for title in ("News", "News, corrected")
        for url in (FEED, "https://weekly.example/feed")
    }
    assert len(ids) == 2
    linkless = only(reading(rss(item(link="") + guid)))
    assert (None, "daily.example") == (linkless.url, linkless.source)
    assert only(reading(rss(item(link="") + guid), source="mine")).source == "mine"


def test_duplicate_entries_are_one_article() -> None:
    """They have one id, so that publishing both changes nothing."""
    first, second = reading(rss(item(), item())).entries
    assert first == second


def test_a_longer_content_is_taken_before_a_summary() -> None:
    """Paragraphs are parted by a blank line."""
    content = "<![CDATA[<p>They spoke.</p><p>For an hour.</p>]]>"
    feed = rss(item(description="They spoke.") + f"<content:encoded>{content}</content:encoded>")
    namespace = '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    assert only(reading(feed.replace("<rss", namespace))).text == "They spoke.\n\nFor an hour."


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One&nbsp;two</p>\n<p>Three<br>four", "One two\n\nThree\nfour"),
        ("a<script>alert(1)</script>b<style>p{}</style>", "a b"),
        ("a<script>alert(1)", "a"),
        ("a<!-- <p>no</p> -->b", "ab"),
        ("3 < 5 and 6 > 2, <b>bold</b>", "3 < 5 and 6 > 2, bold"),
        ("AT&amp;T &eacute; &#8211; &unknown;", "AT&T é – &unknown;"),
        ("&lt;b&gt; is a tag", "<b> is a tag"),
        ("<a href='x' title='a > b'>link</a>", "link"),
        ("a\x00\x1b[31mb", "a[31mb"),
    ],
)
def test_html_becomes_what_a_reader_sees(html: str, text: str) -> None:
    """Entities, spaces, paragraphs; no tags, scripts, comments or control characters."""
    assert plain_text(html) == text


def test_a_title_of_rss_may_hold_html_and_one_of_atom_says_so() -> None:
    """A literal < of Atom stays."""
    assert only(reading(rss(item(title="&lt;b&gt;Xi&lt;/b&gt; &amp;amp;\n Putin")))).title == "Xi & Putin"
    literal = ATOM.replace("<title>News", '<title type="text">&lt;b&gt; is bold')
    assert only(reading(literal)).title == "<b> is bold"


def test_what_is_not_well_formed_is_used_as_far_as_it_goes_and_said() -> None:
    """A feed cut off in mid-entry."""
    whole = rss(item(), item(link="https://daily.example/2"))
    good, *_, said = reading(whole[: whole.rindex("<pubDate>")]).entries
    assert isinstance(good, Article)
    assert "not well-formed" in str(said)


@pytest.mark.parametrize("body", ["", "no feed", "<html><body>Not found</body></html>", "{}", "\0" * 9])
def test_what_is_no_feed_is_refused(body: str) -> None:
    """As a whole."""
    assert str(only(reading(body))) == "feed.xml: is neither RSS nor Atom"


def test_an_empty_feed_is_no_mistake() -> None:
    """There is no news."""
    assert reading(rss()).entries == ()


def test_entities_expand_to_nothing_much() -> None:
    """Neither nested entities (billion laughs) nor files get in."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    feed = rss(item(description="&l11; &file;")).replace("<rss", doctype + "<rss")
    found, *said = reading(feed).entries
    assert isinstance(found, Article)
    assert found.text == "&l11; &file;"
    assert "amplification" in str(said)


@pytest.mark.parametrize(
    "unit",
    ["&lt;a ", "&lt;script ", "&lt;script&gt;", "&lt;!--", "&amp;", "&lt;p&gt;", "&#10; ", "&lt;a b='"],
)
def test_hostile_html_takes_no_time(unit: str) -> None:
    """Half a megabyte of what makes naive patterns quadratic ends within the test's time limit."""
    reading(rss(item(description=unit * (500_000 // len(unit)))))


@pytest.mark.parametrize(
    ("channel", "minutes"), [("<ttl>60</ttl>", 60), ("<ttl>soon</ttl>", 0), ("<ttl>-5</ttl>", 0), ("", 0)]
)
def test_a_ttl_counts_minutes(channel: str, minutes: int) -> None:
    """What isn't a number of minutes asks for nothing."""
    assert reading(rss(channel=channel)).ttl.total_seconds() == minutes * 60


@pytest.mark.parametrize(("language", "read"), [("en-us", "en-us"), ("English", None), ("", None)])
def test_a_language_is_a_tag_or_none(language: str, read: str | None) -> None:
    """--language stands in where the feed gives none."""
    feed = rss(item(), channel=f"<language>{language}</language>")
    assert only(reading(feed)).language == read
    assert only(reading(feed, language="fr")).language == (read or "fr")


@pytest.mark.parametrize("encode", [str.encode, lambda text: text.encode("utf-16")])
def test_encodings_are_found_out(encode: Callable[[str], bytes]) -> None:
    """UTF-8 without a declaration, UTF-16 with a mark."""
    feed = rss(item(title="Пекин – 北京")).removeprefix('<?xml version="1.0"?>')
    assert only(reading(encode(feed))).title == "Пекин – 北京"
