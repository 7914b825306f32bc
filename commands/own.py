"""/orders: one's own orders and gifts; cancel an unpaid one, read a receipt, look after what is paid monthly; no reminders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.chat import Action, Answers, Button, Card, Choice, Command, Context, Link, Opening, Option, Then
from bot.errors import BadAmount, BelowMinimum, PaymentsUnavailable, UnknownOrder
from bot.orders import ENDED_UNPAID, Order, State
from bot.selling import check_minimum
from bot.words import Rich
from commands import own_data, pledges, receipts
from commands.standing import state

#: How many orders one card shows: what a phone shows without much scrolling.
_SHOWN: Final = 8
#: The longest number that an order has in the database; what is typed may be longer.
LONGEST_NUMBER: Final = 32
#: What can be wished for behind the command, and the words that wish for it.
_WISHES: Final = {
    "export": "own.export_words",
    "erase": "own.erase_words",
    "quiet": "orders.quiet_words",
    "remind": "orders.remind_words",
}
#: What each wish is called where it can be chosen.
_NAMES: Final = {
    "export": "own.export",
    "erase": "own.erase",
    "quiet": "reminder.quiet",
    "remind": "reminder.again",
}


def wishes(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete what can be wished for, by its name here or in any language."""
    begun = typed.strip().casefold()
    return [
        Choice(name, ctx.tongue.word(_NAMES[name]))
        for name, key in _WISHES.items()
        if any(word.startswith(begun) for word in (name, *own_data.words(ctx, key)))
    ]


orders = Command("orders", options=(Option("action", suggest=wishes),))


@orders.reads
def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
    """Read `change T7K3M9QX 10.00 EUR`, or a wish in any language; anything else shows the orders."""
    action, number, amount, currency = (*words, "", "", "", "")[:4]
    if _wish(ctx, action):
        return {"action": action}
    if action.casefold() != "change" or not number:
        return {}
    return {"change": number.upper(), "amount": amount, "currency": currency.upper()}


def _wish(ctx: Context, typed: str) -> str:
    """Tell what is wished for by a word in any language; "" where it is no such word."""
    word = typed.strip().casefold()
    return next((wish for wish, key in _WISHES.items() if word in own_data.words(ctx, key)), "")


@orders.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    """Look the orders up, ask for another amount of a monthly gift, or do what was wished for."""
    steps = {"export": export, "erase": erase, "quiet": quiet, "remind": remind}
    if step := steps.get(_wish(ctx, typed.get("action", ""))):
        return Then(step, Answers())
    if typed.get("change"):
        return pledges.form(ctx, typed["change"][:LONGEST_NUMBER], typed["amount"], typed["currency"], change)
    return Then(show, Answers())


