"""The weather: Stripe and Slack failing in every way they can, a little of everything, all the time."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final

from adapters.sandbox.faults import Answer, Fault, When
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Mischief
from tests.platforms.slack import SlackStandIn

#: What Stripe does wrong. A rate limiter stands before everything, so it never fails after having acted.
_WAYS: Final[tuple[tuple[Answer, When], ...]] = (
    ("429", "before"),
    ("500", "before"),
    ("500", "after"),
    ("close", "before"),
    ("close", "after"),
    ("hang", "before"),
    ("hang", "after"),
    ("slow", "before"),
    ("slow", "after"),
)
_PATHS: Final = ("", "/v1/checkout/sessions$", "/v1/checkout/sessions/.*", "/v1/refunds", "/v1/coupons", "/v1/events")
_METHODS: Final = (
    "chat.postMessage",
    "chat.postMessage",
    "chat.update",
    "conversations.open",
    "response_url",
    "users.info",
)
#: Seconds that whoever hangs keeps somebody waiting; the shop gives up after eight, which would be most of a life here.
LONGEST: Final = 1.5


class Weather:
    """Bad, from `storm` on until that is cancelled; `clear` ends it all."""

    def __init__(self, sandbox: Sandbox, slack: SlackStandIn, rng: Random) -> None:
        self._sandbox = sandbox
        self._slack = slack
        self._rng = rng

    async def storm(self) -> None:
        """Have something fail every half a second or so."""
        while True:
            await asyncio.sleep(self._rng.uniform(0.2, 0.8))
            self._rng.choice((self._stripe, self._stripe, self._webhooks, self._chat))()

    def clear(self) -> None:
        """Have everything work."""
        self._sandbox.forgive()
        self._slack.forgive()

    def _stripe(self) -> None:
        if len(self._sandbox._engine.faults.waiting) > 3:  # else those that match seldom would heap up
            self._sandbox._engine.faults.clear()
        answer, when = self._rng.choice(_WAYS)
        count, path = self._rng.randint(1, 3), self._rng.choice(_PATHS)
        self._sandbox.fail(Fault(answer, when, count=count, path=path, seconds=self._rng.uniform(0.2, LONGEST)))

    def _webhooks(self) -> None:
        self._sandbox.disturb(
            Mischief(
                copies=self._rng.choice((1, 1, 2, 3)),
                delay=self._rng.choice((0.0, 0.0, 0.3, 1.0)),
                reorder=self._rng.choice((0.0, 0.0, 0.5)),
                drop=self._rng.choice((0, 0, 1, 2)),
            )
        )

    def _chat(self) -> None:
        method, times = self._rng.choice(_METHODS), self._rng.randint(1, 3)
        match self._rng.randrange(6):
            case 0:
                self._slack.break_down(method, times)
            case 1:
                self._slack.limit(method, 1, times)
            case 2:
                self._slack.cut(method, "before", times)
            case 3:
                self._slack.cut(method, "after", times)
            case 4:
                self._slack.hang(method, self._rng.uniform(0.1, LONGEST), times)
            case _:
                self._slack.delay(method, self._rng.uniform(0.1, LONGEST), times)
