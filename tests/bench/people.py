"""People in the web chat, from another process: each has the page open, says something, reads, and says the next thing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from random import Random
from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, TCPConnector

#: What people say; each of them says all of it, in an order of their own.
SAYINGS: Final = (
    "/help",
    "/buy",
    "/buy zine",
    "/buy mug blue",
    "/buy mgu",
    "/buy lighthouse",
    "/donate",
    "/donate 5 to kitchen",
    "/orders",
    "/orders export",
    "/orders quiet",
    "/orders remind",
    "/acheter zine",
    "/teapot",
)
#: Seconds between an answer and what is said next, at least and at most.
PAUSE: Final = (2.5, 7.5)
#: Begins so many people a second, as a page that becomes known does.
COME: Final = 100


class Crowd:
    """So many people, and how long they waited for each answer (seconds)."""

    def __init__(self, address: str, seconds: float) -> None:
        self.waits: list[float] = []
        self.failed: list[str] = []
        self._address = address
        self._seconds = seconds
        self._here = asyncio.Event()

    async def gather(self, many: int) -> None:
        """Have them all come, and speak for so long once all are there."""
        people = []
        for number in range(many):
            people.append(asyncio.create_task(self._person(number)))
            await asyncio.sleep(1 / COME)
        self._here.set()
        await asyncio.gather(*people)

    async def _person(self, number: int) -> None:
        rng = Random(number)  # noqa: S311 - so that a run can be had again
        headers = {"X-Forwarded-For": f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"}
        async with ClientSession(
            self._address,
            connector=TCPConnector(limit=0),
            timeout=ClientTimeout(total=60),
            cookie_jar=CookieJar(unsafe=True),
            headers=headers,
        ) as browser:
            async with browser.get("/web/welcome") as response:
                await response.read()
            page = asyncio.create_task(self._page(browser))
            await self._here.wait()
            until = time.monotonic() + self._seconds
            await asyncio.sleep(rng.uniform(0, min(PAUSE[1], self._seconds)))
            sayings = rng.sample(SAYINGS, len(SAYINGS))
            turn = 0
            while time.monotonic() < until:
                await self._say(browser, sayings[turn % len(sayings)], f"{number}-{turn}")
                turn += 1
                await asyncio.sleep(min(rng.uniform(*PAUSE), max(until - time.monotonic(), 0)))
            page.cancel()
            await asyncio.gather(page, return_exceptions=True)

    async def _say(self, browser: ClientSession, text: str, key: str) -> None:
        begun = time.perf_counter()
        try:
            async with browser.post("/web/messages", json={"text": text}, headers={"Idempotency-Key": key}) as answer:
                body = await answer.json()
                if answer.status != 200 or not body["replies"]:
                    self.failed.append(f"{text}: {answer.status}")
        except (ClientError, TimeoutError) as error:
            self.failed.append(f"{text}: {type(error).__name__}")
        self.waits.append(time.perf_counter() - begun)

    async def _page(self, browser: ClientSession) -> None:
        with suppress(ClientError):
            async with browser.get("/web/events", timeout=ClientTimeout(total=None)) as events:
                async for _ in events.content:
                    pass


if __name__ == "__main__":
    _, where, long, people = sys.argv
    crowd = Crowd(where, float(long))
    asyncio.run(crowd.gather(int(people)))
    print(json.dumps({"waits": crowd.waits, "failed": crowd.failed[:20], "failures": len(crowd.failed)}))  # noqa: T201
