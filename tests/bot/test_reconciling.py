"""Reconciling: what is certain is mended by settling, what is not is listed for a person, and a second look changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.money import Money
from bot.orders import Order, State
from bot.reconciling import OPEN, Difference
from bot.words import Tongue
from config.words import Words
from tests.bot.rig import NOON, Rig, World, opened

DAYS = timedelta(days=30)


async def look(rig: Rig, *, dry: bool = False) -> Sequence[Difference]:
    """Reconcile all that Stripe can list, and do what follows from it; webhooks stay lost."""
    async with rig.database.store.reading() as unit:
        since = unit.now - DAYS
    found = await rig.house.reconciling.run(since=since, dry=dry)
    await rig.database.jobs.drain()
    return found


def kinds(found: Sequence[Difference]) -> list[tuple[str, str, str]]:
    return [(each.kind, each.outcome, each.order) for each in found]


async def gift(rig: Rig, what: str = "/donate 10 to water monthly") -> Order:
    return await rig.order((await rig.say(what)).order)


async def still(rig: Rig) -> list[str]:
    """Name what is remembered as left to a person."""
    async with rig.database.store.reading() as unit:
        return list(await unit.facts.named(OPEN))


async def test_all_is_well(rig: Rig) -> None:
    """Where every webhook came there is nothing to say."""
    await rig.paid(await rig.place("zine"))
    await rig.paid(await gift(rig))
    await rig.place("mug/white", who="bob")
    assert await look(rig) == []


async def test_a_lost_payment_is_applied(rig: Rig) -> None:
    """A paid session whose webhook was lost makes its order paid, with all that follows, and the event is taken."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    found = await look(rig)
    assert ("session_applied", "mended", order.id) in kinds(found)
    assert ("event_lost", "mended", order.id) in kinds(found)
    assert (await rig.order(order.id)).state is State.FULFILLED
    assert await rig.kinds() == ["paid"]
    assert await look(rig) == []


async def test_a_dry_run_changes_nothing(rig: Rig) -> None:
    """With dry the same is found and said to be mendable, and nothing is written."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    for _ in range(2):
        found = await look(rig, dry=True)
        assert {each.outcome for each in found} == {"mendable"}
        assert order.id in {each.order for each in found}
        assert (await rig.order(order.id)).state is State.AWAITING
    assert await still(rig) == []


async def test_a_lost_renewal_refund_and_end(rig: Rig) -> None:
    """A paid invoice, a refund in the dashboard and the end of a subscription arrive though every webhook was lost."""
    begun = await rig.paid(await gift(rig))
    rig.water.renew(begun.subscription)
    rig.water.give_back(begun.payment_intent, 400)
    found = await look(rig)
    assert {"event_lost", "refund_applied"} <= {each.kind for each in found}
    assert [order.origin for order in await rig.mine()] == ["renewal", "chat"]
    assert (await rig.order(begun.id)).refunded == Money(400, "EUR")
    rig.water.give_up(begun.subscription)
    assert ("pledge_applied", "mended", begun.id) in kinds(await look(rig))
    assert (await rig.pledge(begun.id)).state == "ended"
    assert await look(rig) == []


async def test_a_payment_of_an_order_that_is_not_here(rig: Rig) -> None:
    """After an old backup was put back, a paid session of an order that is not there is listed, never guessed."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    rig.stripe.checkouts[order.session] = replace(rig.stripe.checkouts[order.session], order="ZZZZ9999")
    rig.stripe._sessions[order.session] = replace(rig.stripe._sessions[order.session], order="ZZZZ9999")
    await rig.database.jobs.drain()
    [unknown] = [each for each in await look(rig) if each.kind == "session_unknown"]
    assert (unknown.order, unknown.object, unknown.outcome) == ("ZZZZ9999", order.session, "person")
    assert unknown.values == {"paid": Money(400, "EUR")}
    rig.stripe.give_back(rig.stripe._sessions[order.session].payment_intent)
    assert "session_unknown" not in {each.kind for each in await look(rig)}  # its money was given back: settled
    assert not [name for name in await still(rig) if "session_unknown" in name]


