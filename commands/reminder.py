"""Reminders: what closes or has closed, when, where to buy or sell instead, whom to ask, and how to be reminded no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.chat import Button, Card, Scene
from bot.outbox import Warned
from bot.retirement import Plan, Scope, closing_for, days_left, left
from bot.words import Moment, Ref, Rich
from commands import own, places
from commands.told import Told, spoken

_NOTHING: Final = timedelta(0)


def card(scene: Scene, plan: Plan, scope: Scope) -> Card:
    """Remind somebody, from where they stand, of what closes there; once it has, of what has closed."""
    say, word = scene.tongue.say, scene.tongue.word
    product = plan.products[0] if len(plan.products) == 1 else ""
    there = replace(scene, where=Scope(scope.platform, scope.workspace))
    told = Told(there, plan, product, scope.region)
    closes = closing_for(plan, scope)
    closed = left(closes, scene.now) <= _NOTHING
    found = places.fitting(told)
    paragraphs = [
        _what(told, closes, closed=closed),
        (scene.tongue.pick(plan.reason),),
        places.where(told, found, "notice.where" if closed else "notice.where_soon"),
        *places.notes(told, found),
        say("notice.orders" if closed else "reminder.orders"),
        say("notice.donate_stays") if scene.shop.settings.causes and told.wide else (),
        say("notice.contact", contact=plan.contact) if plan.contact and found else (),
        say("reminder.why_you"),
    ]
    return Card(
        title=word(f"reminder.title_{'' if told.wide else 'goods_'}{'after' if closed else 'before'}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=(*places.links(told, found), Button(word("reminder.quiet"), own.quiet)),
        tone="warn",
    )


def sellers(scene: Scene, plan: Plan) -> Card:
    """Remind those who sell here which day that ends or has ended, why, where else to sell, what to do, and whom to ask."""
    say, tongue = scene.tongue.say, scene.tongue
    told = Told(scene, plan)
    closes = closing_for(plan)
    after = "_after" if left(closes, scene.now) <= _NOTHING else ""
    date = Moment(closes, tongue.language.instant(closes, plan.zone, tongue.locale))
    names = tongue.language.names([place.name for place in plan.alternatives], tongue.locale)
    paragraphs = [
        say(f"sellers.reminder{after}", name=scene.shop.settings.name, date=date)
        if told.wide
        else say(f"sellers.reminder_goods{after}", goods=told.goods(), date=date),
        say("sellers.why", reason=tongue.pick(plan.reason)) if plan.reason else (),
        say("sellers.channels", places=names) if plan.alternatives else (),
        *(say("sellers.channel", place=Ref(place.name, place.url)) for place in plan.alternatives),
        say(f"sellers.orders_reminder{after}"),
        say("sellers.donate_stays") if scene.shop.settings.causes and told.wide else (),
        say("sellers.contact", contact=plan.contact) if plan.contact else (),
    ]
    return Card(
        title=tongue.word(f"sellers.title_reminder{after}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
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


def _what(told: Told, closes: datetime, *, closed: bool) -> Rich:
    """Say what closes when and how many days are left: in the operator's own words where there are some, before it closes."""
    tongue = told.scene.tongue
    date = Moment(closes, tongue.language.instant(closes, told.plan.zone, tongue.locale))
    if closed:
        return _of(told, "notice.ended", "reminder.goods_after", date)
    days = days_left(told.plan, closes, told.scene.now)
    theirs = spoken(told.plan.texts.get("reminder", {}), tongue.locale)
    if theirs:
        return tongue.fill(theirs, date=date, days=tongue.language.number(days, tongue.locale))
    if days == 0:
        return _of(told, "reminder.today", "reminder.goods_today", date)
    if told.wide:
        return tongue.say("reminder.before", days, date=date)
    return tongue.say("reminder.goods_before", days, goods=told.goods(), date=date)


def _of(told: Told, all_of_it: str, goods: str, date: Moment) -> Rich:
    say = told.scene.tongue.say
    return say(all_of_it, date=date) if told.wide else say(goods, goods=told.goods(), date=date)
