"""Reminding: those concerned are told at each step, each once ever; quiet hours, wishes and closed doors are honoured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.chat import Button, Card, Then
from bot.delivering import TRIES
from bot.errors import Later, Unreachable
from bot.orders import Buyer, Order
from bot.retirement import Scope, Stand
from bot.rounds import Outcome, outcomes
from bot.selling import wish
from bot.words import plain
from commands.replies import Replies
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened

#: 30, 14, 7 and 1 days before, at 14:00 in Paris (whose clocks change on 29 March), the closing, and the week after.
MONTH = datetime(2026, 3, 11, 13, tzinfo=UTC)
FORTNIGHT = datetime(2026, 3, 27, 13, tzinfo=UTC)
WEEK = datetime(2026, 4, 3, 12, tzinfo=UTC)
CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
AFTER = datetime(2026, 4, 17, 12, tzinfo=UTC)


@pytest.fixture
def world(world: World) -> World:
    world.text = SHOP + CLOSING
    return world


async def rounds_end(rig: Rig) -> None:
    """Let the seconds pass until no round runs."""
    for _ in range(400):
        await rig.live.refresh()
        await rig.house.reminding.tick()
        await rig.deliver()
        async with rig.database.store.reading() as unit:
            if not await unit.rounds.running():
                await rig.deliver()
                return
        rig.time.pass_(seconds=300)
    raise AssertionError("a round goes on and on")


async def counted(rig: Rig) -> Mapping[Outcome, int]:
    """Count what became of everybody, in all rounds."""
    async with rig.database.store.reading() as unit:
        return outcomes(await unit.rounds.tallies())


def said(card: Card) -> str:
    """Give what a card says, as it is read."""
    return "\n".join(map(plain, card.text))


def reminders(rig: Rig, who: str) -> list[Card]:
    """Give the reminders that somebody was told."""
    return [told.card for told in rig.voice.told if told.person == who and told.key.startswith(("remind:", "sellers:"))]


async def test_buyers_are_told_once_a_step_and_givers_never(rig: Rig) -> None:
    """Who bought is told at each step once, however often it ticks; who only gave hears nothing of it."""
    await rig.paid(await rig.place("zine"))
    gift = await rig.press("donate.give", who="zoe", cause="water", amount="10", rhythm="once")
    await rig.paid(await rig.order(gift.order))
    rig.time.reach(MONTH - timedelta(seconds=1))
    await rounds_end(rig)
    assert reminders(rig, "ann") == []
    for at, many in ((MONTH, 1), (MONTH + timedelta(days=2), 1), (FORTNIGHT, 2), (WEEK, 3), (CLOSES, 4), (AFTER, 5)):
        rig.time.reach(at)
        await rounds_end(rig)
        await rounds_end(rig)
        assert len(reminders(rig, "ann")) == many
    assert reminders(rig, "zoe") == []
    assert "30 days are left" in said(reminders(rig, "ann")[0])
    assert reminders(rig, "ann")[-1].title == "Buy has closed here"


async def test_a_restart_tells_nobody_again(world: World) -> None:
    """The next process knows who was told."""
    async with opened(world) as rig:
        await rig.paid(await rig.place("zine"))
        rig.time.reach(MONTH)
        await rounds_end(rig)
    async with opened(world) as rig:
        await rounds_end(rig)
        assert len(reminders(rig, "ann")) == 1


async def test_of_steps_that_were_slept_through_only_the_newest_speaks(rig: Rig) -> None:
    """Down from the first step until after the third, the shop says once how many days are left now."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(WEEK + timedelta(days=2))
    await rounds_end(rig)
    (card,) = reminders(rig, "ann")
    assert "5 days are left" in said(card)


async def test_who_sells_here_hears_of_it_first(rig: Rig) -> None:
    """The staff channel and each admin are told before the first buyer, in words for sellers; none twice."""
    await rig.paid(await rig.place("zine"))
    await rig.paid(await rig.place("zine", who="boss"))
    rig.time.reach(MONTH)
    await rounds_end(rig)
    told = [each for each in rig.voice.told if each.key.startswith(("remind:", "sellers:"))]
    assert [each.person for each in told] == ["boss", "ann"]
    assert told[0].card.title == "A reminder: selling here will end"
    titles = [card.title for card in rig.voice.posted.values()]
    assert titles.count("A reminder: selling here will end") == 1


