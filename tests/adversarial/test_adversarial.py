"""The adversarial suite: whom short and misleading texts name, scored by family."""

from collections import Counter, defaultdict

from suite import Case, read, read_cases

from streams.enrich.finder import ActorFinder
from streams.enrich.registry import load_registry

LEAST_SHARE = 0.98
LEAST_SHARE_OF_A_FAMILY = 0.9


def test_cases_name_actors_of_the_registry() -> None:
    """No case expects somebody whom the registry doesn't have."""
    names = {actor.name for actor in load_registry().actors.values()}
    assert [case.line for case in read_cases() if not case.expected.keys() <= names] == []


def test_suite() -> None:
    """98 of 100 texts are read just right, and of no family fewer than nine of ten."""
    registry = load_registry()
    finder = ActorFinder(registry)
    total: Counter[str] = Counter()
    wrong: dict[str, list[str]] = defaultdict(list)
    for case in read_cases():
        total[case.family] += 1
        found = read(case, finder, registry)
        if found != case.expected:
            wrong[case.family].append(_difference(case, found))
    table = "\n".join(
        f"{family:32} {count - len(wrong[family])} of {count}" for family, count in total.items()
    )
    errors = "\n".join(error for errors in wrong.values() for error in errors)
    print(f"\n{table}\n{errors}")
    assert total.total() >= 250
    assert sum(map(len, wrong.values())) <= (1 - LEAST_SHARE) * total.total(), errors
    assert [
        family
        for family, count in total.items()
        if len(wrong[family]) > (1 - LEAST_SHARE_OF_A_FAMILY) * count
    ] == []


def _difference(case: Case, found: dict[str, set[str]]) -> str:
    return f"line {case.line}: {case.document!r}: found {found}, expected {case.expected}"
