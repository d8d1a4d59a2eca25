"""When a sink that stands by may take the lease, by its own clock alone."""

import pytest

from streams.sink.standby import PATIENCE_SECONDS, Watch
from streams.store.lease import NOBODY, Lease


@pytest.mark.parametrize("holder", [NOBODY, "me"])
def test_a_free_lease_and_ones_own_may_be_taken_at_once(holder: str) -> None:
    """Whoever is started again under its own name need not wait for itself."""
    assert Watch("me").may_take(Lease(holder, 7), now=0)


def test_another_ones_lease_may_be_taken_when_it_has_not_moved_for_long() -> None:
    """Patience begins where the lease is first seen so, and anew with each beat and each holder."""
    watch = Watch("me")
    assert not watch.may_take(Lease("she", 1), now=100)
    assert not watch.may_take(Lease("she", 1), now=100 + PATIENCE_SECONDS - 0.1)
    assert not watch.may_take(Lease("she", 2), now=100 + PATIENCE_SECONDS)
    assert not watch.may_take(Lease("he", 2), now=100 + 2 * PATIENCE_SECONDS - 0.1)
    assert not watch.may_take(Lease("he", 2), now=100 + 2 * PATIENCE_SECONDS)
    assert watch.may_take(Lease("he", 2), now=100 + 3 * PATIENCE_SECONDS - 0.1)
