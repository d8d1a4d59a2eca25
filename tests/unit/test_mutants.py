"""The mutants: each can still be made, and what is to catch it is there."""

import ast

import pytest
from mutants.catalogue import MUTATIONS
from mutants.mutation import DoesNotApply, Mutation
from mutants.tree import ROOT

DOCUMENT = (ROOT / "docs/reliability.md").read_text("utf-8")


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.name)
def test_each_mutation_applies_and_leaves_python(one: Mutation) -> None:
    """Its old text stands once in the source, and the new one parses and differs in more than comments."""
    mutated = ast.parse(one.mutated(ROOT))
    assert ast.dump(mutated) != ast.dump(ast.parse((ROOT / one.file).read_text("utf-8")))


@pytest.mark.parametrize("one", MUTATIONS, ids=lambda one: one.name)
def test_each_check_is_there(one: Mutation) -> None:
    """A test by its file and name."""
    assert one.checks
    for check in one.checks:
        path, _, name = check.partition("::")
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        assert name.partition("[")[0] in {f.name for f in tree.body if isinstance(f, ast.FunctionDef)}


@pytest.mark.parametrize("text", ["nobody writes this", "import "])
def test_a_mutation_that_no_longer_fits_says_so(text: str) -> None:
    """Where its text isn't there, or isn't there once alone."""
    one = Mutation(name="stale", breaks="", file="streams/sink/sink.py", old=text, new="", checks=())
    with pytest.raises(DoesNotApply, match=r"stale doesn't apply: .* in streams/sink/sink\.py"):
        one.mutated(ROOT)


def test_the_document_tells_of_each() -> None:
    """A row each: its name, what it breaks, and what catches it."""
    names = [one.name for one in MUTATIONS]
    assert len(set(names)) == len(names)
    rows = {
        line.split(" | ")[0].strip("| `"): line for line in DOCUMENT.splitlines() if line.startswith("| `")
    }
    for one in MUTATIONS:
        assert one.breaks in rows[one.name]
        for check in one.checks:
            assert check.split("::")[-1] in rows[one.name]
