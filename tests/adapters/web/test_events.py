"""Server-sent events: news as it comes, resumed where it broke off."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, DummyCookieJar

from adapters.web import news
from adapters.web.news import MOST_EACH
from bot.chat import Card
from bot.errors import StoreUnavailable, Unreachable
from bot.orders import Buyer
from tests.adapters.web.site import SIGNER, Site

_DEADLINE = 5.0


class Events:
    """Reads one stream, an event at a time."""

    def __init__(self, response: ClientResponse) -> None:
        self._response = response

    async def line(self) -> str:
        """Read one line."""
        async with asyncio.timeout(_DEADLINE):
            return (await self._response.content.readline()).decode().rstrip("\n")

    async def next(self) -> tuple[int, dict[str, Any]]:
        """Read up to the next piece of news, and give its id and reply."""
        number = 0
        while True:
            line = await self.line()
            if line.startswith("id: "):
                number = int(line[4:])
            if line.startswith("data: "):
                return number, json.loads(line[6:])

    async def end(self) -> bytes:
        """Read all that is left until the server ends the stream."""
        async with asyncio.timeout(_DEADLINE):
            return await self._response.content.read()


@asynccontextmanager
async def stream(site: Site, **headers: str) -> AsyncIterator[Events]:
    """Open a stream and wait until it has begun."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with site.http.get(site.address + "/web/events", headers=named) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        events = Events(response)
        assert await events.line() == "retry: 1000"
        yield events


def _buyer(key: str) -> Buyer:
    return Buyer("web", key.partition(":")[2], "", "", "en")


async def _told(site: Site, key: str) -> None:
    """Tell until the page follows, as the job that tells would try again."""
    async with asyncio.timeout(_DEADLINE):
        while True:
            try:
                assert await site.chat.voice.tell(_buyer(key), Card("x"), key="k") == "streamed"
            except Unreachable:
                await asyncio.sleep(0)
            else:
                return


async def test_untold_news_is_streamed_and_noted_as_told(site: Site) -> None:
    """A new page gets what was not told yet, each with its id, and only that."""
    key = await site.who()
    site.room.add(key, Card("Paid", order="T7K3M9QX", state="paid"))
    site.room.add(key, Card("Shipped"))
    site.room.streamed.add((key, 1))
    async with stream(site) as events:
        number, reply = await events.next()
        assert (number, reply["kind"], reply["title"]) == (2, "card", "Shipped")
        site.room.add(key, Card("Refunded"))
        assert (await events.next())[0] == 3
    assert site.room.streamed == {(key, 1), (key, 2), (key, 3)}


async def test_a_lost_connection_resumes_where_it_broke_off(site: Site) -> None:
    """With Last-Event-ID, or ?last=, everything since comes again, told or not."""
    key = await site.who()
    for title in ("One", "Two", "Three"):
        site.room.streamed.add((key, site.room.add(key, Card(title))))
    async with stream(site, Last_Event_ID="1") as events:
        assert [(await events.next())[1]["title"] for _ in range(2)] == ["Two", "Three"]
    async with site.http.get(site.address + "/web/events?last=2") as response:
        assert (await Events(response).next())[0] == 3


async def test_a_page_without_news_knows_where_to_resume(site: Site) -> None:
    """The id of the newest news comes first, so that what counts as told while the connection breaks is not lost."""
    key = await site.who()
    site.room.streamed.add((key, site.room.add(key, Card("Old"))))
    async with stream(site) as events:
        lines = [await events.line() for _ in range(3)]
    assert lines == ["", "id: 1", ""]
    site.room.streamed.add((key, site.room.add(key, Card("Paid"))))
    async with stream(site, Last_Event_ID="1") as events:
        assert (await events.next())[1]["title"] == "Paid"


async def test_a_wake_up_brings_news_at_once(site: Site) -> None:
    """Telling wakes the open page, which reads what the store has: well before the next look of its own."""
    key = await site.who()
    async with stream(site) as events:
        await _told(site, key)
        site.room.add(key, Card("Paid"))
        begun = asyncio.get_running_loop().time()
        await _told(site, key)
        assert (await events.next())[1]["title"] == "Paid"
        assert asyncio.get_running_loop().time() - begun < 0.9


async def test_nobody_is_told_where_no_page_is_open(site: Site) -> None:
    """Without an open page telling says so for good: the news is kept for the next word, and nobody tries again."""
    with pytest.raises(Unreachable) as caught:
        await site.chat.voice.tell(_buyer("web:somebody"), Card("Paid"), key="k")
    assert caught.value.for_good


