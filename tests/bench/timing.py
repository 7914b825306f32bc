"""CPU of this process, a call."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable


def cpu(work: Callable[[], object], times: int) -> float:
    """Give the microseconds of this process's CPU that one call takes, of so many."""
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - begun) / times * 1e6
