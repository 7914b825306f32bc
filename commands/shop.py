"""/shop, for admins: how the shop stands, an order's history, mark shipped, note a problem, refund, approve a refund."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.chat import Answers, Card, Choice, Command, Context, Form, Opening, Option, TextField, Then
from bot.errors import BadAmount, NotAllowed, UnknownProduct
from bot.money import parse
from bot.orders import Move, Order
from bot.ports import Taking
from bot.refunds import RefundEntry
from bot.words import Ref, Rich
from commands import reasons, refunds, retiring, staff


def deeds(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete what can be done."""
    return [Choice(name, ctx.tongue.word(f"shop.{name}")) for name in _STEPS if name.startswith(typed.casefold())]


shop = Command("shop", options=(Option("action", suggest=deeds), Option("order"), Option("note")), admin=True)


@shop.reads
def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:  # noqa: ARG001 - the words are the same in each language
    """Read `ship T7K3M9QX 1Z999`."""
    action, order, *note = (*words, "", "")
    subject = order if action.casefold() in {"post", "sales"} else order.upper()
    if action.casefold() == "retire":
        subject = order.casefold()
    return {"action": action.casefold(), "order": subject, "note": " ".join(note).strip()}


@shop.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    """Do what is said; where a note is missing that belongs to it, ask for it."""
    action, order, note = typed.get("action") or "status", typed.get("order", ""), typed.get("note", "")
    step = _STEPS.get(action)
    if step is None or (not order and action not in _ALONE):
        return Card(ctx.tongue.word("shop.title"), (ctx.tongue.say("shop.usage"),))
    if action in _NOTES and not note:
        field = TextField("note", ctx.tongue.word(f"shop.{action}_note"), required=action == "problem", most=200)
        title = ctx.tongue.word(f"shop.{action}")
        return Form(title, (field,), ctx.tongue.word(f"shop.{action}"), step, value=order)
    if action == "refund" and note and not refunds.begins_with_amount(note):
        return refunds.form(ctx, step, order, "" if note == _ASK else note)
    return Then(step, Answers.of(value=order, note=note))


