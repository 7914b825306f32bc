"""What is paid monthly, as a line of /orders with its buttons, and what follows from pressing them."""

from __future__ import annotations

from bot.chat import Action, Answers, Button, Card, Context, Form, Link, Scene, Step, TextField
from bot.money import Money, parse
from bot.orders import Pledge
from bot.pledging import Ways
from bot.words import Rich


def line(scene: Scene, pledge: Pledge) -> Rich:
    """Say what is paid each month, and how that stands."""
    until, key = pledge.until, f"orders.monthly_{pledge.state}"
    if pledge.unpaid:
        until, key = pledge.mend_by, "orders.monthly_unpaid"
    elif pledge.state == "stopping" and until:
        key = "orders.monthly_stopping_until"
    called = name(scene, pledge)
    return scene.tongue.say(key, name=called, amount=pledge.amount, number=pledge.id, until=until or "")


def actions(scene: Scene, pledge: Pledge) -> tuple[Action, ...]:
    """Give what its person can do about it: mend it, change it, stop it, see to the rest at Stripe."""
    from commands.own import manage, orders, stop  # they give cards that are drawn here

    word, number = scene.tongue.word, pledge.id
    given: list[Action] = []
    if pledge.unpaid:
        given.append(Button(word("orders.mend", number=number), manage, number, style="primary"))
    if pledge.state == "active":
        given.append(Button(word(f"orders.stop_{pledge.kind}", number=number), stop, number))
        if pledge.kind == "donate":
            value = f"change {number} {pledge.amount.typed()} {pledge.amount.currency}"
            given.append(Button(word("orders.change", number=number), orders, value))
    if not pledge.unpaid:
        given.append(Button(word("orders.manage", number=number), manage, number))
    return tuple(given)


def name(scene: Scene, pledge: Pledge) -> str:
    """Name what is paid for: the cause, or the product as it was called when it was begun."""
    cause = scene.shop.settings.causes.get(pledge.cause)
    return pledge.label or (cause.name if cause else pledge.cause)


def stopped(ctx: Context, pledge: Pledge) -> Card:
    """Answer whoever stopped it."""
    say = ctx.tongue.say
    if pledge.state == "active":
        text = say("orders.stop_asked")
    elif pledge.until:
        text = say(f"orders.stopped_until_{pledge.kind}", until=pledge.until)
    else:
        text = say(f"orders.stopped_{pledge.kind}")
    return Card(ctx.tongue.word(f"orders.stopped_title_{pledge.kind}"), (text,), tone="good", order=pledge.id)


def form(ctx: Context, number: str, amount: str, currency: str, to: Step) -> Form:
    """Ask for another amount of a monthly gift."""
    currency = currency if currency in _currencies(ctx) else ctx.shop.settings.currency
    word = ctx.tongue.word
    field = TextField(
        "amount",
        word("option.amount"),
        "amount",
        required=True,
        value=amount[:20],
        hint=word("donate.amount_hint", currency=currency),
        most=20,
    )
    intro = ctx.tongue.say("orders.change_intro")
    return Form(word("orders.change_title"), (field,), word("orders.change_submit"), to, intro, f"{number} {currency}")


def wish(ctx: Context, answers: Answers) -> tuple[str, Money]:
    """Read a filled-in form: which one, and what it is to come to. Raises BadAmount."""
    number, _, currency = answers.value.partition(" ")
    return number, parse(answers["amount"], currency if currency in _currencies(ctx) else ctx.shop.settings.currency)


def changed(ctx: Context, pledge: Pledge, amount: Money) -> Card:
    """Answer whoever changed it."""
    key = "orders.changed" if pledge.amount == amount else "orders.change_asked"
    return Card(
        ctx.tongue.word("orders.changed_title"), (ctx.tongue.say(key, amount=amount),), tone="good", order=pledge.id
    )


def ways(ctx: Context, found: Ways) -> Card:
    """Lead to Stripe's pages while the addresses live."""
    say, word = ctx.tongue.say, ctx.tongue.word
    links: list[Action] = []
    text: list[Rich] = [line(ctx, found.pledge)]
    if found.mend:
        links.append(Link(word("orders.pay_now", amount=found.pledge.amount), found.mend, style="primary"))
        text.append(say("orders.pay_now_text"))
    if found.portal:
        links.append(Link(word("orders.portal"), found.portal, style="plain" if found.mend else "primary"))
        text.append(say("orders.portal_text"))
    return Card(word("orders.manage_title"), tuple(text), actions=tuple(links), order=found.pledge.id)


def _currencies(ctx: Context) -> set[str]:
    return {ctx.shop.settings.currency, *(cause.currency for cause in ctx.shop.settings.causes.values())}