@orders.step
async def show(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """List one's own orders and gifts, newest first."""
    from commands import history  # its order cards have this command's buttons

    mine, monthly = await ctx.till.reading.mine(ctx)
    kept, ended = history.shown(ctx, mine)
    if not kept:
        return Card(ctx.tongue.word("orders.title"), tuple(ended) or (ctx.tongue.say("orders.none"),))
    shown = kept[:_SHOWN]
    lines = tuple(_line(ctx, order) for order in shown)
    given = [action for order in shown for action in _actions(ctx, order)]
    cared = [action for pledge in monthly for action in pledges.actions(ctx, pledge)]
    going = tuple(pledges.line(ctx, pledge) for pledge in monthly)
    along = Button(ctx.tongue.word("own.export"), export)
    return Card(ctx.tongue.word("orders.title"), (*lines, *going, *ended), actions=(*cared, *given, along))


@orders.step
async def export(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Give one's own history as a file."""
    return await own_data.export_card(ctx, erase)


@orders.step
async def erase(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Ask whether one's own data is to be erased."""
    return await own_data.erase_card(ctx, forget)


@orders.step
async def forget(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Erase one's own data."""
    return await own_data.erased_card(ctx)


@orders.step
async def cancel(ctx: Context, answers: Answers) -> Card:
    """Cancel one's own unpaid order."""
    from commands.order_card import order_card  # the card has this button, and the button gives the card

    return order_card(ctx, await ctx.till.selling.cancel(ctx, answers.value))


@orders.step
async def reroute(ctx: Context, answers: Answers) -> Card:
    """Ship one's own unpaid order to another region: "T7K3M9QX DE" gives an order that takes its place."""
    from commands.order_card import order_card  # the card has this select, and the select gives the card

    number, country = (*answers.value.split(" "), "")[:2]
    try:
        return order_card(ctx, await ctx.till.rerouting.reroute(ctx, number, country))
    except PaymentsUnavailable:
        card = order_card(ctx, await ctx.till.reading.one(ctx, number))
        return replace(card, text=(ctx.tongue.say("order.not_moved"), *card.text), tone="warn")


@orders.step
async def stop(ctx: Context, answers: Answers) -> Card:
    """Stop one's own monthly gift or purchase at the end of the period that is paid for."""
    return pledges.stopped(ctx, await ctx.till.pledging.stop(ctx, answers.value))


@orders.step
async def change(ctx: Context, answers: Answers) -> Card:
    """Let one's own monthly gift come to another amount from the next month on; "T7K3M9QX EUR" says which and in what."""
    number, amount = pledges.wish(ctx, answers)
    return pledges.changed(ctx, await ctx.till.pledging.change(ctx, number, amount), amount)


@change.check
def wrong(ctx: Context, answers: Answers) -> Mapping[str, str]:
    """Say in place what is wrong with the amount."""
    from commands.replies import sentence  # the replies lead to this command

    try:
        check_minimum(ctx.shop, pledges.wish(ctx, answers)[1])
    except (BadAmount, BelowMinimum) as error:
        return {"amount": sentence(ctx, error)}
    return {}


@orders.step
async def manage(ctx: Context, answers: Answers) -> Card:
    """Lead to Stripe's pages for one's own monthly gift or purchase: to pay what failed, to change the card, to resume."""
    return pledges.ways(ctx, await ctx.till.pledging.ways(ctx, answers.value))


@orders.step
async def claim(ctx: Context, answers: Answers) -> Card:
    """Try again to get what one's own order grants on this platform."""
    grants = await ctx.till.granting.claim(ctx, answers.value)
    stands = [grant.state if grant.wanted == "held" else "gone" for grant in grants]
    lines = tuple(
        ctx.tongue.say(f"perk.{how}", name=grant.perk.name) for how, grant in zip(stands, grants, strict=True)
    )
    failed = "failed" in stands
    again = (Button(ctx.tongue.word("perk.claim"), claim, answers.value),) if failed else ()
    text = lines or (ctx.tongue.say("perk.none"),)
    return Card(
        ctx.tongue.word("perk.title"), text, actions=again, tone="warn" if failed else "good", order=answers.value
    )


@orders.step
async def receipt(ctx: Context, answers: Answers) -> Card:
    """Show the receipt of one's own gift."""
    order = await ctx.till.reading.one(ctx, answers.value)
    if not order.receipt:
        raise UnknownOrder(answers.value)
    return receipts.card(ctx, order)


@orders.step
async def quiet(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Be reminded no more of what closes; news of one's own orders goes on."""
    from commands.reminder import quieted  # the reminder has this button

    await ctx.till.quieting.quiet(ctx)
    return quieted(ctx)


@orders.step
async def remind(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Be reminded again of what closes."""
    from commands.reminder import reminded  # it offers to end them again

    await ctx.till.quieting.remind(ctx)
    return reminded(ctx)


def _line(ctx: Context, order: Order) -> Rich:
    what = ", ".join(ctx.tongue.word("order.line", quantity=line.quantity, label=line.label) for line in order.lines)
    if order.donation:
        cause = ctx.shop.settings.causes.get(order.donation.cause)
        what = ctx.tongue.word("orders.gift", cause=cause.name if cause else order.donation.cause)
    amount = order.paid or order.total
    day = ctx.tongue.language.day(order.created, ctx.tongue.zone, ctx.tongue.locale)
    return ctx.tongue.say("orders.line", number=order.id, what=what, amount=amount, state=state(ctx, order), day=day)


def _actions(ctx: Context, order: Order) -> tuple[Action, ...]:
    word = ctx.tongue.word
    if order.state in {State.DRAFT, State.AWAITING} and not order.ending:
        pay = Link(word("orders.pay", number=order.id), ctx.till.reading.pay_url(order), style="primary")
        button = Button(word("orders.cancel", number=order.id), cancel, order.id)
        return (pay, button) if order.session else (button,)
    if order.receipt and order.state not in ENDED_UNPAID:
        return (Button(word("orders.receipt", number=order.id), receipt, order.id),)
    return ()
