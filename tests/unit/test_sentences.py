"""Sentences: where they end, and how they keep names whole."""

import pytest

from streams.enrich.sentences import MAX_LENGTH, Span, split, split_around


def texts(document: str, title: str = "") -> list[str]:
    """The sentences' texts."""
    return [document[s.start : s.end] for s in split(document, len(title))]


@pytest.mark.parametrize(
    "sentences",
    [
        ["One came.", "Two left!", "Three?", "Four… five."],
        ["He met Mr. Smith and Gen. Jones.", "They talked."],
        ["The U.S. President spoke.", "He left the U.S.", "The crowd stayed."],
        ["It fell 3.5 percent to 1.2.", "It rose."],
        ["J. R. Miller and Sergey V. Lavrov came at 5 p.m. Monday.", "All left."],
        ["“We agree.”", "“We don't!” she said.", "(They do.)", "Yes."],
        ["He asked “Why?” and left.", "Nobody knew."],
        ["It closed at 5 p.m.", "The shop reopened."],
        ["No. 5 won.", "It was Jan. 3 by then."],
        ["今天见面。", "明天再见！", "好"],
        ["Wait... what?!", "Now."],
    ],
)
def test_stops(sentences: list[str]) -> None:
    """A stop ends a sentence unless an abbreviation, a number or a lower-case word says otherwise."""
    joined = " ".join(sentences)
    assert sentences == texts(joined)


def test_list_numbers() -> None:
    """The number of a list's item doesn't end a sentence."""
    assert texts("1. Open the door.\n2. Close it.") == ["1. Open the door.", "2. Close it."]


def test_paragraphs() -> None:
    """The title is paragraph 0, each run of line breaks begins another; offsets quote the text."""
    title = "A title"
    document = f"{title}\n\nFirst one. And two.\r\n\r\n \n- a list\n- goes on  "
    found = [(s.paragraph, document[s.start : s.end]) for s in split(document, len(title))]
    expected = [(0, "A title"), (1, "First one."), (1, "And two."), (2, "- a list"), (3, "- goes on")]
    assert expected == found


def test_title_with_line_breaks() -> None:
    """A title of several lines stays paragraph 0, also if it begins or ends with white space."""
    title = " \nOne\nTwo \n"
    document = f"{title}\n\nThree"
    found = [(s.paragraph, document[s.start : s.end]) for s in split(document, len(title))]
    assert found == [(0, "One"), (0, "Two"), (1, "Three")]


@pytest.mark.parametrize("document", ["", "\n\n", "  \n \t\n "])
def test_nothing(document: str) -> None:
    """White space holds no sentence."""
    assert split(document, 0) == []


def around(document: str, *spans: Span) -> list[tuple[int, str, list[str]]]:
    """The paragraph and the text of each sentence that holds a span, and the texts of its spans."""
    return [
        (its.paragraph, document[its.start : its.end], [document[span.start : span.end] for span in held])
        for its, held in split_around(document, 0, spans)
    ]


def spans_of(document: str, *names: str) -> list[Span]:
    """Where each name stands first."""
    return [Span(document.index(name), document.index(name) + len(name)) for name in names]


def test_sentences_around_spans() -> None:
    """Only sentences that hold a span are given, each with its spans, and none ends inside one."""
    document = "Skipped. Entirely.\nHe met Dr! No yesterday. Then slept. Bond ate with Q.\nSkipped too."
    assert around(document, *spans_of(document, "Dr! No", "Bond", "Q")) == [
        (1, "He met Dr! No yesterday.", ["Dr! No"]),
        (1, "Bond ate with Q.", ["Bond", "Q"]),
    ]
    assert around(document) == []


def test_long_sentence_is_cut_at_a_space() -> None:
    """A sentence over 1,000 code points is cut at a space, so that nothing but spaces is lost."""
    document = " ".join(["word"] * 700)
    pieces = texts(document)
    assert document == " ".join(pieces)
    assert max(map(len, pieces)) <= MAX_LENGTH


def test_long_sentence_keeps_spans_whole() -> None:
    """A cut goes around a name with a space in it, and before one that crosses the limit."""
    name = "Xi Jinping"
    document = f"{'x' * 990} {name} {name}"
    spans = [Span(991, 1001), Span(1002, 1012)]
    assert around(document, *spans) == [(0, f"{name} {name}", [name, name])]
    document = f"Bond-{'x' * 990}-{name}"
    assert around(document, *spans_of(document, "Bond", name)) == [
        (0, f"Bond-{'x' * 990}-", ["Bond"]),
        (0, name, [name]),
    ]


def test_long_word_is_cut() -> None:
    """A word without end is cut at the limit."""
    assert [len(piece) for piece in texts("x" * 2_500)] == [MAX_LENGTH, MAX_LENGTH, 500]