async def test_nobody_is_told_at_night(rig: Rig) -> None:
    """A step that comes due in the quiet hours waits until they end, and one that runs into them goes on after them."""
    await rig.paid(await rig.place("zine"))
    rig.edit(SHOP + CLOSING.replace("12:00:00", "22:00:00"))
    due = datetime(2026, 3, 11, 23, tzinfo=UTC)
    rig.time.reach(due)
    await rounds_end(rig)
    assert reminders(rig, "ann") == []
    rig.time.reach(datetime(2026, 3, 12, 6, 59, tzinfo=UTC))
    await rounds_end(rig)
    assert reminders(rig, "ann") == []
    rig.time.reach(datetime(2026, 3, 12, 7, 0, tzinfo=UTC))
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 1


async def test_a_round_that_runs_into_the_night_goes_on_in_the_morning(rig: Rig) -> None:
    """Who could not be told before nine in the evening is told after eight."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(datetime(2026, 3, 11, 19, 59, 59, tzinfo=UTC))
    await rig.house.reminding.tick()
    rig.time.reach(datetime(2026, 3, 11, 20, tzinfo=UTC))
    await rig.deliver()
    assert reminders(rig, "ann") == []
    rig.time.reach(datetime(2026, 3, 12, 6, 59, tzinfo=UTC))
    await rig.deliver()
    assert reminders(rig, "ann") == []
    rig.time.reach(datetime(2026, 3, 12, 7, 0, 5, tzinfo=UTC))
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 1


async def test_a_wish_for_no_reminders_is_honoured_and_taken_back(rig: Rig) -> None:
    """/orders quiet, or the reminder's button, ends reminders and not news of one's own orders; /orders remind begins them."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(MONTH)
    await rounds_end(rig)
    (card,) = reminders(rig, "ann")
    (button,) = [action for action in card.actions if isinstance(action, Button)]
    assert button.to.id == "orders.quiet"
    assert (await rig.press(button.to.id)).title == "No more reminders"
    rig.time.reach(FORTNIGHT)
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 1
    assert (await counted(rig))[Outcome.OPTED_OUT] == 1
    before = len(rig.voice.to("ann"))
    await rig.paid(await rig.place("zine"))
    assert len(rig.voice.to("ann")) == before + 1
    assert (await rig.say("/orders remind")).title == "Reminders are on"
    rig.time.reach(WEEK)
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 2
    assert (await rig.say("/orders quiet")).title == "No more reminders"
    assert (await rig.say("/commandes silence", locale="fr")).title == "Plus de rappels"


async def test_everybody_is_told_in_their_language(rig: Rig) -> None:
    """Who ordered in French reads the date as France writes it."""
    card = await rig.say("/acheter zine", locale="fr")
    await rig.paid(await rig.order(card.order))
    rig.time.reach(MONTH)
    await rounds_end(rig)
    assert "10 avril 2026 à 14:00" in said(reminders(rig, "ann")[0])
    assert "30\u00a0jours" in said(reminders(rig, "ann")[0])


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (Unreachable("slack: cannot_dm_bot"), Outcome.CLOSED),
        (Unreachable("slack: account_inactive", gone=True), Outcome.GONE),
        (Unreachable("slack: internal_error", for_good=False), Outcome.UNREACHED),
    ],
)
async def test_who_cannot_be_told_is_counted_and_not_tried_for_ever(
    rig: Rig, refusal: Unreachable, outcome: Outcome
) -> None:
    """Closed direct messages and workspaces that are gone are counted at once, what might pass is tried some times; it ends."""
    await rig.paid(await rig.place("zine"))
    rig.voice.refusal = refusal
    rig.time.reach(WEEK)
    await rounds_end(rig)
    many = await counted(rig)
    assert many.get(outcome, 0) >= 1
    assert not set(many) - {outcome}
    rig.voice.refusal = None
    await rounds_end(rig)
    assert reminders(rig, "ann") == []


