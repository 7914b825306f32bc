"""Webhooks that prove nothing, at the real server over a real database: 400, one line in the log, nothing stored."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.sandbox.webhooks import sign
from adapters.stripe.webhooks import MOST_BYTES, Webhooks
from adapters.web.access import explain
from adapters.web.server import Server
from bot.hearing import Hearing
from tests.bot.rig import Rig, World, opened

SHOP, WATER = "whsec_shop", "whsec_water"


async def _ready() -> tuple[bool, Mapping[str, object]]:
    return True, {}


def event(**more: Any) -> bytes:
    body = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "livemode": True,
        "created": int(time.time()),
        "data": {"object": {"id": "cs_1", "object": "checkout.session"}},
    }
    return json.dumps(body | more).encode()


def signed(body: bytes, secret: str = SHOP, *, at: float = 0) -> str:
    """Sign a body as Stripe does, `at` seconds from now; what is no text is signed as what it looks like."""
    return sign(body.decode(errors="replace"), secret, int(time.time() + at))


def counted(rig: Rig) -> dict[str, int]:
    """Count the rows of each table."""
    with closing(sqlite3.connect(rig.world.folder / "till.sqlite3")) as file:
        names = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        names -= {"facts", "sqlite_sequence"}
        return {name: file.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608 - the schema's own names


@dataclass
class Door:
    """The shop's server, and what it wrote down."""

    rig: Rig
    address: str
    lines: pytest.LogCaptureFixture
    before: dict[str, int]

    async def post(self, body: Any, signature: str | None, *, account: str = "", **headers: str) -> int:
        """Send a webhook."""
        headers |= {} if signature is None else {"Stripe-Signature": signature}
        url = f"{self.address}/stripe/webhook{account}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            return response.status

    async def raw(self, head: Sequence[str], body: bytes) -> int:
        """Send bytes as they are, the body only when it is asked for if that is said; give the status of the answer."""
        host, port = self.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            async with asyncio.timeout(10):
                writer.write("\r\n".join([*head, "", ""]).encode())
                if "Expect: 100-continue" in head:  # it is being read now
                    assert (await reader.readline(), await reader.readline())[0].split()[1] == b"100"
                writer.write(body)
                await writer.drain()
                return int((await reader.readline()).split()[1])
        finally:
            writer.close()

    def stored(self) -> dict[str, int]:
        """Count the rows that came to each table since the shop opened, but for the doctor's note of what was heard."""
        return {name: rows - self.before[name] for name, rows in counted(self.rig).items() if rows > self.before[name]}

    def said(self) -> list[logging.LogRecord]:
        """Give what was logged, of the server's own and of ours."""
        return [record for record in self.lines.records if record.name.startswith(("adapters", "bot", "aiohttp"))]


