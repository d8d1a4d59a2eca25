"""A mutation: one text of one file that becomes another, and the checks that should see it."""

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The source has changed, so that a mutation can't be made in it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """`old` stands exactly once in `file`; `checks` are ids of tests, the cheapest first."""

    name: str
    breaks: str
    """What it does, and so what is no longer promised: one sentence."""
    file: str
    old: str
    new: str
    checks: tuple[str, ...]

    @property
    def module(self) -> str:
        """The name under which the file is imported."""
        return self.file.removesuffix(".py").replace("/", ".")

    def mutated(self, root: Path) -> str:
        """The file's text with the mutation in it; raises DoesNotApply."""
        text = (root / self.file).read_text(encoding="utf-8")
        if (count := text.count(self.old)) != 1:
            raise DoesNotApply(
                f"{self.name} doesn't apply: its old text stands {count} times in {self.file}, not once;"
                " bring tests/mutants/catalogue.py up to date with the source"
            )
        return text.replace(self.old, self.new)

    def apply(self, root: Path) -> None:
        """Make the mutation in a copy of the tree."""
        text = self.mutated(root)
        (root / self.file).write_text(text, encoding="utf-8")