async def test_what_passes_is_tried_again(rig: Rig) -> None:
    """A platform that is down for an hour, or asks to wait, loses nobody."""
    await rig.paid(await rig.place("zine"))
    for at, refusal in (
        (MONTH, Unreachable("slack: internal_error", for_good=False)),
        (FORTNIGHT, Later(FORTNIGHT + timedelta(hours=1))),
    ):
        rig.time.reach(at)
        rig.voice.refusal = refusal
        for _ in range(6):
            await rig.house.reminding.tick()
            await rig.deliver()
            rig.time.pass_(minutes=10)
        rig.voice.refusal = None
        await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 2
    assert TRIES > 6


async def test_a_wrong_token_gives_nobody_up(rig: Rig) -> None:
    """While the platform refuses our token nobody is given up, admins are warned once a day, and then all are told."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(MONTH)
    rig.voice.refusal = Unreachable("slack: invalid_auth", for_good=False, ours=True)
    for _ in range(2 * TRIES):
        await rig.house.reminding.tick()
        await rig.deliver()
        rig.time.pass_(minutes=15)
    assert set(await counted(rig)) == {Outcome.DUE}
    async with rig.database.store.reading() as unit:
        assert len(await unit.facts.named("alert:token:slack:")) == 1
    rig.voice.refusal = None
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 1
    assert set(await counted(rig)) == {Outcome.TOLD}


async def test_reminders_end_by_an_option_as_by_a_word(rig: Rig) -> None:
    """Where a platform takes commands apart, the wish is an option: completed, and understood in any language."""
    ctx = await rig.context()
    orders = rig.house.conversation.find("orders")
    assert orders is not None
    suggest = orders.options[0].suggest
    assert suggest is not None
    assert [choice.value for choice in suggest(ctx, "")] == ["export", "erase", "quiet", "remind"]
    assert [choice.value for choice in suggest(ctx, "sil")] == ["quiet"]
    for typed in ("quiet", "Silence"):
        opened = rig.house.conversation.open(ctx, orders, {"action": typed})
        assert isinstance(opened, Then)
        assert opened.step.id == "orders.quiet"
    shown = rig.house.conversation.open(ctx, orders, {"action": "mug"})
    assert isinstance(shown, Then)
    assert shown.step.id == "orders.show"


async def test_who_holds_an_open_order_is_told_though_it_was_never_paid(rig: Rig) -> None:
    """An order that waits for its payment concerns its buyer; one that has ended does not."""
    rig.time.reach(MONTH)
    await rig.place("zine")
    await rig.press("orders.cancel", (await rig.place("zine", who="bob")).id, who="bob")
    await rig.deliver()
    await rounds_end(rig)
    assert len(reminders(rig, "ann")) == 1
    assert reminders(rig, "bob") == []


async def test_dates_that_change_end_a_round_and_the_new_ones_speak(rig: Rig) -> None:
    """With a later closing nobody is told of the old one any more, and at the new one's steps everybody is."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(MONTH)
    await rig.house.reminding.tick()
    rig.edit(SHOP + CLOSING.replace("2026-04-10", "2026-05-20"))
    await rounds_end(rig)
    assert reminders(rig, "ann") == []
    rig.time.reach(datetime(2026, 4, 20, 13, tzinfo=UTC))
    await rounds_end(rig)
    (card,) = reminders(rig, "ann")
    assert "20 May 2026" in said(card)


async def test_admins_get_the_report_when_a_round_ends(rig: Rig) -> None:
    """Told, closed, gone, quiet: once for each round, in the staff channel and to each admin."""
    for who in ("ann", "bob", "cat"):
        await rig.paid(await rig.place("zine", who=who))
    await rig.say("/orders quiet", "cat")
    rig.time.reach(MONTH)
    await rounds_end(rig)
    await rounds_end(rig)
    for cards in (rig.voice.to("boss"), list(rig.voice.posted.values())):
        (report,) = [card for card in cards if card.title == "A round of reminders has ended"]
        assert "told 4, direct messages closed 0" in said(report)
        assert "wished for none 1" in said(report)


async def test_the_operators_words_take_the_place_of_ours(rig: Rig) -> None:
    """`text.reminder` is said with its date and days, in the reader's language."""
    await rig.paid(await rig.place("zine"))
    text = '[retirement.buy.text]\nreminder.en = "Only {days} days until {date}, dear friends."\n'
    rig.edit(SHOP + CLOSING + text)
    rig.time.reach(MONTH)
    await rounds_end(rig)
    assert "30" in said(reminders(rig, "ann")[0])
    assert "dear friends" in said(reminders(rig, "ann")[0])


