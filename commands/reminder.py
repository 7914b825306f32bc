"""A reminder to those who buy: what closes or has closed, when, where to buy instead, whom to ask, how to end it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from string import Formatter
from typing import Final

from bot.chat import Button, Card, Link, Scene
from bot.outbox import Warned
from bot.retirement import Plan, Scope, alternatives, closing_for, days_left, left
from bot.words import Moment, Piece, Rich
from commands import own

_NOTHING: Final = timedelta(0)


def card(scene: Scene, plan: Plan, scope: Scope) -> Card:
    """Remind somebody, from where they stand, of what closes there; once it has, of what has closed."""
    say, word, pick = scene.tongue.say, scene.tongue.word, scene.tongue.pick
    closes = closing_for(plan, scope)
    closed = left(closes, scene.now) <= _NOTHING
    product = plan.products[0] if len(plan.products) == 1 else ""
    places = alternatives(plan, scene.now, product=product, language=scene.tongue.locale)
    names = scene.tongue.language.names([place.name for place in places], scene.tongue.locale)
    paragraphs = [
        _what(scene, plan, closes, closed=closed),
        (pick(plan.reason),),
        say("notice.where" if closed else "notice.where_soon", places=names) if places else (),
        *(say("notice.note", place=place.name, note=pick(place.note)) for place in places if place.note),
        say("notice.orders" if closed else "reminder.orders"),
        say("notice.donate_stays") if scene.shop.settings.causes else (),
        say("notice.contact", contact=plan.contact) if plan.contact else (),
        say("reminder.why_you"),
    ]
    return Card(
        title=word(f"reminder.title_{'goods_' if plan.products else ''}{'after' if closed else 'before'}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=(
            *(Link(place.name, place.url) for place in places),
            Button(word("reminder.quiet"), own.quiet),
        ),
        tone="warn",
    )


def quieted(scene: Scene) -> Card:
    """Confirm that no reminder comes any more, with the way back."""
    again = Button(scene.tongue.word("reminder.again"), own.remind)
    return Card(scene.tongue.word("reminder.quiet_title"), (scene.tongue.say("reminder.quieted"),), actions=(again,))


def reminded(scene: Scene) -> Card:
    """Confirm that reminders come again, with the way back."""
    quiet = Button(scene.tongue.word("reminder.quiet"), own.quiet)
    return Card(scene.tongue.word("reminder.again_title"), (scene.tongue.say("reminder.reminded"),), actions=(quiet,))


def called_off(scene: Scene) -> Card:
    """Say to who comes only now that there is nothing to be reminded of any more."""
    return Card(scene.tongue.word("reminder.called_off_title"), (scene.tongue.say("reminder.called_off"),))


def report(scene: Scene, warned: Warned) -> Card:
    """Tell admins how a round of reminders went."""
    return Card(
        scene.tongue.word("reminder.report_title"), (scene.tongue.say("reminder.report", None, **warned.values),)
    )


def _what(scene: Scene, plan: Plan, closes: datetime, *, closed: bool) -> Rich:
    """Say what closes when and how many days are left: in the operator's own words where there are some, before it closes."""
    say = scene.tongue.say
    date = Moment(closes, scene.tongue.language.instant(closes, plan.zone, scene.tongue.locale))
    goods = _goods(scene, plan)
    if closed:
        return say("reminder.goods_after", goods=goods, date=date) if goods else say("notice.ended", date=date)
    days = days_left(plan, closes, scene.now)
    theirs = scene.tongue.pick(plan.texts.get("reminder"))
    if theirs:
        return _filled(theirs, {"date": date, "days": scene.tongue.language.number(days, scene.tongue.locale)})
    if days == 0:
        return say("reminder.goods_today", goods=goods, date=date) if goods else say("reminder.today", date=date)
    if goods:
        return say("reminder.goods_before", days, goods=goods, date=date)
    return say("reminder.before", days, date=date)


def _goods(scene: Scene, plan: Plan) -> str:
    """Name the products that a plan ends; "" where it ends them all."""
    variants = scene.shop.catalogue.variants.values()
    names = dict.fromkeys(each.product.name for each in variants if each.product.id in plan.products)
    return scene.tongue.language.names([*names] or list(plan.products), scene.tongue.locale) if plan.products else ""


def _filled(text: str, values: Mapping[str, Piece]) -> Rich:
    """Put values in the places of an operator's text; which there may be was checked when it was read."""
    pieces: list[Piece] = []
    for literal, name, _, _ in Formatter().parse(text):
        pieces += [literal] if literal else []
        pieces += [values[name]] if name is not None else []
    return tuple(pieces)
