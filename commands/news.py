"""Private news as cards: what became of an order or a gift, told to the one it concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.chat import Action, Button, Card, Scene
from bot.orders import Order
from bot.ports import News
from bot.retirement import alternatives
from bot.words import Rich
from commands import notice, own, staff
from commands.order_card import order_card

#: Kinds of news that say more than the order's own card; the others are that card as it stands.
_TITLED: Final = {"ready", "refused", "late", "renewed", "closed", "stopping", "ended"}

#: Those of them after which there is nothing left to stop.
_STOPPED: Final = {"stopping", "ended"}


def card(scene: Scene, item: News, order: Order | None) -> Card:
    """Draw a piece of news. `subject` is an order's number, or for sellers a feature's name."""
    kind, _, step = item.kind.partition(".")
    if kind == "sellers":
        plan = scene.shop.plan(item.subject)
        return notice.sellers(scene, plan, step) if plan else Card(scene.tongue.word("sellers.title_cancelled"))
    if kind == "alert":
        return alert(scene, item.subject)
    if order is None:
        raise LookupError(item.subject)
    if kind == "staff":
        return staff.card(scene, order)
    base = order_card(scene, order)
    if kind == "perk_failed":
        button = Button(scene.tongue.word("perk.claim"), own.claim, order.id, style="primary")
        return replace(
            base,
            title=scene.tongue.word("news.perk_failed_title"),
            text=(scene.tongue.say("news.perk_failed", number=order.id),),
            actions=(button,),
            tone="warn",
        )
    if kind not in _TITLED:
        return base
    text: list[Rich] = [scene.tongue.say(f"news.{kind}", number=order.id, receipt=order.receipt)]
    plan = scene.shop.plan("buy")
    if kind == "closed" and plan:
        names = [place.name for place in alternatives(plan, order.lines[0].product if order.lines else "")]
        if names:
            text.append(
                scene.tongue.say("notice.where", places=scene.tongue.language.names(names, scene.tongue.locale))
            )
    if kind == "ready":
        text += base.text
    actions = tuple(action for action in base.actions if kind not in _STOPPED or not _stops(action))
    return replace(base, title=scene.tongue.word(f"news.{kind}_title"), text=tuple(text), actions=actions)


def _stops(action: Action) -> bool:
    return isinstance(action, Button) and action.to is own.stop


def alert(scene: Scene, text: str) -> Card:
    """Tell admins that something needs them, a line each."""
    return Card(scene.tongue.word("alert.title"), tuple((line,) for line in text.splitlines() if line), tone="bad")
