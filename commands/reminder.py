"""Reminders: what closes or has closed, when, where to buy instead, whom to ask, and how to be reminded no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.chat import Button, Card, Scene
from bot.outbox import Warned
from bot.retirement import Capability, Plan, Scope, Stage, Stand, days_left
from bot.words import Rich
from commands import notice, own, places
from commands.told import Told, spoken

#: Stages in which there is a date to remind of.
_COMES: Final = frozenset({Stage.ANNOUNCED, Stage.CLOSING_SOON, Stage.BROWNOUT})


def card(scene: Scene, plan: Plan, stand: Stand) -> Card:
    """Remind somebody, from where they stand, of what closes there; once it has, of what has closed."""
    word, scope = scene.tongue.word, stand.scope
    product = scope.product or (plan.products[0] if len(plan.products) == 1 else "")
    there = replace(scene, where=Scope(scope.platform, scope.workspace))
    told = Told(there, plan, product, scope.region)
    goods = () if told.wide and not stand.goods else stand.goods or plan.products
    closed = told.stage.closed
    if not closed and told.stage not in _COMES:
        return notice.announced(there, plan, product)  # on hold or taken back since it was kept for who reads it now
    found = places.fitting(told)
    paragraphs = [
        _what(told, goods, closed=closed),
        (scene.tongue.pick(plan.reason),),
        places.where(told, found, "notice.where" if closed else "notice.where_soon"),
        *places.notes(told, found),
        notice.orders(told) if closed else _orders(told),
        notice.deletion(told),
        notice.goes_on(told),
        notice.contact(told, asked=not found),
        scene.tongue.say("reminder.why_you"),
    ]
    return Card(
        title=word(f"reminder.title_{'goods_' if goods else ''}{'after' if closed else 'before'}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=(*places.links(told, found), Button(word("reminder.quiet"), own.quiet)),
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


def _what(told: Told, goods: Sequence[str], *, closed: bool) -> Rich:
    """Say what closes when and how many days are left, or when it closed: in the operator's own words where there are some.

    Of all of Buy where no goods are named.
    """
    tongue, date, names = told.scene.tongue, told.day(), told.names(goods)
    if closed:
        return told.own("ended", "reminder.goods_after" if goods else "notice.ended", goods=names, date=date)
    days = days_left(told.plan, date.at, told.scene.now)
    theirs = spoken(told.plan.texts.get("reminder", {}), tongue.locale)
    if theirs:
        return tongue.fill(theirs, date=date, days=tongue.language.number(days, tongue.locale))
    if days == 0:
        return tongue.say("reminder.goods_today" if goods else "reminder.today", None, goods=names, date=date)
    if goods:
        return tongue.say("reminder.goods_before", days, goods=names, date=date)
    return tongue.say("reminder.before", days, date=date)


def _orders(told: Told) -> Rich:
    """Say what becomes of orders at the closing: what is begun by then may be paid later, or have a day of its own for it."""
    until = told.day(Capability.COMPLETE_OPEN)
    if until.at > told.day().at:
        return told.scene.tongue.say("reminder.orders_open", until=until)
    return told.scene.tongue.say("reminder.orders_finish" if told.finishes else "reminder.orders")
