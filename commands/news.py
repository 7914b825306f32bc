"""Private news as cards: what became of an order or a gift, told to the one it concerns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.chat import Action, Button, Card, Scene
from bot.facing import scope_of
from bot.money import Money
from bot.orders import Order
from bot.outbox import warning
from bot.ports import News
from bot.retirement import Scope, Stand, stand_of
from bot.words import Rich
from commands import own, places, refunds, reminder, sellers, staff
from commands.order_card import order_card, ordered
from commands.told import Told

#: Kinds of news that say more than the order's own card; those of `bot.overtaking` are that card as it stands.
_TITLED: Final = {"ready", "refused", "late", "closed", "moved", "braked"}

#: Kinds of news of what is paid monthly: gifts and purchases have their own words.
_MONTHLY: Final = {
    "renewed",
    "mended",
    "unpaid",
    "changed",
    "resumed",
    "stopping",
    "stopping_closed",
    "ended",
    "gave_up",
}
#: Those that speak of an amount of their own.
_MONEY: Final = {"refunded", "refund_failed"}

#: What admins are warned of that is about no single order.
_OF_RETIREMENTS: Final = {"alert.retirement_undelivered"}
#: Those of them after which there is nothing left to stop.
_STOPPED: Final = {"stopping", "stopping_closed", "ended", "gave_up"}
#: Those that speak of this month's own order; the others, of all that is to come.
_OF_A_MONTH: Final = {"renewed", "mended"}
#: Those that are no good news.
_WARNING: Final = {"unpaid", "gave_up", "stopping_closed"}


def card(scene: Scene, item: News, order: Order | None) -> Card:
    """Draw a piece of news. `subject` is an order's number, or for sellers a feature's name."""
    kind, _, step = item.kind.partition(".")
    if kind == "sellers":
        plan = scene.shop.plan(item.subject)
        was = datetime.fromisoformat(item.detail) if item.detail else None
        return sellers.notice(scene, plan, step, was) if plan else Card(scene.tongue.word("sellers.title_cancelled"))
    if kind == "alert":
        return alert(scene, item.subject)
    if kind == "reminder":
        plan = scene.shop.plan(item.subject)
        stand = stand_of(item.detail) if item.detail else Stand(Scope(item.person.partition(":")[0]))
        return reminder.card(scene, plan, stand) if plan else reminder.called_off(scene)
    if order is None:
        raise LookupError(item.subject)
    if kind == "staff":
        return staff.card(scene, order)
    return _of_order(scene, item, order, kind)


def _of_order(scene: Scene, item: News, order: Order, kind: str) -> Card:
    base = order_card(scene, order)
    if kind == "perk_failed":
        return _perk_failed(scene, order, base)
    if kind in _MONEY and item.detail:
        return _money(scene, item, order, base)
    if kind in _MONTHLY:
        return _monthly(scene, item, order, base)
    return _titled(scene, item, order, base) if kind in _TITLED else base


def _titled(scene: Scene, item: News, order: Order, base: Card) -> Card:
    """Tell of an order what its own card does not say."""
    kind = item.kind
    text: list[Rich] = [scene.tongue.say(f"news.{kind}", number=order.id, receipt=order.receipt)]
    if kind == "closed":
        text += _instead(scene, order)
    if kind == "ready":
        text += base.text
    return replace(base, title=scene.tongue.word(f"news.{kind}_title"), text=tuple(text))


def _perk_failed(scene: Scene, order: Order, base: Card) -> Card:
    """Tell that what an order grants could not be given yet."""
    button = Button(scene.tongue.word("perk.claim"), own.claim, order.id, style="primary")
    return replace(
        base,
        title=scene.tongue.word("news.perk_failed_title"),
        text=(scene.tongue.say("news.perk_failed", number=order.id),),
        actions=(button,),
        tone="warn",
    )


def _monthly(scene: Scene, item: News, order: Order, base: Card) -> Card:
    """Tell of a gift or a purchase that goes on from month to month; "unpaid.1000" and "changed.1000" carry the amount."""
    kind, _, minor = item.kind.partition(".")
    key = f"news.{kind}_{order.kind}"
    until = item.at + timedelta(days=scene.shop.settings.limits.grace_days)
    amount = Money(int(minor), order.total.currency) if minor else order.paid or order.total
    text: list[Rich] = [
        scene.tongue.say(
            key,
            number=order.id,
            receipt=order.receipt,
            amount=amount,
            until=until,
            name=_name(scene, order),
        )
    ]
    if kind in _OF_A_MONTH and order.kind == "buy":
        text += base.text
    if kind == "stopping_closed":
        text += _instead(scene, order)
    actions: tuple[Action, ...] = tuple(each for each in base.actions if kind not in _STOPPED or not _stops(each))
    if kind == "unpaid":
        actions = (Button(scene.tongue.word("order.mend"), own.manage, order.id, style="primary"), *actions)
    return replace(
        base,
        title=scene.tongue.word(f"{key}_title"),
        text=tuple(text),
        facts=base.facts if kind in _OF_A_MONTH else (),
        progress=base.progress if kind in _OF_A_MONTH else None,
        actions=actions,
        tone="warn" if kind in _WARNING else "good",
    )


def _instead(scene: Scene, order: Order) -> list[Rich]:
    """Say where to buy what an order was of, now that it has closed."""
    scope = scope_of(order)
    plan = ordered(scene, order).facing(scope.product, scope.region).plan
    if plan is None:
        return []
    told = Told(ordered(scene, order), plan, scope.product, scope.region)
    line = places.where(told, places.fitting(told), "notice.where")
    return [line] if line else []


def _name(scene: Scene, order: Order) -> str:
    if order.donation:
        cause = scene.shop.settings.causes.get(order.donation.cause)
        return cause.name if cause else order.donation.cause
    return order.lines[0].label


def _money(scene: Scene, item: News, order: Order, base: Card) -> Card:
    """Say which amount went back, why, and what of the payment the shop still has."""
    say, told, currency = scene.tongue.say, json.loads(item.detail), order.total.currency
    kept = (order.paid or order.total) - (order.refunded or Money(0, currency))
    text: list[Rich] = [say(f"news.{item.kind}", amount=Money(told["minor"], currency), number=order.id)]
    if told["reason"]:
        text.append(say("news.refund_reason", reason=told["reason"]))
    if kept and item.kind == "refunded":
        text.append(say("news.refund_kept", amount=kept))
    support = scene.shop.settings.seller.support
    if support:
        text.append(say("order.support", support=support))
    title = scene.tongue.word(f"news.{item.kind}_title")
    return replace(
        base, title=title, text=tuple(text), progress=None, tone="plain" if item.kind == "refunded" else "warn"
    )


def _stops(action: Action) -> bool:
    return isinstance(action, Button) and action.to is own.stop


#: The titles of warnings that are not about the config.
_TITLES: Final = {"retiring.tripped": "shop.retire"}


def alert(scene: Scene, text: str) -> Card:
    """Tell admins that something needs them, a line each."""
    warned = warning(text)
    if warned is not None and warned.key == "reminder.report":
        return reminder.report(scene, warned)
    if warned is not None and "number" not in warned.values:  # of the shop, not of one order
        values: dict[str, Any] = dict(warned.values)
        title = scene.tongue.word(_TITLES.get(warned.key, "alert.title"))
        return Card(title, (scene.tongue.say(warned.key, **values),), tone="warn")
    if warned is not None:
        return refunds.warning(scene, warned)
    return Card(scene.tongue.word("alert.title"), tuple((line,) for line in text.splitlines() if line), tone="bad")
