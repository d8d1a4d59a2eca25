"""Feeds from anywhere: whatever the bytes, the reader answers."""

from conftest import NOW
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.core.article import Article
from streams.feeds.plaintext import plain_text
from streams.feeds.reading import Document, read_feed

PIECES = [
    b"<rss version='2.0'><channel>", b"<item>", b"</item>", b"<title>", b"</title>", b"<link>", b"</link>",
    b"<link href='", b"'/>", b"<guid>", b"<pubDate>", b"</pubDate>", b"Tue, 21 Jan 2025 12:00:00 GMT", b"99:99",
    b"<feed xmlns='http://www.w3.org/2005/Atom'>", b"<entry>", b"</entry>", b"<content type='xhtml'>",
    b"<content type='application/octet-stream' mode='base64'>", b"<summary>", b"<author>", b"<updated>",
    b"&lt;script&gt;", b"<![CDATA[", b"]]>", b"&#xD800;", b"&#99999999999;", b"&nbsp;", b"&x;", b"<!--", b"<!DOCTYPE x [",
    b"<!ENTITY x 'y'>", b"<?xml version='1.0' encoding='", b"utf-16", b"'?>", b"http://[", b"https://a.example/",
    b"\xff\xfe", b"\x00", "é–北".encode(), b"<a b=", b"<ttl>", b"<dc:date>", b"<language>", b"xml:base='http://[x'>",
    b"<itunes:image href=''/>", b"<media:content ", b"<georss:point>", b"1 2 3", b"<ttl>9999999999999999999</ttl>",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=25).map(b"".join))
def test_the_reader_never_raises(body: bytes) -> None:
    """Anything gives articles that can be sent, and refusals that can be printed."""
    document = Document(name="f", body=body, url="https://daily.example/f")
    for entry in read_feed(document, defaults={}, now=NOW).entries:
        if isinstance(entry, Article):
            assert Article.from_json(entry.to_json()) == entry
        else:
            assert str(entry).startswith("f")


@given(st.text(alphabet="<>&;/!-a b\n#1'=p", max_size=60))
def test_plain_text_of_anything_is_tidy(html: str) -> None:
    """No run of spaces, no third line break, nothing at the ends."""
    text = plain_text(html)
    assert text == text.strip()
    assert "  " not in text
    assert "\n\n\n" not in text
