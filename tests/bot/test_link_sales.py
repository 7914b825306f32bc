"""Sales by Payment Links: told to the staff once, named on statements, nothing delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.bookkeeping import Bookkeeping
from bot.money import Money
from bot.ports import Session
from bot.shop import Stock, available
from bot.statements import Month
from bot.words import plain
from tests.bot.rig import NOON, Rig


async def sold(rig: Rig, link: str = "mug/blue") -> Session:
    """Have a link sell something, at the account that the shop has: a session that bears no order's number."""
    order = await rig.place("zine")
    session = rig.stripe._sessions[order.session]
    rig.stripe.checkouts[session.id] = replace(rig.stripe.checkouts[session.id], order="")
    rig.stripe._sessions[session.id] = replace(session, order="", link=link)
    rig.stripe.pay(session.id)
    return rig.stripe._sessions[session.id]


def told(rig: Rig) -> list[str]:
    """Give what the staff channel was told of links."""
    cards = [card for (channel, _), card in rig.voice.posted.items() if channel == "C-STAFF"]
    return [said for card in cards if "Payment Link" in (said := "\n".join(map(plain, card.text)))]


async def left(rig: Rig) -> int:
    async with rig.database.store.reading() as unit:
        stock = await unit.stock.all()
    return available(rig.live().catalogue.variants["mug/blue"], stock.get("mug/blue", Stock())) or 0


async def test_the_staff_hears_once_of_what_a_link_sold(rig: Rig) -> None:
    """However often its events come the sale is told once, with what and how much; no stock is counted, nothing is sent."""
    before = await left(rig)
    session = await sold(rig)
    assert told(rig) == []
    await rig.deliver()
    [said] = told(rig)
    assert "Mug, blue" in said
    assert "€4.00" in said
    assert session.id in said
    for _ in range(2):
        await rig.house.settling.apply(session)
    await rig.deliver()
    assert len(told(rig)) == 1
    assert await left(rig) == before


async def test_a_lost_sale_is_told_by_reconciling(rig: Rig) -> None:
    """Where no event came a dry look only lists it; a real one has it told, and both call it what it is."""
    session = await sold(rig, "gone/long-ago")
    rig.stripe.lose()
    for dry, times in ((True, 0), (False, 1), (False, 1)):
        found = await rig.house.reconciling.run(since=NOON - timedelta(days=2), dry=dry)
        await rig.database.jobs.drain()
        [sale] = [each for each in found if each.object == session.id and each.kind.startswith(("link", "session"))]
        assert (sale.kind, sale.outcome, sale.values["what"]) == ("link_sold", "information", "gone/long-ago")
        assert len(told(rig)) == times


async def test_statements_name_what_links_sold(rig: Rig) -> None:
    """A line of the balance that a link took is of the kind "link", with what it sold, and has no order."""
    session = await sold(rig)
    await rig.deliver()
    settings = rig.live().settings
    books = Bookkeeping(rig.database.store, rig.world.payments.__getitem__, settings, rig.time)
    [statement] = await books.statements("", Month(NOON.year, NOON.month, ZoneInfo("UTC")))
    [line] = [each for each in statement.entries if each.payment_intent == session.payment_intent]
    assert (line.kind, line.label, line.gross) == ("link", "Mug, blue", Money(400, "EUR"))


async def test_another_programs_session_is_no_sale(rig: Rig) -> None:
    """A paid session that no link of this shop made is told to nobody."""
    await sold(rig, "")
    await rig.deliver()
    assert told(rig) == []