@shop.step
async def status(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Say how the shop stands: what is for sale, what retires, what failed."""
    _admins_only(ctx)
    say = ctx.tongue.say
    parked = await ctx.till.reading.parked()
    plan = ctx.shop.plan("buy")
    lines: list[Rich] = [
        say("shop.variants", count=len(ctx.shop.catalogue.variants)),
        say("shop.causes", count=len(ctx.shop.settings.causes)),
        say(f"shop.buy.{ctx.shop.stage('buy', ctx.now)}", date=ctx.tongue.moment(plan.closes) if plan else ""),
    ]
    if parked:
        lines.append(say("shop.parked", count=len(parked)))
    if differing := await ctx.till.reading.differing():
        lines.append(say("shop.differing", count=differing))
    return Card(ctx.tongue.word("shop.title"), tuple(lines))


@shop.step
async def config(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Say what is wrong with the config on disk, while the last good one stays in force."""
    _admins_only(ctx)
    problems = ctx.till.reading.problems()
    lines = tuple((problem,) for problem in problems) or (ctx.tongue.say("shop.config_good"),)
    return Card(ctx.tongue.word("shop.config"), lines, tone="bad" if problems else "good")


@shop.step
async def export(ctx: Context, answers: Answers) -> Card:  # noqa: ARG001 - every step has the same shape
    """Give the addresses at which shops elsewhere fetch the catalogue."""
    _admins_only(ctx)
    public = ctx.shop.settings.web.public_url.rstrip("/")
    feeds = [f"{public}/feeds/{name}" for name in ctx.till.reading.feeds] if public else []
    text = ctx.tongue.say("shop.feeds" if feeds else "shop.no_feeds", command="tillbot export")
    links = tuple((Ref(feed, feed),) for feed in feeds)
    return Card(ctx.tongue.word("shop.export"), (text, *links), tone="plain" if feeds else "warn")


@shop.step
async def sales(ctx: Context, answers: Answers) -> Card:
    """Add up what was sold and given today, or in seven or thirty days, by currency, with what went back or was lost."""
    _admins_only(ctx)
    period = answers.value if answers.value in _DAYS else "today"
    midnight = ctx.now.astimezone(ctx.tongue.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    takings = await ctx.till.reading.takings(midnight - timedelta(days=_DAYS[period]))
    rows = tuple(
        (
            ctx.tongue.word(f"shop.takings_{taking.kind}", taking.orders),
            _taken(ctx, taking),
        )
        for taking in takings
    )
    text = () if rows else (ctx.tongue.say("shop.no_takings"),)
    return Card(ctx.tongue.word(f"shop.sales_{period}"), text, rows)


def _taken(ctx: Context, taking: Taking) -> Rich:
    """Say what came in, and what of it went back, or was lost to banks."""
    match bool(taking.refunded), bool(taking.lost):
        case False, False:
            return (ctx.tongue.money(taking.paid),)
        case True, False:
            key = "shop.takings"
        case False, True:
            key = "shop.takings_lost"
        case _:
            key = "shop.takings_both"
    return ctx.tongue.say(key, paid=taking.paid, refunded=taking.refunded, lost=taking.lost)


@shop.step
async def post(ctx: Context, answers: Answers) -> Card:
    """Post a product's or a cause's public card, here or in the channel that is named."""
    _admins_only(ctx)
    subject = _subject(ctx, answers.value)
    here = "" if ctx.place.private else ctx.place.channel
    channel = answers["note"].strip("<#>").partition("|")[0] or here
    if not (channel and ctx.place.channel):
        where = "shop.post_where" if ctx.place.channel else "shop.post_nowhere"
        return Card(ctx.tongue.word("shop.post"), (ctx.tongue.say(where),), tone="warn")
    await ctx.till.posting.post(ctx, subject, channel)
    return Card(ctx.tongue.word("shop.post"), (ctx.tongue.say("shop.posted"),), tone="good")


@shop.step
async def history(ctx: Context, answers: Answers) -> Card:
    """Show an order with every move it made."""
    order, moves = await ctx.till.reading.order(ctx, answers.value)
    returns = await ctx.till.reading.returns(order)
    card = staff.card(ctx, order)
    return Card(
        card.title,
        (*(_move(ctx, move) for move in moves), *refunds.lines(ctx, order, returns)),
        card.facts,
        actions=refunds.buttons(ctx, returns.refunds),
        order=order.id,
        state=str(order.state),
    )


@shop.step
async def ship(ctx: Context, answers: Answers) -> Card:
    """Mark an order shipped; the buyer is told."""
    return staff.done(ctx, await ctx.till.fulfilling.ship(ctx, answers.value, answers["note"]))


@shop.step
async def problem(ctx: Context, answers: Answers) -> Card:
    """Note a problem with an order."""
    return staff.done(ctx, await ctx.till.fulfilling.problem(ctx, answers.value, answers["note"]))


@shop.step
async def refund(ctx: Context, answers: Answers) -> Card:
    """Give an order's money back: an amount, or all that is left; the buyer is told, with the reason."""
    order, _ = await ctx.till.reading.order(ctx, answers.value)
    typed, reason = answers["amount"], answers["reason"][: refunds.MOST_REASON]
    try:
        amount = parse(typed, order.total.currency) if typed else None
        if answers["note"]:
            amount, reason = refunds.read(answers["note"], order.total.currency)
        return await _refunded(ctx, *await ctx.till.refunding.refund(ctx, order.id, amount, reason))
    except BadAmount as error:
        from commands.replies import sentence  # the replies offer this command

        return Card(ctx.tongue.word("shop.refund"), ((sentence(ctx, error),),), tone="warn", order=order.id)


@shop.step
async def approve(ctx: Context, answers: Answers) -> Card:
    """Let a refund go ahead that another admin asked for."""
    return await _refunded(ctx, *await ctx.till.refunding.approve(ctx, answers.value))


@shop.step
async def decline(ctx: Context, answers: Answers) -> Card:
    """Decline a refund that waits."""
    return await _refunded(ctx, *await ctx.till.refunding.decline(ctx, answers.value))


async def _refunded(ctx: Context, order: Order, entry: RefundEntry | None) -> Card:
    """Show the order with its refunds, and what came of this one."""
    card = staff.card(ctx, order, await ctx.till.reading.returns(order))
    return replace(card, text=(*refunds.answer(ctx, entry), *card.text))


@shop.step
async def evidence(ctx: Context, answers: Answers) -> Card:
    """Say how to collect evidence for a bank: it holds more than a chat should show."""
    order, _ = await ctx.till.reading.order(ctx, answers.value)
    text = ctx.tongue.say("shop.evidence_how", command=f"tillbot orders evidence {order.id}")
    return Card(ctx.tongue.word("shop.evidence"), (text,), order=order.id, state=str(order.state))


@shop.step
async def address(ctx: Context, answers: Answers) -> Card:
    """Show where an order goes, to an admin, privately."""
    order, _ = await ctx.till.reading.order(ctx, answers.value)
    lines = tuple((line,) for line in order.ship_to.splitlines() if line)
    return Card(ctx.tongue.word("staff.address_of", number=order.id), lines, order=order.id, state=str(order.state))


@shop.step
async def retire(ctx: Context, answers: Answers) -> Card:
    """Say how retirements stand, or pause, resume, postpone, roll back, close now or approve one."""
    _admins_only(ctx)
    return await retiring.retire(ctx, answers.value, answers["note"])


def _subject(ctx: Context, typed: str) -> str:
    """Find what is meant: "product:mug" or "cause:water". Raises UnknownProduct."""
    for product in ctx.shop.catalogue.products:
        if typed.casefold() in {product.id, product.name.casefold()}:
            return f"product:{product.id}"
    for cause in ctx.shop.settings.causes.values():
        if typed.casefold() in {cause.id, cause.name.casefold()}:
            return f"cause:{cause.id}"
    raise UnknownProduct(typed, tuple(ctx.shop.search.find(typed, 3)))


def _move(ctx: Context, move: Move) -> Rich:
    state = ctx.tongue.word(f"state.{move.target}")
    return ctx.tongue.say("shop.move", at=ctx.tongue.moment(move.at), state=state, why=reasons.reason(ctx, move.why))


def _admins_only(ctx: Context) -> None:
    if not ctx.person.admin:
        raise NotAllowed


_STEPS: Final = {
    "status": status,
    "sales": sales,
    "order": history,
    "ship": ship,
    "problem": problem,
    "refund": refund,
    "approve": approve,
    "decline": decline,
    "evidence": evidence,
    "post": post,
    "config": config,
    "retire": retire,
    "export": export,
}
#: What a button says in the place of a note, to be asked for it.
_ASK: Final = "?"
#: What is said without naming an order, a product or a period.
_ALONE: Final = {"status", "sales", "config", "retire", "export"}
#: How many days before today each period begins.
_DAYS: Final = {"today": 0, "week": 6, "month": 29}
_NOTES: Final = {"ship", "problem"}
