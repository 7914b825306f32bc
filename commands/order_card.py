"""An order as a card: what was asked, where it stands, and what its person can do with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from bot.chat import Action, Button, Card, Choice, Link, Progress, Scene, Select
from bot.facing import scope_of
from bot.granting import perks_of
from bot.money import Money
from bot.orders import Order, State
from bot.retirement import Scope
from bot.words import Rich
from commands import own
from commands.countries import priced
from commands.links import linked
from commands.notice import heard
from commands.standing import standing

_UNPAID: Final = {State.DRAFT, State.AWAITING}

#: How many other regions are offered: what one select of Discord holds.
_MOST_REGIONS: Final = 25

Tone = Literal["plain", "good", "warn", "bad"]

_TONES: Final[dict[State, Tone]] = {
    State.PAID: "good",
    State.FULFILLED: "good",
    State.FAILED: "bad",
    State.CANCELLED: "warn",
    State.EXPIRED: "warn",
    State.REFUNDED: "warn",
}


def order_card(scene: Scene, order: Order) -> Card:
    """Draw an order as it stands."""
    stands = standing(order)
    kind, gone = order.kind, bool(order.disputed_away)
    return Card(
        title=scene.tongue.word("order.title_taken_back" if gone else f"order.title_{kind}.{stands}"),
        text=tuple(filter(None, (*_warning(scene, order), *_text(scene, order, stands)))),
        facts=facts(scene, order),
        progress=progress(scene, order),
        actions=actions(scene, order),
        tone="warn" if gone else _TONES.get(order.state, "plain"),
        order=order.id,
        state=str(order.state),
    )


def facts(scene: Scene, order: Order) -> tuple[tuple[str, Rich], ...]:
    """Name the lines, discount and sums of an order, or the cause of a gift, and who gets the money."""
    say, word = scene.tongue.say, scene.tongue.word
    rows: list[tuple[str, Rich]] = [
        (word("order.line", quantity=line.quantity, label=line.label), say("order.amount", amount=line.amount))
        for line in order.lines
    ]
    if order.discount:
        rows.append((word("order.discount", code=order.code), say("order.less", amount=order.discount)))
    if order.donation:
        rows += _gift_facts(scene, order)
    rows += _added_facts(scene, order)
    rows += _totals(scene, order)
    rows += _gone_facts(scene, order)
    if order.tracking:
        rows.append((word("order.tracking"), (order.tracking,)))
    granted = perks_of(scene.shop.settings, order)
    if granted:
        names = scene.tongue.language.names([perk.name for perk in granted], scene.tongue.locale)
        rows.append((word("perk.granted"), (names,)))
    seller = scene.shop.settings.seller
    if order.kind == "buy":
        name = ", ".join(filter(None, (seller.name, seller.address)))
        rows.append((word("order.seller"), (name,)))
    rows.append((word("order.number"), (order.id,)))
    if order.receipt:
        rows.append((word("order.receipt"), (order.receipt,)))
    return tuple(rows)


def _totals(scene: Scene, order: Order) -> Iterator[tuple[str, Rich]]:
    """Say what is paid; of a monthly purchase with a discount, in the first month and after it."""
    say, word = scene.tongue.say, scene.tongue.word
    first = bool(order.every and order.discount)
    label = "order.total_first" if first else "order.total_monthly" if order.monthly else "order.total"
    yield word(label), say("order.amount", amount=order.paid or order.total)
    if first:
        yield word("order.total_then"), say("order.amount", amount=order.price)


def actions(scene: Scene, order: Order) -> tuple[Action, ...]:
    """Give what its person can do with an order now."""
    word = scene.tongue.word
    if order.state is State.AWAITING and not order.ending:
        return (
            Link(word("order.pay", amount=order.total), scene.till.reading.pay_url(order), style="primary"),
            Button(word("order.cancel"), own.cancel, order.id),
            *_elsewhere(scene, order),
        )
    if order.state is State.DRAFT and not order.ending:
        return (Button(word("order.cancel"), own.cancel, order.id),)
    given: list[Action] = []
    if order.receipt and not order.disputed_away:
        given.append(Button(word("order.show_receipt"), own.receipt, order.id))
    if order.monthly and order.state in {State.PAID, State.FULFILLED} and order.origin == "chat":
        given.append(Button(word(f"order.stop_monthly_{order.kind}"), own.stop, order.id))
    if order.state is State.FAILED:
        given.append(_once_more(scene, order))
    return tuple(given)


def _once_more(scene: Scene, order: Order) -> Button:
    """Offer what came to nothing once more: the same wish, at what it costs now."""
    from commands.buy import choose, wanted  # these give this card
    from commands.donate import donate

    label = scene.tongue.word("order.try_again")
    if order.donation:
        monthly = " monthly" if order.monthly else ""
        amount = order.donation.net.typed()
        return Button(label, donate, f"{amount} to {order.donation.cause}{monthly}", style="primary")
    line = order.lines[0]
    return Button(label, choose, wanted(line.variant, str(line.quantity), order.code), style="primary")


def _elsewhere(scene: Scene, order: Order) -> tuple[Select, ...]:
    """Offer the other regions, as long as what is shipped can be ordered anew."""
    if order.shipping is None or ordered(scene, order).facing(order.lines[0].product).closed:
        return ()
    others = [rate for rate in scene.shop.settings.shipping if order.shipping.region not in rate.countries]
    choices = tuple(Choice(f"{order.id} {rate.code}", priced(scene, rate)) for rate in others[:_MOST_REGIONS])
    return (Select(scene.tongue.word("order.elsewhere"), choices, own.reroute),) if choices else ()


def progress(scene: Scene, order: Order) -> Progress | None:
    """After a gift: how far its cause's goal is reached."""
    if order.donation is None or order.state not in {State.PAID, State.FULFILLED} or order.disputed_away:
        return None
    return goal(scene, order.donation.cause)


