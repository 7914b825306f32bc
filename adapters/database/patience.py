"""How long a job is tried again, and what is kept of its failures."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from typing import Final

from bot.errors import IllegalMove, PaymentsRefused, PaymentsUnavailable, Unauthentic, Unreachable

#: How much longer than the shortest a pause may be by chance.
_SPREAD: Final = 1.5


@dataclass(frozen=True, slots=True)
class Patience:
    """Pauses in seconds: from `first`, doubling up to `most`; parked after `attempts` failures (some nine hours).

    `grace` is how long a stop waits for handlers that are running, and `look` after how long the table is looked at again
    for jobs whose time has come. A process that gave no sign of life for `lease` is taken to be dead.
    """

    first: float = 1.0
    most: float = 3600.0
    attempts: int = 20
    grace: float = 10.0
    look: float = 0.5
    lease: float = 30.0

    def pause(self, failures: int) -> float:
        """Give the pause after so many failures, with jitter, so that what failed together is not tried together."""
        grown = min(self.first * 2.0 ** min(failures - 1, 64), self.most / _SPREAD)
        return grown * random.uniform(1.0, _SPREAD)  # noqa: S311 - no secret hangs on it


def describe(error: BaseException) -> str:
    """Say what failed, for the log and for staff: the error's class, what of it is safe to show, and where.

    Never its text: that may hold what people typed, or what Stripe repeats of it.
    """
    match error:
        case (
            PaymentsUnavailable(what=safe) | PaymentsRefused(code=safe) | Unreachable(why=safe) | Unauthentic(why=safe)
        ):
            detail = f" ({safe})"
        case IllegalMove(order=order, source=source, target=target):
            detail = f" ({order}: {source} to {target})"
        case _:
            detail = ""
    place = ""
    for frame, line in walk_tb(error.__traceback__):
        place = f" at {Path(frame.f_code.co_filename).name}:{line}"
    return f"{type(error).__name__}{detail}{place}"
