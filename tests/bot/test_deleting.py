"""Deletion: on its day the histories of what retired become nobody's, once each; gifts, and what is not over, stay."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.deleting import due, overdue
from bot.deletions import deleted
from bot.orders import Order, State
from bot.retirement import Capability, Override, Scope, judge, schedule
from bot.words import plain
from config.read import check
from tests.bot.retirement.samples import UNIT
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened
from tests.bot.test_edited_retirements import ANNOUNCED
from tests.contracts.samples import an_order

ENDS = """fulfil = 2026-04-11T12:00:00Z
refund = 2026-04-12T12:00:00Z
history = 2026-04-13T12:00:00Z
export = 2026-04-14T12:00:00Z
delete = 2026-04-15T12:00:00Z
"""
TEXT = SHOP + CLOSING.replace('contact = "', ENDS + 'contact = "')
AT = datetime(2026, 4, 15, 12, tzinfo=UTC)


@pytest.fixture
async def announced(rig: Rig) -> Rig:
    """Give a shop whose closing has been announced, with a day on which histories are deleted."""
    rig.time.reach(ANNOUNCED)
    await rig.file(TEXT)
    return rig


async def bought(rig: Rig, who: str = "ann") -> Order:
    """Buy something that is delivered at once."""
    return await rig.paid(await rig.place("zine", who=who))


async def given(rig: Rig, who: str = "ann") -> Order:
    """Give something."""
    return await rig.paid(await rig.order((await rig.say("/donate 10 to kitchen", who)).order))


async def said(rig: Rig, text: str, who: str = "ann") -> str:
    """Say something and read the answer."""
    return "\n".join(plain(line) for line in (await rig.say(text, who)).text)


async def counted(rig: Rig) -> dict[str, int]:
    """Count the histories that were deleted."""
    async with rig.database.store.reading() as unit:
        return dict(await deleted(unit))


async def test_on_its_day_and_no_moment_before(announced: Rig) -> None:
    """Amounts and dates stay, whose they were goes; the person reads when that was; a gift stays its giver's."""
    order, gift, other = await bought(announced), await given(announced), await bought(announced, "bob")
    for who in ("ann", "bob"):
        await announced.say("/orders quiet", who)
    announced.time.reach(AT - timedelta(seconds=1))
    await announced.tick()
    assert (await announced.order(order.id)).buyer == order.buyer
    announced.time.reach(AT)
    await announced.tick()
    for before in (order, other):
        now = await announced.order(before.id)
        assert now.buyer.platform == "erased"
        assert (now.total, now.paid, now.paid_at, now.state) == (
            before.total,
            before.paid,
            before.paid_at,
            before.state,
        )
        async with announced.database.store.reading() as unit:
            assert (await unit.orders.history(before.id))[-1].why == "history deleted, as announced"
    assert (await announced.order(gift.id)).buyer == gift.buyer
    assert [each.id for each in await announced.mine()] == [gift.id]
    assert "these histories were deleted on 15 April 2026" in await said(announced, "/orders")
    assert gift.id in await said(announced, "/orders")
    assert "these histories were deleted on 15 April 2026" in await said(announced, "/orders", "bob")
    assert await counted(announced) == {"buy": 2}
    async with announced.database.store.reading() as unit:
        assert await unit.facts.get("quiet:slack:bob") is None, "nothing here is his any more"
        assert await unit.facts.get("quiet:slack:ann") is not None
        assert await unit.news.since("slack:bob", 0) == []


async def test_nothing_is_left_of_who_was_declined(rig: Rig) -> None:
    """With somebody's last history goes that their cards were declined, which was kept under a digest of them."""
    rig.time.reach(ANNOUNCED)
    await rig.file(TEXT + "\n[limits]\ndeclines_person = 3\n")
    tried = await rig.place("zine")
    for _ in range(3):
        rig.stripe.pay(tried.session, "declined")
        await rig.deliver()
    assert await bursts(rig) != {}
    rig.time.reach(AT)
    await rig.tick()
    assert (await rig.order(tried.id)).buyer.platform == "erased"
    assert await bursts(rig) == {}


async def bursts(rig: Rig) -> dict[str, str]:
    """Give what is kept of bursts of one person's declines."""
    async with rig.database.store.reading() as unit:
        return dict(await unit.facts.named("burst:person:"))


async def test_what_is_not_over_waits_and_is_named(announced: Rig) -> None:
    """An order that a bank wants back stays its buyer's, verify lists it, and it goes once that is settled."""
    order = await bought(announced)
    dispute = announced.stripe.dispute(order.payment_intent)
    await announced.deliver()
    announced.time.reach(AT)
    await announced.tick()
    assert (await announced.order(order.id)).buyer == order.buyer
    async with announced.database.store.reading() as unit:
        (late,) = await overdue(unit, announced.live().settings.plans.values(), AT)
    assert (late.kind, late.number, late.since) == ("deletion", order.id, AT)
    announced.stripe.decide(dispute, "won")
    await announced.deliver()
    announced.time.reach(AT + timedelta(minutes=11))
    await announced.tick()
    assert (await announced.order(order.id)).buyer.platform == "erased"
    async with announced.database.store.reading() as unit:
        assert await overdue(unit, announced.live().settings.plans.values(), announced.time.at) == ()


async def test_on_hold_nothing_is_deleted(announced: Rig) -> None:
    """While the retirement is paused, the histories stay."""
    order = await bought(announced)
    await announced.say("/shop retire pause buy x", "boss")
    announced.time.reach(AT + timedelta(days=1))
    await announced.tick()
    assert (await announced.order(order.id)).buyer == order.buyer