def goal(scene: Scene, cause_id: str) -> Progress | None:
    """Show how far a cause's goal is reached, with the same in words."""
    cause = scene.shop.settings.causes.get(cause_id)
    if cause is None or cause.goal is None:
        return None
    raised = scene.shop.raised.get(cause_id, Money(0, cause.goal.currency))
    ratio = raised.minor / cause.goal.minor
    percent = scene.tongue.language.percent(ratio, scene.tongue.locale)
    text = scene.tongue.word("donate.progress", raised=raised, goal=cause.goal, percent=percent)
    return Progress(raised.minor, cause.goal.minor, text)


def _added_facts(scene: Scene, order: Order) -> list[tuple[str, Rich]]:
    """Name what comes to the goods: shipping, and tax, which Stripe works out."""
    say, word = scene.tongue.say, scene.tongue.word
    rows: list[tuple[str, Rich]] = []
    if order.shipping:
        name = word("order.shipping", region=scene.tongue.pick(order.shipping.name))
        rows.append((name, say("order.amount", amount=order.postage)))
    extra = order.paid - order.total if order.paid else None
    if extra:
        # An order from before orders knew where they ship had its rate chosen on Stripe's page.
        name = word("order.tax") if order.shipping else word("order.shipping_and_tax")
        rows.append((name, say("order.amount", amount=extra)))
    elif order.kind == "buy" and order.state in _UNPAID and scene.shop.settings.automatic_tax:
        rows.append((word("order.tax"), say("order.tax_later")))
    return rows


def _gift_facts(scene: Scene, order: Order) -> list[tuple[str, Rich]]:
    say, word, gift = scene.tongue.say, scene.tongue.word, order.donation
    if gift is None:
        return []
    cause = scene.shop.settings.causes.get(gift.cause)
    rows: list[tuple[str, Rich]] = [
        (word("donate.cause"), (cause.name if cause else gift.cause,)),
        (word("donate.recipient"), say("donate.recipient_value", name=gift.recipient, registration=gift.registration)),
    ]
    if gift.cover_fees:
        rows.append((word("donate.net"), say("order.amount", amount=gift.net)))
        rows.append((word("donate.fees"), say("order.amount", amount=order.total - gift.net)))
    if gift.dedication:
        rows.append((word("donate.dedication"), (gift.dedication,)))
    if gift.anonymous:
        rows.append((word("donate.anonymous"), say("donate.anonymous_value")))
    return rows


def _gone_facts(scene: Scene, order: Order) -> list[tuple[str, Rich]]:
    """Say what went back of it, and what a dispute took."""
    gone = (("order.refunded", order.refunded), ("order.taken_back", order.disputed_away))
    return [(scene.tongue.word(key), scene.tongue.say("order.amount", amount=each)) for key, each in gone if each]


def _warning(scene: Scene, order: Order) -> tuple[Rich, ...]:
    if order.kind == "buy" and order.state in {State.DRAFT, State.AWAITING}:
        scope = scope_of(order)
        warning = heard(ordered(scene, order), scope.product, scope.region)
        return (warning,) if warning else ()
    return ()


def ordered(scene: Scene, order: Order) -> Scene:
    """Set the scene where an order was asked for: what retires may do so elsewhere on another day."""
    return replace(scene, where=Scope(order.buyer.platform, order.buyer.workspace))


def _text(scene: Scene, order: Order, stands: str) -> tuple[Rich, ...]:
    say = scene.tongue.say
    support = scene.shop.settings.seller.support
    match order.state:
        case State.DRAFT | State.AWAITING if order.ending:
            return (say("order.ending"),)
        case State.DRAFT:
            return (say("order.no_answer_gift" if order.donation else "order.no_answer"),)
        case State.AWAITING:
            until = scene.tongue.moment(order.expires)
            renews = (say(f"order.renews_{order.kind}", amount=order.price),) if order.monthly else ()
            key = "order.next_monthly" if order.every else f"order.next_{order.kind}"
            return say(key, until=until), *renews, *(linked((line,)) for line in order.terms.splitlines())
        case State.PAID | State.FULFILLED if order.disputed_away:
            return (say("order.text.taken_back"),)
        case State.PAID | State.FULFILLED:
            given_back = say("order.text.refunded", amount=order.refunded) if order.refunded else ()
            return *_delivered(scene, order), given_back, (say("order.support", support=support) if support else ())
        case State.REFUNDED if order.refunded:
            return (say("order.text.refunded", amount=order.refunded),)
        case State.EXPIRED | State.FAILED | State.PROCESSING if order.donation:
            return (say(f"order.text.{stands}_gift"),)
        case _:
            return (say(f"order.text.{stands}"),)


def _delivered(scene: Scene, order: Order) -> tuple[Rich, ...]:
    say = scene.tongue.say
    if order.donation:
        return (say("donate.thanks_monthly" if order.monthly else "donate.thanks"),)
    if order.problem:
        return (say("order.text.held"),)
    messages = tuple(
        linked(say("order.delivery", label=line.label, message=line.message)) for line in order.lines if line.message
    )
    if any(line.fulfil == "ship" for line in order.lines):
        key = "order.text.shipped" if order.state is State.FULFILLED else "order.text.to_ship"
        return (*messages, say(key))
    if order.every:
        return (*messages, say("order.text.done_monthly"))
    return messages or (say("order.text.done"),)