async def test_a_payment_that_is_somebody_elses(rig: Rig) -> None:
    """A paid session without a number like ours is a note: another program uses the account too."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    rig.stripe._sessions[order.session] = replace(rig.stripe._sessions[order.session], order="invoice 7")
    assert ("session_foreign", "information", "") in kinds(await look(rig))


async def test_an_order_that_stripe_does_not_know(rig: Rig) -> None:
    """A paid order whose session Stripe has never heard of is for a person: its number and session are named."""
    order = await rig.paid(await rig.place("zine"))
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, session="cs_of_another_account"))
    found = await look(rig)
    assert ("order_unknown", "person", order.id) in kinds(found)
    [unknown] = [each for each in found if each.kind == "order_unknown"]
    words = unknown.says(Tongue(Words.load(), "en", rig.live().settings.zone))
    assert order.id in words
    assert "cs_of_another_account" in words


async def test_an_order_of_the_other_mode(rig: Rig) -> None:
    """An open order of test money is named while a live key is in force, for it holds stock; Stripe is not asked for it."""
    order = await rig.place("mug/white")
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, livemode=False))
    assert kinds(await look(rig)) == [("other_mode", "person", order.id)]


async def test_a_hold_that_never_ended(rig: Rig) -> None:
    """An order long past its time to pay is ended as Stripe says, and its stock is free again."""
    order = await rig.place("mug/white")
    rig.time.pass_(hours=3)
    found = await rig.house.reconciling.run(since=rig.time() - DAYS, events=False)
    assert ("hold_over", "mended", order.id) in kinds(found)
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert (await rig.stock("mug/white")).reserved == 0


async def test_a_draft_that_never_got_a_session(rig: Rig) -> None:
    """A draft whose job was lost is ended when no session of it can be paid any more."""
    rig.stripe.down = True
    order = await rig.place("mug/white")
    rig.stripe.down = False
    assert order.state is State.DRAFT
    rig.time.pass_(hours=3)
    found = await rig.house.reconciling.run(since=rig.time() - DAYS)
    assert ("hold_over", "mended", order.id) in kinds(found)
    assert (await rig.order(order.id)).state is State.EXPIRED
    assert rig.stripe.of(order.id) == []


async def test_a_payment_that_settles_for_weeks(rig: Rig) -> None:
    """A bank debit is left alone for three weeks; then somebody is to ask."""
    order = await rig.paid(await rig.place("zine"), how="later")
    rig.time.pass_(days=20)
    assert await look(rig) == []
    rig.time.pass_(days=2)
    assert kinds(await look(rig)) == [("settling_long", "person", order.id)]


async def test_goods_that_were_not_sent(rig: Rig) -> None:
    """Goods that were paid a week ago and not marked as shipped are a note, not an alarm."""
    order = await rig.paid(await rig.place("mug/white"))
    rig.time.pass_(days=6)
    assert await look(rig) == []
    rig.time.pass_(days=2)
    assert kinds(await look(rig)) == [("unsent", "information", order.id)]
    assert await still(rig) == []


async def test_what_was_paid_differs(rig: Rig) -> None:
    """A payment that is not what stands here is for a person, with both amounts."""
    order = await rig.paid(await rig.place("zine"))
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, paid=Money(500, "EUR")))
    [found] = await look(rig)
    assert (found.kind, found.outcome, found.order) == ("paid_differs", "person", order.id)
    assert found.values == {"here": Money(500, "EUR"), "there": Money(400, "EUR")}


async def test_a_subscription_that_nobody_holds(rig: Rig) -> None:
    """A subscription that goes on without a pledge is for a person; one that is stopping does no harm."""
    begun = await rig.paid(await gift(rig))
    pledge = await rig.pledge(begun.id)
    async with rig.database.store.unit() as unit:
        await unit.pledges.put(replace(pledge, subscription="sub_of_another_account"))
    assert sorted(kinds(await look(rig))) == [
        ("pledge_gone", "person", begun.id),
        ("subscription_unknown", "person", begun.id),
    ]
    rig.water.leave(pledge.subscription)
    await rig.deliver()
    assert kinds(await look(rig)) == [("pledge_gone", "person", begun.id)]


async def test_a_subscription_whose_first_payment_settles(rig: Rig) -> None:
    """A monthly gift that a bank has still to confirm has a subscription and no pledge yet: nobody is called for that."""
    order = await rig.paid(await gift(rig), how="later")
    assert order.state is State.PROCESSING
    assert [each.order for each in await rig.water.going_on()] == [order.id]
    assert await look(rig) == []
    assert await look(rig, dry=True) == []


async def test_a_month_that_took_no_payment(rig: Rig) -> None:
    """A renewal whose invoice was paid from the customer's credit has no payment to compare, and stops no comparison."""
    begun = await rig.paid(await gift(rig))
    rig.water.renew(begun.subscription)
    await rig.deliver()
    [renewal] = [order for order in await rig.mine() if order.origin == "renewal"]
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(renewal, payment_intent=""))
    assert await look(rig) == []


