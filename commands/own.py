"""/orders: one's own orders and gifts; cancel an unpaid one, read a receipt, stop a monthly gift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat import Action, Answers, Button, Card, Command, Context, Link, Then
from bot.errors import UnknownOrder
from bot.orders import ENDED_UNPAID, Order, Pledge, State
from bot.words import Rich
from commands import receipts
from commands.standing import state

orders = Command("orders")

#: How many orders one card shows: what a phone shows without much scrolling.
_SHOWN: Final = 8


@orders.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Then:  # noqa: ARG001 - it takes no options
    """Look the orders up."""
    return Then(show, Answers())


@orders.step
async def show(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """List one's own orders and gifts, newest first."""
    mine, pledges = await ctx.till.reading.mine(ctx)
    if not mine:
        return Card(ctx.tongue.word("orders.title"), (ctx.tongue.say("orders.none"),))
    shown = mine[:_SHOWN]
    lines = tuple(_line(ctx, order) for order in shown)
    stopping = tuple(_pledge_line(ctx, pledge) for pledge in pledges)
    given = [action for order in shown for action in _actions(ctx, order)]
    stops = [
        Button(ctx.tongue.word("orders.stop", number=pledge.id), stop, pledge.id)
        for pledge in pledges
        if pledge.state == "active"
    ]
    return Card(ctx.tongue.word("orders.title"), (*lines, *stopping), actions=(*stops, *given))


@orders.step
async def cancel(ctx: Context, answers: Answers) -> Card:
    """Cancel one's own unpaid order."""
    from commands.order_card import order_card  # the card has this button, and the button gives the card

    return order_card(ctx, await ctx.till.selling.cancel(ctx, answers.value))


@orders.step
async def stop(ctx: Context, answers: Answers) -> Card:
    """Stop one's own monthly gift at the end of the period that is paid for."""
    pledge = await ctx.till.pledging.stop(ctx, answers.value)
    say = ctx.tongue.say
    if pledge.state == "active":
        text = say("orders.stop_asked")
    else:
        text = say("orders.stopped_until", until=pledge.until) if pledge.until else say("orders.stopped")
    return Card(ctx.tongue.word("orders.stopped_title"), (text,), tone="good", order=pledge.id)


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


def _line(ctx: Context, order: Order) -> Rich:
    what = ", ".join(ctx.tongue.word("order.line", quantity=line.quantity, label=line.label) for line in order.lines)
    if order.donation:
        cause = ctx.shop.settings.causes.get(order.donation.cause)
        what = ctx.tongue.word("orders.gift", cause=cause.name if cause else order.donation.cause)
    amount = order.paid or order.total
    day = ctx.tongue.language.day(order.created, ctx.tongue.zone, ctx.tongue.locale)
    return ctx.tongue.say("orders.line", number=order.id, what=what, amount=amount, state=state(ctx, order), day=day)


def _pledge_line(ctx: Context, pledge: Pledge) -> Rich:
    cause = ctx.shop.settings.causes.get(pledge.cause)
    name = cause.name if cause else pledge.cause
    return ctx.tongue.say(f"orders.monthly_{pledge.state}", cause=name, amount=pledge.amount, number=pledge.id)


def _actions(ctx: Context, order: Order) -> tuple[Action, ...]:
    word = ctx.tongue.word
    if order.state in {State.DRAFT, State.AWAITING} and not order.ending:
        pay = Link(word("orders.pay", number=order.id), ctx.till.reading.pay_url(order), style="primary")
        button = Button(word("orders.cancel", number=order.id), cancel, order.id)
        return (pay, button) if order.session else (button,)
    if order.receipt and order.state not in ENDED_UNPAID:
        return (Button(word("orders.receipt", number=order.id), receipt, order.id),)
    return ()