@pytest.fixture
async def door(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> AsyncIterator[Door]:
    caplog.set_level(logging.INFO)
    async with opened(World(tmp_path)) as rig:
        secrets = {"": SHOP, "water": WATER}
        hearing = Hearing(rig.database.store)
        webhooks = Webhooks(rig.house.settling.receive, lambda: secrets, hearing.note, explain, patience=1)
        server = Server([webhooks.routes()], ready=_ready, port=0)
        await server.start()
        caplog.clear()
        yield Door(rig, server.address, caplog, counted(rig))
        await server.stop()


GOOD = event()
BIG = event(padding="x" * MOST_BYTES)
MANY = ",".join(f"v1={number:064x}" for number in range(90))

Case = tuple[bytes, str | None, str]


def _other(secret: str, account: str = "") -> Callable[[], Case]:
    return lambda: (GOOD, signed(GOOD, secret), account)


def _later(seconds: float) -> Callable[[], Case]:
    return lambda: (GOOD, signed(GOOD, at=seconds), "")


def _right(body: bytes) -> Callable[[], Case]:
    """Sign a body with the right secret: it is what is in it that is refused."""
    return lambda: (body, signed(body), "")


#: What is sent, with which signature, to whose address.
CASES: dict[str, Callable[[], Case]] = {
    "unsigned": lambda: (GOOD, None, ""),
    "forged": _other("whsec_forged"),
    "altered": lambda: (GOOD.replace(b"cs_1", b"cs_2"), signed(GOOD), ""),
    "too old": _later(-301),
    "too new": _later(900),
    "wrong scheme": lambda: (GOOD, signed(GOOD).replace("v1=", "v0="), ""),
    "many signatures, none right": lambda: (GOOD, f"t={int(time.time())},{MANY}", ""),
    "another account's": _other(WATER),
    "the shop's, for a cause": _other(SHOP, "/water"),
    "of nobody": _other(SHOP, "/nobody"),
    "of nobody, signed with nothing": _other("", "/nobody"),
    "not JSON": _right(b"<event/>"),
    "no event": _right(b"[]"),
    "not UTF-8": _right(GOOD.replace(b"cs_1", b"cs_\xff")),
    "not UTF-8 at all": _right(b"\xff\xfe"),
    "half a character": _right(event(id="evt_\ud800")),
    "oversized": _right(BIG),
    "deep": _right(b"[" * 20_000 + b"]" * 20_000),
    "other livemode": _right(event(livemode=False)),
}


@pytest.mark.parametrize("case", CASES)
async def test_refused(door: Door, case: str) -> None:
    """What does not prove that it is Stripe's is answered 400, makes one line that says why, and leaves nothing."""
    body, signature, account = CASES[case]()
    assert await door.post(body, signature, account=account) == 400
    assert door.stored() == {}
    (line,) = door.said()
    assert (line.getMessage(), line.levelname, line.__dict__["status"]) == ("request", "WARNING", 400)
    assert str(line.__dict__["why"]).startswith("webhook: ")
    assert not any(secret in repr(line.__dict__) for secret in ("whsec", "evt_", "cs_"))


async def test_pieces(door: Door) -> None:
    """A body that comes in pieces and has no end is refused when it is too much."""

    async def pieces() -> AsyncIterator[bytes]:
        for begin in range(0, len(BIG), 65_536):
            yield BIG[begin : begin + 65_536]

    assert await door.post(pieces(), signed(BIG)) == 400
    assert door.stored() == {}
    assert len(door.said()) == 1


@pytest.mark.parametrize("body", [gzip.compress(b"0" * 200_000_000, 9), gzip.compress(GOOD)], ids=["bomb", "honest"])
async def test_packed(door: Door, body: bytes) -> None:
    """A packed body is refused before it is unpacked, be it a bomb or an honest event."""
    assert len(body) < MOST_BYTES
    assert await door.post(body, signed(GOOD), **{"Content-Encoding": "gzip"}) == 400
    assert door.stored() == {}
    (line,) = door.said()
    assert line.__dict__["why"] == "webhook: packed"


async def test_huge_header(door: Door) -> None:
    """A header beyond every bound is refused by the server itself, in one line that repeats nothing of it."""
    head = ["POST /stripe/webhook HTTP/1.1", "Host: x", f"Content-Length: {len(GOOD)}"]
    assert await door.raw([*head, f"Stripe-Signature: {signed(GOOD)},{'v1=00,' * 20_000}"], GOOD) == 400
    assert door.stored() == {}
    (line,) = door.said()
    assert line.getMessage() == "malformed or unfinished request"


async def test_broken_pieces(door: Door) -> None:
    """A body whose pieces are not what HTTP calls so is refused, also once it is being read; so is one that never ends."""
    head = [
        "POST /stripe/webhook HTTP/1.1",
        "Host: x",
        "Transfer-Encoding: chunked",
        f"Stripe-Signature: {signed(GOOD)}",
    ]
    assert await door.raw(head, b"zz\r\nnonsense\r\n") == 400
    assert await door.raw([*head, "Expect: 100-continue"], b"zz\r\nnonsense\r\n") == 400
    assert await door.raw([*head, "Expect: 100-continue"], b'5\r\n{"id"\r\n') == 400
    assert door.stored() == {}
    whys = [line.__dict__.get("why", line.getMessage()) for line in door.said()]
    assert whys == ["malformed or unfinished request", *["webhook: too slow"] * 2]


async def test_one_right_among_many(door: Door) -> None:
    """While a secret is rolled there are many signatures: one that is right is enough, and the event is stored once."""
    head, right = signed(GOOD).split(",")
    for _ in range(2):
        assert await door.post(GOOD, f"{head},{MANY},{right}") == 200
    assert door.stored() == {"inbox": 1, "jobs": 1}
    assert {line.levelname for line in door.said()} == {"INFO"}