async def test_admins_are_told_once(rig: Rig) -> None:
    """What needs a person is told to the staff once, and counted by /shop until it is settled."""
    order = await rig.paid(await rig.place("zine"))
    await rig.deliver()
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(order, paid=Money(500, "EUR")))
    for _ in range(3):
        await look(rig)
    in_channel = [card for card in rig.voice.posted.values() if "Stripe says" in str(card)]
    to_admin = [card for card in rig.voice.to("boss") if "Stripe says" in str(card)]
    assert (len(in_channel), len(to_admin)) == (1, 1)
    assert order.id in str(in_channel[0])
    assert "difference with Stripe" in str(await rig.say("/shop", "boss"))
    async with rig.database.store.unit() as unit:
        await unit.orders.save(order)
    await look(rig)
    assert "difference with Stripe" not in str(await rig.say("/shop", "boss"))


async def test_an_account_that_does_not_answer(rig: Rig) -> None:
    """Where one account is silent it is said, the other is compared all the same, and what is known of it stays known."""
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    rig.water.down = True
    found = await look(rig)
    assert ("account_silent", "person", "") in kinds(found)
    assert (await rig.order(order.id)).state is State.FULFILLED
    assert await still(rig) == []


async def test_an_account_that_the_config_forgot(world: World) -> None:
    """An open order of an account that the config no longer names is said, and does not stop the others."""
    async with opened(world) as rig:
        await gift(rig, "/donate 10 to water")
        del world.payments["water"]
        assert ("account_gone", "person", "") in kinds(await look(rig))


async def test_ticks_compare_hourly_and_wholly_once_a_day(rig: Rig) -> None:
    """The tick asks Stripe for sessions once an hour, and for events and subscriptions once a day, also after a restart."""
    asked: list[tuple[int, int]] = []
    for _ in range(26):
        for _ in range(12):
            rig.time.pass_(minutes=5)
            await rig.house.reconciling.tick()
        asked.append((rig.stripe.asked["sessions"], rig.stripe.asked["going_on"]))
    assert asked[0] == (1, 1)
    assert 24 <= asked[-1][0] <= 26
    assert asked[-1][1] == 2


@pytest.mark.parametrize("how", ["lost", "kept"])
async def test_the_tick_mends(rig: Rig, how: str) -> None:
    """What a webhook lost is mended by the tick alone."""
    await rig.house.reconciling.tick()
    rig.time.reach(NOON + timedelta(hours=2))
    order = await rig.place("zine")
    rig.stripe.pay(order.session)
    if how == "kept":
        await rig.deliver()
    rig.time.pass_(minutes=20)
    await rig.house.reconciling.tick()
    assert (await rig.order(order.id)).state is State.FULFILLED


@pytest.mark.parametrize(
    ("locale", "says"),
    [("en", "was stopping here; it is ended"), ("fr", "était en train de s’arrêter ici ; il est terminé")],
)
def test_a_subscription_s_state_is_said_in_the_reader_s_language(locale: str, says: str) -> None:
    """What became of a subscription is said in words of the reader's language, not by the names that the books have."""
    found = Difference("pledge_applied", "mended", "", "T7K3M9QX", "sub_1", {"before": "stopping", "now": "ended"})
    assert says in found.says(Tongue(Words.load(), locale, ZoneInfo("Europe/Paris"))).replace("\xa0", " ")
