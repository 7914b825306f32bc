"""Faults on demand: the next requests are answered 429 or 500, too late, or not at all, before or after having acted."""

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from typing import Literal

from adapters.sandbox.errors import Refusal
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Choice, Hash, Integer, Text

Answer = Literal["429", "500", "close", "hang", "slow"]
When = Literal["before", "after"]


@dataclass
class Fault:
    """What befalls the next `count` requests whose method and path match.

    `answer` is one of
    - `429`: the rate limiter's answer. It stands before everything, so `when` must be `before`.
    - `500`: before, nothing was done and nothing is kept. After, everything was done, and the 500 is kept under the
      idempotency key, as Stripe keeps it: the same key gives the same 500 for ever, though the object exists.
    - `close`: the connection is closed without an answer. After, the real answer is kept under the idempotency key.
    - `hang`: no answer for `seconds`, then the connection is closed.
    - `slow`: the answer comes after `seconds`. Before, the request waits with its idempotency key taken, so that
      another one with that key is refused with 409.
    """

    answer: Answer
    when: When = "before"
    count: int = 1
    path: str = ""
    """A regular expression which must be found in the path."""
    method: str = ""
    seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.answer == "429" and self.when == "after":
            raise ValueError("a rate limiter stands before everything: 429 after acting cannot be")
        re.compile(self.path)


@dataclass
class Faults:
    """The faults that are waiting, in the order in which they were asked for."""

    waiting: list[Fault] = field(default_factory=list)
    _released: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, fault: Fault) -> None:
        """Have a fault befall the next requests it matches."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Have no more faults, and let go of the requests that are being held up."""
        self.waiting.clear()
        self._released.set()
        self._released = asyncio.Event()

    async def hold(self, seconds: float) -> None:
        """Hold a request up for a while, or until there are to be no more faults."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._released.wait()

    def take(self, method: str, path: str) -> Fault | None:
        """Give the fault that befalls a request, and count it."""
        for fault in self.waiting:
            if fault.method in {"", method} and re.search(fault.path, path):
                fault.count -= 1
                if fault.count <= 0:
                    self.waiting.remove(fault)
                return fault
        return None


PARAMS = Hash(
    {
        "answer": Choice(("429", "500", "close", "hang", "slow")),
        "when": Choice(("before", "after")),
        "count": Integer(1),
        "path": Text(),
        "method": Choice(("GET", "POST", "DELETE")),
        "milliseconds": Integer(),
    },
    required=("answer",),
)


def read(params: Body) -> Fault:
    """Give the fault that checked parameters describe, or refuse it."""
    seconds = params.pop("milliseconds", 60_000) / 1000
    try:
        return Fault(**params, seconds=seconds)
    except (ValueError, re.error) as error:
        raise Refusal(str(error)) from None
