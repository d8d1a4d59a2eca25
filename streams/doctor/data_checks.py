"""Checks of what Summitry reads: actors, rules and models."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from streams.core.article import Article
from streams.core.errors import InvalidRegistry, InvalidRules
from streams.core.facets import FACETS
from streams.doctor.findings import Context, Finding
from streams.enrich.registry import load_registry
from streams.enrich.stages import load_stage
from streams.enrich.tone import MODELS
from streams.rulebook import SHIPPED, load_rules

SAMPLE = Article.model_validate(
    {
        "id": "sample",
        "title": "Xi Jinping and Vladimir Putin hold call",
        "text": "Xi Jinping praised Vladimir Putin. The presidents spoke about trade and the war.",
        "source": "example.org",
        "published_at": "2025-01-21T12:00:00Z",
    }
)
"""An article that every part of every stage has something to do with."""


def registry(context: Context) -> Iterator[Finding]:
    """Whether the actors can be read, and which they are."""
    file = context.settings.registry
    try:
        known = load_registry(file)
    except InvalidRegistry as error:
        mend = f"mend {file}, or unset SUMMITRY_REGISTRY" if file else "install Summitry again"
        yield Finding("registry", "wrong", str(error), mend)
        return
    origin = f"with {file}" if file else "as shipped"
    version = f"release {known.version.release}, {known.version.digest[:12]}"
    yield Finding("registry", "good", f"{len(known.actors)} actors, {origin} ({version})")


def rules(context: Context) -> Iterator[Finding]:
    """Whether the rules can be read, and which they are."""
    file = context.settings.rules or SHIPPED
    try:
        actors = load_registry(context.settings.registry)
    except InvalidRegistry:
        says = f"{file} can't be judged: the actors that it names can't be read"
        yield Finding("rules", "warning", says, "mend the registry first")
        return
    try:
        book = list(load_rules(context.settings.rules, actors))
    except InvalidRules as error:
        for line in str(error).splitlines():
            yield Finding("rules", "wrong", line, f"mend it; see: summitry rules check {file}")
        return
    names = ", ".join(f"{rule.id} version {rule.version}" for rule in book)
    yield Finding("rules", "good", f"{file}: {names}")


def models(_: Context, folder: Path = MODELS) -> Iterator[Finding]:
    """Whether the model files are those that ship, with their licences beside them."""
    again = "install Summitry again, or restore the file"
    licences = (folder / "LICENCES.md").read_text(encoding="utf-8")
    fits = True
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        file = folder / name
        if not file.is_file():
            fits = False
            yield Finding("models", "wrong", f"{file} is missing", again)
            continue
        with file.open("rb") as content:
            differs = hashlib.file_digest(content, "sha256").hexdigest() != digest
        if differs:
            fits = False
            yield Finding("models", "warning", f"{file} isn't the one that ships", again)
        if name not in licences:
            fits = False
            yield Finding("models", "warning", f"{folder / 'LICENCES.md'} doesn't name {name}", again)
    if fits:
        yield Finding("models", "good", "all files are those that ship")


def stages(_: Context) -> Iterator[Finding]:
    """Whether each stage, with its models, can read an article."""
    for name in FACETS:
        outcome = load_stage(name).read(SAMPLE).outcome
        if outcome == "ok":
            yield Finding("stages", "good", f"{name} reads a sample article")
        else:
            says = f"{name} makes nothing of a sample article: {outcome}"
            yield Finding("stages", "wrong", says, "install Summitry again")