async def test_reminders_say_what_the_notice_says(rig: Rig) -> None:
    """The operator's words for the end and whom to ask, a later day to pay what was begun: reminders say them too."""
    await rig.paid(await rig.place("zine"))
    text = (
        '[retirement.buy.text]\nended.en = "We closed on {date}, thank you all."\n'
        'contact.en = "Ring {contact}."\norders.en = "Your parcels still come."\n'
    )
    later = CLOSING.replace("[retirement.buy]", "[retirement.buy]\ncomplete_open = 2026-04-12T12:00:00+00:00", 1)
    rig.edit(SHOP + later + text)
    rig.time.reach(MONTH)
    await rounds_end(rig)
    before = said(reminders(rig, "ann")[0])
    assert "can still be paid until" in before
    assert "12 April 2026" in before
    assert "An order that is not paid by then ends" not in before
    assert "Ring " in before
    assert any("can still be paid until" in said(card) for card in rig.voice.to("boss"))
    rig.time.reach(AFTER)
    await rounds_end(rig)
    after = said(reminders(rig, "ann")[-1])
    assert "We closed on" in after
    assert "Your parcels still come." in after


async def test_sellers_are_sent_to_no_place_that_has_ended(rig: Rig) -> None:
    """Of the other channels to sell on, one that has retired itself is named no more."""
    ended = "ends = 2026-03-04T12:00:00+00:00"
    gone = f'[[retirement.buy.alternative]]\nname = "The fair"\nurl = "https://fair.example/"\n{ended}\n'
    rig.edit(SHOP + CLOSING + gone)
    rig.time.reach(MONTH)
    await rounds_end(rig)
    told = [said(card) for card in rig.voice.to("boss")]
    assert any("The market" in each for each in told)
    assert not any("The fair" in each for each in told)


async def test_only_who_bought_the_product_is_told_of_its_end(rig: Rig) -> None:
    """The end of the zine concerns who bought zines, and names it."""
    await rig.paid(await rig.place("zine"))
    await rig.paid(await rig.place("print", who="bob"))
    rig.edit(SHOP + CLOSING.replace("retirement.buy", "retirement.product.zine"))
    rig.time.reach(MONTH)
    await rounds_end(rig)
    assert "Knots zine: for sale here until" in said(reminders(rig, "ann")[0])
    assert reminders(rig, "bob") == []


async def from_the_web(rig: Rig, order: Order, locale: str) -> None:
    """Have an order be of "web:w1", who has no page open."""
    kept = await rig.order(order.id)
    async with rig.database.store.unit() as unit:
        await unit.orders.save(replace(kept, buyer=Buyer("web", "w1", "w1", "", locale)))
    rig.voice.platform = "web"
    rig.voice.refusal = Unreachable("no page open")


async def test_who_is_known_from_the_web_finds_it_at_their_next_visit(rig: Rig) -> None:
    """It is kept as news, once a step, also where no page is open."""
    order = await rig.place("zine")
    await from_the_web(rig, order, "fr")
    await rig.paid(await rig.order(order.id))
    rig.time.reach(MONTH)
    await rounds_end(rig)
    await rounds_end(rig)
    kept_news = await rig.house.newsroom.untold("web:w1", "fr")
    assert [card.title for _, card in kept_news].count("Rappel\u00a0: l’achat va fermer ici") == 1


async def test_who_reads_it_while_it_is_on_hold_reads_that(rig: Rig) -> None:
    """A reminder that was kept, and is read when its date does not hold, counts no days: it says that this is on hold."""
    rig.time.reach(MONTH)
    plan = rig.live().settings.plans["buy"]
    card = Replies().reminder(rig.house.telling.scene("en"), replace(plan, standing="paused"), Stand(Scope("web")))
    assert card.title == "The closing of Buy is on hold"
    assert "days are left" not in said(card)


