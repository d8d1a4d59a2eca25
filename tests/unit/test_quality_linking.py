"""make quality: which mentions of the linking sets count."""

import json
from pathlib import Path

from benchmarks.quality.figures import Results
from benchmarks.quality.linking import measure
from benchmarks.quality.records import Folder


def test_whom_wikipedia_lacked_counts_neither_way(tmp_path: Path) -> None:
    """An actor's name on such a label is no error, and nothing that must be found; another's name is an error."""
    text = "Alejandro Mayorkas met Barack Obama and Angela Merkel."
    links = {
        "Alejandro Mayorkas": "http://aksw.org/notInWiki/Alejandro_Mayorkas",
        "Barack Obama": "http://dbpedia.org/resource/Barack_Obama",
        "Angela Merkel": "http://aksw.org/notInWiki/Angela_Schmidt",
    }
    entities = [
        {"start": text.index(name), "end": text.index(name) + len(name), "text": name, "links": [link]}
        for name, link in links.items()
    ]
    record = json.dumps({"id": "one", "text": text, "entities": entities})
    (tmp_path / "nel_n3_rss500.jsonl").write_text(record, encoding="utf-8")
    results = Results()
    measure(Folder(tmp_path), results, lambda: None)
    precision, recall, *_ = results.figures
    assert (precision.value, precision.n) == (0.5, 2)
    assert (recall.value, recall.n) == (1.0, 1)