async def test_two_at_the_same_time_delete_each_once(world: World) -> None:
    """Two shops on one database that come to it together count each history once; a restart finds nothing left to do."""
    world.time.reach(ANNOUNCED)
    async with opened(world) as rig:
        await rig.file(TEXT)
        orders = [await bought(rig, who) for who in ("ann", "bob", "ann")]
        async with opened(world) as other:
            world.time.reach(AT)
            await asyncio.gather(rig.house.retiring.tick(), other.house.retiring.tick())
        await rig.deliver()
        assert await counted(rig) == {"buy": 3}
        assert len({(await rig.order(order.id)).buyer.key for order in orders}) == 3, (
            "nor is it known that two were one's"
        )
    async with opened(world) as again:
        await again.tick()
        assert await counted(again) == {"buy": 3}


async def test_a_product_s_histories_go_alone(rig: Rig) -> None:
    """Where only the zines have such a day, what else somebody bought stays theirs."""
    rig.time.reach(ANNOUNCED)
    table = CLOSING.replace("retirement.buy", "retirement.product.zine").replace('contact = "', ENDS + 'contact = "')
    await rig.file(SHOP + table)
    zine, print_ = await bought(rig), await rig.place("print")
    rig.time.reach(AT)
    await rig.tick()
    assert (await rig.order(zine.id)).buyer.platform == "erased"
    assert (await rig.order(print_.id)).buyer.user == "ann"
    assert await counted(rig) == {"product.zine": 1}


def test_never_while_it_can_be_taken_along() -> None:
    """Whatever instants a plan gives by hand, an order whose export is still open is kept, and no gift is ever due."""
    plan = check(TEXT, "shop.toml").plans["buy"]
    order = an_order("A", state=State.FULFILLED)
    later = replace(plan, given={**plan.given, Capability.EXPORT: AT + timedelta(days=9)})
    assert due([plan], AT, order) is plan
    assert due([later], AT, order) is None
    assert due([plan], AT, replace(order, kind="donate", lines=())) is None


async def test_a_wrong_year_deletes_nothing(rig: Rig) -> None:
    """A plan whose day has passed when it is first read closes Buy, and deletes nothing, whatever reason it gives."""
    order = await bought(rig)
    rig.time.reach(AT + timedelta(days=365))
    reloading = await rig.file(TEXT)
    assert (await rig.say("/buy zine", "bob")).title == "Buy has closed here"
    assert (await rig.order(order.id)).buyer == order.buyer
    assert "retirement.buy.delete: has passed already" in reloading.problems[0]
    for text in (
        f"{TEXT}\n",
        TEXT.replace('reason.en = "The', 'short_notice_reason.en = "The law."\nreason.en = "The'),
    ):
        assert (await rig.file(text)).problems
        rig.time.pass_(minutes=11)
        await rig.tick()
        assert (await rig.order(order.id)).buyer == order.buyer
    await rig.file(text.replace("delete = 2026", "delete = 2028"))
    rig.time.reach(AT.replace(year=2028))
    await rig.tick()
    assert (await rig.order(order.id)).buyer.platform == "erased"


def test_people_can_read_of_it_in_time() -> None:
    """With less than 30 days from its first reading it takes a reason and an admin, for a part and for a draft as well."""
    plan = check(TEXT, "shop.toml").plans["buy"]
    early, late = AT - timedelta(days=30), AT - timedelta(days=30) + UNIT
    assert judge(None, plan, early, approved=False).plan == plan
    verdict = judge(None, plan, late, approved=True)
    assert (verdict.change, verdict.refusal) == ("begun", "why_part")
    assert verdict.plan is not None
    kept = schedule(verdict.plan)
    assert Capability.DELETE not in kept
    assert kept.items() < schedule(plan).items(), "all else of it holds"
    why = replace(plan, short_notice_reason={"en": "The law."})
    assert judge(None, why, late, approved=False).refusal == "approval_part"
    assert judge(None, why, late, approved=True).plan == why
    part = replace(plan, overrides=(Override(Scope("slack"), instants={Capability.DELETE: AT - UNIT}),))
    assert judge(None, part, early, approved=True).refusal == "why_part"
    draft = replace(plan, announced=AT)
    assert judge(replace(draft, contact=""), draft, late, approved=True).refusal == "why_part"


def test_a_day_that_has_passed_is_refused() -> None:
    """Once announced, no reason and no admin gives a retirement a day for deleting that lies behind; one in force may stay."""
    why = replace(check(TEXT, "shop.toml").plans["buy"], short_notice_reason={"en": "The law."})
    bare = replace(why, given={each: at for each, at in why.given.items() if each is not Capability.DELETE})
    for known in (bare, replace(bare, given={**bare.given, Capability.DELETE: AT + timedelta(days=99)})):
        assert judge(known, why, AT, approved=True).refusal == "passed"
        assert judge(known, why, AT - UNIT, approved=True).change == "part"
    assert judge(why, replace(why, contact="else"), AT + UNIT, approved=True).change == "words"
    part = replace(bare, overrides=(Override(Scope("slack"), instants={Capability.DELETE: AT}),))
    assert judge(bare, part, AT, approved=True).refusal == "passed"


def test_a_day_that_nobody_announced_is_sooner() -> None:
    """To give an announced retirement such a day takes a reason and an admin; to take it away takes neither."""
    plan = check(TEXT, "shop.toml").plans["buy"]
    bare = replace(plan, given={each: at for each, at in plan.given.items() if each is not Capability.DELETE})
    assert Capability.DELETE not in schedule(bare)
    assert judge(bare, plan, ANNOUNCED, approved=False).refusal == "why_part"
    assert judge(plan, bare, ANNOUNCED, approved=False).change == "part"
