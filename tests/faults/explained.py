"""Which death of which process a fault may be the reason of."""

import math

from faults.schedule import Fault
from streams.core.errors import EXIT_NOTHING_ANSWERS
from streams.publish import CONFIRM_SECONDS
from streams.worker.watchdog import EXIT_STALLED, LOOK_SECONDS, STALL_SECONDS

SHAKING = {
    *("freeze-broker", "kill-broker", "cut", "outage", "reset", "slow", "lossy"),
    *("remake", "remake-alerts"),
}
"""Faults of the broker or the way to it: a process that can't go on without may end, and is restarted."""
AFTERMATH_SECONDS = 30.0
"""How long after its end a fault may explain a death."""
RETURN_SECONDS = 60.0
"""How long after a fault's end nothing may answer yet: a broker that was killed reads its logs again first."""
EXPLAINED_CODES = {"kill": {-9}, "mark": {-9}, "terminate": {0, -15}}
"""Faults that end the process that they are aimed at, and the code that it ends with."""


def explains(fault: Fault, name: str, code: int | None, at: float) -> bool:
    """Whether a process of this name may have ended with this code at `at` because of a fault."""
    # Who comes to a mark, or has to take leave of the broker, may be held up by an outage.
    aftermath = RETURN_SECONDS if code == EXIT_NOTHING_ANSWERS else AFTERMATH_SECONDS
    if code == EXIT_STALLED:  # for so long the watchdog looks on
        aftermath += STALL_SECONDS + LOOK_SECONDS
    if name == "publisher":  # it gives up what it sent when it has waited so long for the confirmation
        aftermath += CONFIRM_SECONDS
    last = math.inf if fault.kind in ("mark", "terminate") else fault.end + aftermath
    if not fault.at - 0.5 <= at <= last:
        return False
    sink = name.startswith("sink")
    if fault.kind in EXPLAINED_CODES:
        aimed = sink if fault.kind == "mark" else name == fault.target
        return aimed and code in EXPLAINED_CODES[fault.kind]
    if fault.kind in ("fill-disk", "kill-store", "freeze-store"):
        return sink and code == 1
    if fault.kind == "remake-alerts" and sink and code in (0, -15):
        return True
    if fault.kind == "partitions":
        return code in (0, 1, -15, 70)
    return fault.kind in SHAKING and code is not None and code > 0
