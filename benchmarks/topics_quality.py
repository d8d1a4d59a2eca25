"""How often the topics stage is right: python -m benchmarks.topics_quality DATA_FOLDER.

DATA_FOLDER holds topics_agnews.jsonl ({title, text, label}). Its four labels are mapped to codes; an article
is right if the highest scored code that maps to any label maps to its own. Evaluation only.
"""

import sys
from pathlib import Path

import orjson

from streams.enrich.topics import TopicClassifier

LABELS = {
    "medtop:15000000": "Sports",
    "medtop:04000000": "Business",
    "medtop:09000000": "Business",
    "medtop:13000000": "Sci/Tech",
    "medtop:11000000": "World",
    "medtop:16000000": "World",
    "medtop:02000000": "World",
    "medtop:03000000": "World",
}


def main(folder: Path) -> None:
    """Print how many were right, how many got no topic that maps, and how many there were."""
    classifier = TopicClassifier.load()
    right = silent = total = 0
    with (folder / "topics_agnews.jsonl").open("rb") as lines:
        for line in lines:
            record = orjson.loads(line)
            topics = classifier.classify(f"{record['title']}\n\n{record['text']}")
            said = next((LABELS[topic.code] for topic in topics if topic.code in LABELS), None)
            total += 1
            silent += said is None
            right += said == record["label"]
    answered = total - silent
    print(
        f"AG News: {right} of {total} right ({right / total:.3f}); {silent} without an answer;"
        f" {right / answered:.3f} of the answered"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