async def test_a_replica_with_an_older_config_reminds_nobody(rig: Rig) -> None:
    """Where another version of the config is active, its dates are not ours to speak of."""
    await rig.paid(await rig.place("zine"))
    rig.time.reach(MONTH)
    async with rig.database.store.unit() as unit:
        await unit.facts.put("config:active", "another version")
    await rig.house.reminding.tick()
    async with rig.database.store.reading() as unit:
        assert not await unit.rounds.newest()


#: What differs for some: neighbours buy for a month longer, and the zine is sold for two months longer.
PARTS = """
[[retirement.buy.override]]
region = "DE"
closes = 2026-05-10T12:00:00+00:00

[[retirement.buy.override]]
product = "zine"
closes = 2026-06-10T12:00:00+00:00
"""


async def bought(rig: Rig, variant: str, who: str, country: str = "") -> Order:
    """Have somebody buy something, shipped to a country."""
    ctx = await rig.context(who)
    order = await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants[variant], 1, "", country))
    await rig.deliver()
    return await rig.paid(await rig.order(order.id), country=country)


async def test_each_is_reminded_by_the_dates_that_hold_for_what_they_bought(rig: Rig) -> None:
    """A region that closes later is reminded later, and of that date; a product with a date of its own is told by name."""
    rig.edit(SHOP + CLOSING + PARTS)
    await bought(rig, "mug/blue", "ann", "FR")
    await bought(rig, "mug/blue", "bob", "DE")
    await rig.paid(await rig.place("zine", who="cat"))
    told: list[tuple[datetime, str, str]] = []
    for at in (MONTH, datetime(2026, 4, 10, 12, tzinfo=UTC), datetime(2026, 5, 11, 12, tzinfo=UTC)):
        rig.time.reach(at)
        await rounds_end(rig)
        await rounds_end(rig)
        news = [(at, who, said(card)) for who in ("ann", "bob", "cat") for card in reminders(rig, who)]
        told += [each for each in news if each[1:] not in {(who, text) for _, who, text in told}]
    told.sort(key=lambda each: (each[0], each[1], "zine" in each[2].splitlines()[0]))
    assert [(at.month, who, "Buy" in text.splitlines()[0]) for at, who, text in told] == [
        (3, "ann", True),
        (3, "cat", True),
        (4, "ann", True),
        (4, "bob", True),
        (4, "cat", True),
        (4, "cat", False),
        (5, "bob", True),
        (5, "cat", False),
    ]
    first = [text.splitlines()[0] for _, _, text in told]
    assert "10 April 2026" in first[0]
    assert "10 May 2026" in first[3]
    assert "30 days are left" in first[3]
    assert first[5].startswith("Knots zine: for sale here until 10 June 2026")


async def test_a_kept_reminder_reads_the_date_of_what_was_bought(rig: Rig) -> None:
    """On the web, where it waits for its reader, a reminder knows for what it was written."""
    rig.edit(SHOP + CLOSING + PARTS)
    await from_the_web(rig, await bought(rig, "mug/blue", "w1", "DE"), "en")
    rig.time.reach(datetime(2026, 4, 10, 12, tzinfo=UTC))
    await rounds_end(rig)
    kept = await rig.house.newsroom.untold("web:w1", "en")
    texts = [said(card) for _, card in kept if card.title == "A reminder: Buy will close here"]
    assert len(texts) == 1
    assert "10 May 2026" in texts[0]


async def test_an_edit_that_moves_somebody_s_date_tells_them_of_the_new_one_only(rig: Rig) -> None:
    """Who was written down for a date, and is given another before they were told of it, hears of theirs alone."""
    await bought(rig, "mug/blue", "bob", "DE")
    rig.time.reach(datetime(2026, 3, 11, 19, 59, 59, tzinfo=UTC))
    await rig.house.reminding.tick()
    rig.time.reach(datetime(2026, 3, 11, 20, tzinfo=UTC))  # at night nobody is told
    await rig.deliver()
    rig.edit(SHOP + CLOSING + PARTS)
    rig.time.reach(datetime(2026, 3, 12, 9, tzinfo=UTC))
    await rounds_end(rig)
    assert reminders(rig, "bob") == []
    assert (await counted(rig))[Outcome.DROPPED] == 1
    rig.time.reach(datetime(2026, 4, 10, 12, tzinfo=UTC))
    await rounds_end(rig)
    assert ["10 May 2026" in said(each) for each in reminders(rig, "bob")] == [True]