async def test_a_closed_page_is_no_longer_told(site: Site) -> None:
    """As soon as the connection is gone, telling says that nobody is there."""
    key = await site.who()
    async with stream(site):
        await _told(site, key)
    async with asyncio.timeout(_DEADLINE):
        while True:
            try:
                await site.chat.voice.tell(_buyer(key), Card("x"), key="k")
            except Unreachable:
                break
            await asyncio.sleep(0)


async def test_an_open_page_is_not_told_twice(site: Site) -> None:
    """What the stream shows does not follow an answer as well."""
    await site.who()
    site.spoken.kept.append(Card("Paid"))
    async with stream(site):
        assert [reply["title"] for reply in await site.say("/greet")] == ["Hello "]


async def test_news_is_only_its_own_person_s(site: Site) -> None:
    """Somebody else's news never reaches this stream."""
    key = await site.who()
    site.room.add("web:somebody-else", Card("Not yours"))
    async with stream(site) as events:
        site.room.add(key, Card("Yours"))
        assert (await events.next())[1]["title"] == "Yours"


async def test_news_comes_in_the_page_s_language(site: Site) -> None:
    """The newsroom is asked for the locale of the connection."""
    await site.who()
    async with stream(site, Accept_Language="fr"):
        pass
    assert site.room.locales == {"fr"}


async def test_a_database_that_is_down_does_not_end_the_stream(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """News that cannot be read now is read later, on the same connection."""
    key = await site.who()
    asked = asyncio.Event()

    async def down(person_key: str) -> int:
        asked.set()
        raise StoreUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(site.room, "newest", down)
        async with stream(site) as events:
            await asyncio.wait_for(asked.wait(), _DEADLINE)
            patch.undo()
            site.room.add(key, Card("Paid"))
            assert (await events.next())[1]["title"] == "Paid"


async def test_stopping_ends_the_streams(site: Site) -> None:
    """When the server stops, streams end by themselves, in order."""
    async with stream(site) as events:
        begun = asyncio.get_running_loop().time()
        await site.server.stop()
        assert (await events.end()).endswith(b"\n")
        assert asyncio.get_running_loop().time() - begun < 1


@pytest.mark.parametrize("last", ["x", "-1", "9" * 19, "١"])
async def test_a_last_event_id_that_is_none_is_refused(site: Site, last: str) -> None:
    """What is no id gets 400."""
    async with site.http.get(site.address + "/web/events", params={"last": last}) as response:
        assert response.status == 400


async def test_one_person_keeps_only_so_many_pages_open(site: Site) -> None:
    """One page more than the limit gets 429."""
    await site.who()
    responses = [await site.http.get(site.address + "/web/events") for _ in range(MOST_EACH)]
    async with site.http.get(site.address + "/web/events") as response:
        assert response.status == 429
    for response in responses:
        response.close()


async def test_one_address_keeps_only_so_many_pages_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fresh cookies open no more pages than one address may have."""
    monkeypatch.setattr(news, "MOST_HERE", 2)
    async with ClientSession(cookie_jar=DummyCookieJar()) as strangers:
        responses = [await strangers.get(site.address + "/web/events") for _ in range(3)]
        assert [response.status for response in responses] == [200, 200, 429]
        for response in responses:
            response.close()


async def test_a_stream_ends_with_the_shift(site: Site) -> None:
    """A page that a staff link opened reads the staff's news no longer than the shift lasts."""
    ends = int(time.time()) + 1
    cookie = SIGNER.sign("cookie", f"0123456789abcdef:{ends}")
    headers = {"Cookie": f"tillbot={cookie}"}
    async with (
        ClientSession(cookie_jar=DummyCookieJar()) as http,
        http.get(site.address + "/web/events", headers=headers) as response,
    ):
        await Events(response).end()
    assert time.time() >= ends


async def test_a_channel_is_read_by_whoever_holds_the_staff_link(site: Site) -> None:
    """A posted card is kept for the channel's readers; amending it is news to them once for each thing it says."""
    voice = site.chat.voice
    reference = await voice.post("staff", Card("New order", order="T7K3M9QX"), key="staff:T7K3M9QX")
    for title in ("Shipped", "Shipped", "A problem"):
        await voice.amend("staff", reference, Card(title, order="T7K3M9QX", state="paid"))
    keys = [card.text[0][0] for card in site.room.news["web:staff"]]
    assert keys[0] == "staff:T7K3M9QX"
    assert all(str(key).startswith("staff:T7K3M9QX:") for key in keys[1:])
    assert keys[1] == keys[2] != keys[3]
