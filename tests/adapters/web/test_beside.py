"""The panel beside the web chat: shown and moved in JSON, by our own page alone, and not there where nothing stands there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

import pytest

from bot.chat import Context
from tests.adapters.web.site import Site, running_site


class Days:
    """Implements adapters.web.beside.Beside with two days; while it is `away`, it goes nowhere."""

    tale = "tale"

    def __init__(self) -> None:
        self.day = date(2017, 1, 31)
        self.away = False
        self.people: list[str] = []

    async def shown(self, ctx: Context) -> Mapping[str, object]:
        """Give the day, and the reader's language."""
        return {"day": self.day.isoformat(), "locale": ctx.tongue.locale}

    async def move(self, ctx: Context, day: date) -> bool:
        """Go to one of the days."""
        if day not in {date(2017, 1, 31), date(2017, 2, 1)}:
            raise ValueError(day)
        if not self.away:
            self.day = day
            self.people.append(ctx.person.key)
        return not self.away


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
async def beside(days: Days) -> AsyncIterator[Site]:
    """Run the web door with the days beside it."""
    async with running_site(days) as site:
        yield site


async def status(site: Site, body: Mapping[str, object], **headers: str) -> tuple[int, Any]:
    """Ask to move, and give the status and the error's code."""
    async with site.http.post(f"{site.address}/web/beside", json=body, headers=headers) as response:
        return response.status, (await response.json()).get("error", {}).get("code")


async def test_it_is_shown_and_moved(beside: Site, days: Days) -> None:
    """The panel tells the day in the reader's language, goes to another, and knows whose wish that was."""
    who = await beside.who()
    response = await beside.get("/web/beside", Accept_Language="fr")
    assert await response.json() == {"day": "2017-01-31", "locale": "fr"}
    assert (await beside.post("/web/beside", {"to": "2017-02-01"}))["day"] == "2017-02-01"
    assert days.people == [who]


async def test_what_cannot_be_is_refused(beside: Site, days: Days) -> None:
    """No day, a day that there is not, another site's page, and a move during a move are refused, and nothing moves."""
    for to in ("", "soon", "2017-02-30", "2018-01-01"):
        assert await status(beside, {"to": to}) == (400, "bad_value")
    assert await status(beside, {}) == (400, "bad_value")
    assert await status(beside, {"to": "2017-02-01"}, Origin="https://elsewhere.example") == (403, "foreign_origin")
    days.away = True
    assert await status(beside, {"to": "2017-02-01"}) == (409, "busy")
    assert days.day == date(2017, 1, 31)


async def test_the_page_has_it_only_where_it_stands(beside: Site, site: Site) -> None:
    """Where nothing stands beside the chat, the page has no panel and there is nothing to ask."""
    with_panel, without = await beside.get("/"), await site.get("/")
    assert 'id="story"' in await with_panel.text()
    assert "tale" in await with_panel.text()
    assert 'id="story"' not in await without.text()
    assert "story.js" not in await without.text()
    assert (await site.get("/web/beside")).status == 404
