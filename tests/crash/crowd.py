"""The crowd: many people who buy, give, pay, cancel, press twice and come back, and a staff that ships and refunds."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Final, Self

from aiohttp import ClientError, ClientSession, ClientTimeout

from adapters.sandbox.errors import Refusal
from adapters.sandbox.server import Sandbox
from bot.tokens import Signer
from tests.adapters.sandbox.buyer import CARD, DECLINED, SEPA, SEPA_FAILS
from tests.crash.evidence import Shown, Wish
from tests.crash.gate import Gate
from tests.crash.gathering import open_session
from tests.crash.people import NUMBER, TROUBLE, Asking, SlackPerson, Visitor, WebPerson
from tests.platforms.slack import SlackStandIn

CHANNEL: Final = "CSHOP"
STAFF: Final = "CSTAFF"
BOSS: Final = "UBOSS"

#: What people ask for. Of the print there is one, of the poster there are few.
WISHES: Final = (
    *("/buy zine",) * 6,
    *("/buy mug blue 2",) * 2,
    "/buy mug white code WELCOME10",
    "/buy poster",
    "/buy print",
    *("/donate 12,50 to water",) * 2,
    "/donate 5 to kitchen monthly",
    "/donate 10 to water monthly",
)
#: What becomes of an order.
FATES: Final = (
    *("pay",) * 11,
    *("pay at Stripe",) * 2,
    "declined, then pay",
    "pay by bank",
    "bank refuses",
    *("cancel",) * 2,
    "cancel while paying",
    "forget",
)


class Crowd:
    """`async with Crowd(...) as crowd`; `live` lasts until it is told to stop."""

    def __init__(self, slack: SlackStandIn, gate: Gate, sandbox: Sandbox, rng: Random, secret: str) -> None:
        self._gate = gate
        self._sandbox = sandbox
        self._rng = rng
        self._slack = slack
        self.asked: list[Asking] = []
        #: What they may ask for, and what may become of it.
        self.wishes_for: Sequence[str] = WISHES
        self.fates: Sequence[str] = FATES
        #: What people did, by what it was.
        self.did: Counter[str] = Counter()
        slack.channel(CHANNEL, bot=False)
        slack.channel(STAFF, "staff")
        self.slackers = [SlackPerson(slack, f"U{n:03}", CHANNEL) for n in range(30)]
        self.boss = SlackPerson(slack, BOSS, STAFF)
        self.surfers = [WebPerson(gate, Signer(secret)) for _ in range(8)]
        self._keys = dict(sandbox._engine.accounts)

    async def __aenter__(self) -> Self:
        self._browser = ClientSession(timeout=ClientTimeout(total=15))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._browser.close()
        for surfer in self.surfers:
            await surfer.close()

    @property
    def wishes(self) -> Sequence[Wish]:
        """What was asked for so far."""
        return [asking.wish() for asking in self.asked]

    @property
    def shown(self) -> Sequence[Shown]:
        """What was shown to whom so far."""
        keys = {slacker.person.id: slacker.key for slacker in [*self.slackers, self.boss]}
        channels = self._slack.workspace.channels
        seen = [shown for surfer in self.surfers for shown in surfer.shown]
        for posting in self._slack.workspace.postings:
            reader = posting.seen_by or channels[posting.channel].direct
            if reader or posting.channel == STAFF:
                seen.append(
                    Shown(
                        posting.at, keys[reader] if reader else "", posting.said, f"{posting.how} {posting.hook[-24:]}"
                    )
                )
        return seen

    async def live(self, stop: asyncio.Event, *, width: int = 4) -> None:
        """Have so many people at once do what people do, with the staff beside them."""
        everybody: list[Visitor] = [*self.slackers, *self.surfers]
        self._rng.shuffle(everybody)
        queue = everybody.copy()

        async def visits() -> None:
            while not stop.is_set():
                who = queue.pop(0)
                await self._visit(who)
                queue.append(who)
                await asyncio.sleep(self._rng.uniform(0.1, 0.6))  # people take their time: this is the load's pace

        await asyncio.gather(*(visits() for _ in range(width)), self._work(stop))

    async def hear_all(self) -> None:
        """Have everybody who was not there come back once."""
        for surfer in self.surfers:
            await surfer.hear()

    async def _visit(self, who: Visitor) -> None:
        asking = await who.ask(self._rng.choice(self.wishes_for))
        self.asked.append(asking)
        self.did["asked"] += 1
        if not asking.order or self._rng.random() < 0.15:
            self.did["asked again"] += 1
            await self._up()
            if self._rng.random() < 0.5:  # pressed twice
                await asyncio.gather(who.again(asking), who.again(asking))
            else:
                await who.again(asking)
        if asking.order:
            self.did["answered"] += 1
            await self._decide(who, asking, self._rng.choice(self.fates))

    async def _decide(self, who: Visitor, asking: Asking, fate: str) -> None:
        self.did[fate] += 1
        match fate:
            case "pay":
                await self._pay(who, asking, CARD)
            case "pay at Stripe":
                await self.submit(open_session(self._sandbox, asking.order), CARD)
            case "declined, then pay":
                await self._pay(who, asking, DECLINED)
                await self._pay(who, asking, CARD)
            case "pay by bank":
                await self._pay(who, asking, SEPA)
            case "bank refuses":
                await self._pay(who, asking, SEPA_FAILS)
            case "cancel":
                await asyncio.gather(who.cancel(asking), who.cancel(asking))
            case "cancel while paying":
                url = open_session(self._sandbox, asking.order)
                await asyncio.gather(who.cancel(asking), self.submit(url, CARD))
            case _:
                return
        if "monthly" in asking.text and self._rng.random() < 0.5:
            self._renew(asking.order)

    async def _pay(self, who: Visitor, asking: Asking, number: str) -> None:
        """Go through the pay link; whoever finds the shop down pays on the page that they opened before."""
        url, page = await who.go_to_pay(asking), ""
        if url:
            try:
                async with self._browser.get(url, allow_redirects=False) as response:
                    page = response.headers.get("Location", "")
            except (ClientError, TimeoutError):
                self.did["found the shop down"] += 1
        await self.submit(page or open_session(self._sandbox, asking.order), number)

    async def submit(self, page: str, number: str) -> None:
        """Type a number on Stripe's page, and press Pay."""
        if not page.startswith(self._sandbox.base):
            return
        try:
            async with self._browser.post(page, data={"number": number}, allow_redirects=False) as response:
                self.did[f"paid: {response.status}"] += 1
        except (ClientError, TimeoutError):
            self.did["payment page broke"] += 1

    def _renew(self, order: str) -> None:
        """Let the next month come for a gift."""
        storage = self._sandbox._engine.storage
        for key, account in self._keys.items():
            for row in storage.newest(account, "subscription", ("metadata.order", "is", order)):
                try:
                    self._sandbox.renew(key, row.id)
                    self.did["renewed"] += 1
                except Refusal:
                    self.did["not renewed"] += 1

    async def _work(self, stop: asyncio.Event) -> None:
        """Ship what there is to ship, and refund some of it, now and then twice."""
        while not stop.is_set():
            await asyncio.sleep(self._rng.uniform(0.1, 0.5))
            messages = [message for message in self.boss.person.seen(STAFF) if NUMBER.search(message.said)]
            if not messages:
                continue
            message = self._rng.choice(messages[-12:])
            found = NUMBER.search(message.said)
            try:
                if "Mark shipped" in message.buttons:
                    self.did["shipped"] += 1
                    await self.boss.person.press("Mark shipped", message=message)
                    if self._rng.random() < 0.3 and "Mark shipped" in message.buttons:
                        await self.boss.person.press("Mark shipped", message=message)
                elif self._rng.random() < 0.4 and found:
                    self.did["refunded"] += 1
                    part = self._rng.choice(("", " 1.00 a scratch"))  # a part can go back twice, if something is wrong
                    await self.boss.person.slash("/shop", f"refund {found[1]}{part}", STAFF)
            except TROUBLE:
                self.did["staff found the shop down"] += 1

    async def _up(self) -> None:
        """Wait until the shop is up, for a while."""
        for _ in range(50):
            if any(shop.pid and shop.address for shop in self._gate.shops):
                return
            await asyncio.sleep(0.05)
