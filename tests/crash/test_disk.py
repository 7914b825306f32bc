"""A disk that takes nothing: the whole shop fails closed, says so, and goes on by itself when there is room again."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession

from bot.orders import State
from tests.adapters.sandbox.buyer import CARD
from tests.conformance.world import eventually
from tests.crash.databases import POSTGRESQL, SQLITE, Schema, Setting
from tests.crash.gathering import hurry, open_session
from tests.crash.invariants import broken
from tests.crash.people import SlackPerson
from tests.crash.storm import Storm, over

#: How the people are told, and what they were promised.
TROUBLE: Final = "Something went wrong"
SECRET: Final = "https://harbour.example/zines/twelve-knots.pdf"

Change = Callable[[Storm], None]


def limit(storm: Storm, most: int) -> None:
    """Let the shop's process write no file beyond so many bytes, as where a disk or a quota is used up."""
    for shop in storm.gate.shops:
        resource.prlimit(shop.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def fill(storm: Storm) -> None:
    limit(storm, 0)


def clear(storm: Storm) -> None:
    limit(storm, resource.RLIM_INFINITY)


def protect(storm: Storm) -> None:
    (storm.folder / "pragma").write_text("query_only=ON")


def allow(storm: Storm) -> None:
    (storm.folder / "pragma").write_text("query_only=OFF")


def take_away(storm: Storm) -> None:
    (storm.folder / "shop.sqlite3").rename(storm.folder / "elsewhere")


def bring_back(storm: Storm) -> None:
    (storm.folder / "elsewhere").rename(storm.folder / "shop.sqlite3")


def on_server(change: Callable[[Schema], None]) -> Change:
    def changed(storm: Storm) -> None:
        assert isinstance(storm.place, Schema)
        change(storm.place)

    return changed


#: Where it befalls which database, how it passes, and what /readyz says of it.
ILLS: Final[dict[str, tuple[Setting, Change, Change, str]]] = {
    "sqlite, disk full": (SQLITE, fill, clear, "disk error"),
    "sqlite, read-only": (SQLITE, protect, allow, "read-only"),
    "sqlite, gone": (SQLITE, take_away, bring_back, "gone"),
    "postgresql, read-only": (
        POSTGRESQL,
        on_server(lambda place: place.only_read(yes=True)),
        on_server(lambda place: place.only_read(yes=False)),
        "read-only",
    ),
    "postgresql, gone": (POSTGRESQL, on_server(Schema.shut), on_server(Schema.open), "cannot be reached"),
}


@pytest.mark.parametrize("ill", ILLS)
async def test_a_database_that_takes_nothing(ill: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Buyers are told, nothing is half done, nothing opened at Stripe; webhooks wait outside; then all of it goes on."""
    setting, befall, mend, why = ILLS[ill]
    place = setting.make(request, tmp_path)
    async with over(place, tmp_path, 1) as storm, ClientSession() as http:
        (shop,) = storm.gate.shops
        await shop.start()
        pid = shop.pid
        ann, bob = storm.crowd.slackers[:2]
        bought = await ann.ask("/buy zine")
        assert bought.order

        befall(storm)
        await eventually(lambda: ready(http, storm, 503, why), "it never said that it cannot write", within=30)
        refused = await bob.ask("/buy print")
        await eventually(lambda: TROUBLE in bob.person.screen(), "nobody told the buyer", within=30)
        assert not refused.order
        await storm.crowd.submit(open_session(storm.sandbox, bought.order), CARD)
        await eventually(
            lambda: any(webhook.order == bought.order and webhook.status == 503 for webhook in storm.gate.heard),
            "the webhook was not put off",
            within=30,
        )
        assert SECRET not in ann.person.screen()
        assert await ready(http, storm, 503, why)
        assert (await look(http, storm, "/healthz"))[0] == 200

        mend(storm)
        await eventually(lambda: ready(http, storm, 200, "writable"), "it never got well", within=30)
        await eventually(lambda: delivered(storm, ann), "what was paid meanwhile never came", within=30)
        later = await bob.ask("/buy print")
        assert later.order
        assert shop.pid == pid  # by itself: nobody started it again
        storm.crowd.asked += [bought, later]
        await storm.calm()
        evidence = await storm.evidence()
        assert not broken(evidence)
        assert len(evidence.sessions) == 2  # of the two orders, and none of the wish that was refused
        states = sorted(order.state for order in evidence.orders)
        assert states == [State.EXPIRED, State.FULFILLED]


async def ready(http: ClientSession, storm: Storm, status: int, why: str) -> bool:
    """Tell whether /readyz answers with a status, and says so of the database."""
    found, body = await look(http, storm, "/readyz")
    return found == status and why in str(body.get("database", body))


async def look(http: ClientSession, storm: Storm, path: str) -> tuple[int, dict[str, Any]]:
    async with http.get(storm.gate.address + path) as response:
        body = await response.json() if response.content_type == "application/json" else {}
        return response.status, body


def delivered(storm: Storm, who: SlackPerson) -> bool:
    """Tell whether somebody has what they paid for; webhooks that were put off come at once."""
    hurry(storm.sandbox)
    storm.place.hurry()
    return SECRET in who.person.screen()
