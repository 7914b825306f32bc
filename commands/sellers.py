"""The sellers' notice: which day selling here ends and why, where else to sell, what to do with open orders, whom to ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.chat import Card, Scene
from bot.retirement import Capability, Plan, alternatives
from bot.words import Ref, Rich
from commands.notice import ahead, deletion
from commands.told import Told

#: Notices of an end that does not come as it was told.
_OFF = {"paused", "cancelled", "reopened"}


def notice(scene: Scene, plan: Plan, kind: str, was: datetime | None = None) -> Card:
    """Tell those who sell here what a retirement has come to.

    `kind` is "announced", "moved", "closed", "paused", "cancelled", "reopened", or "reminder" of what ends or has ended; `was`
    is the date that no longer holds, of one that was moved.
    """
    told = Told(scene, plan)
    if kind == "reminder" and told.stage.closed:
        kind = "reminder_after"
    paragraphs = _off(told, kind) if kind in _OFF else _ends(told, kind, was)
    return Card(
        title=told.title(f"sellers.title_{kind}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        tone="plain" if kind in _OFF else "warn",
    )


def _ends(told: Told, kind: str, was: datetime | None) -> list[Rich]:
    scene, plan, say = told.scene, told.plan, told.scene.tongue.say
    before = Told(scene, replace(plan, closes=was)).day() if was else None
    said = "closed" if kind in {"closed", "reminder_after"} else "announced"
    first = said if kind in {"closed", "announced", "moved"} else kind
    return [
        told.say(f"sellers.{first}", date=told.day(), name=scene.shop.settings.name),
        say("sellers.moved", was=before) if before else (),
        say("sellers.why", reason=scene.tongue.pick(plan.reason)) if plan.reason else (),
        say("sellers.short_notice", reason=scene.tongue.pick(plan.short_notice_reason))
        if plan.short_notice_reason
        else (),
        ahead(told),
        *_channels(told),
        _orders(told, said),
        deletion(told),
        *_last(told),
    ]


def _orders(told: Told, said: str) -> Rich:
    """Say what to do with open orders: those that can still be paid after the closing have a day of their own."""
    until = told.day(Capability.COMPLETE_OPEN)
    if until.at > told.day().at and (said == "announced" or told.allows(Capability.COMPLETE_OPEN)):
        return told.scene.tongue.say(f"sellers.orders_{said}_open", until=until)
    return told.scene.tongue.say(f"sellers.orders_{said}_finish" if told.finishes else f"sellers.orders_{said}")


def _off(told: Told, kind: str) -> list[Rich]:
    scene, plan, say = told.scene, told.plan, told.scene.tongue.say
    why = {} if kind == "paused" else plan.reopened or plan.cancelled
    return [
        told.say(f"sellers.{kind}", date=told.day(), name=scene.shop.settings.name),
        say("sellers.why", reason=scene.tongue.pick(why)) if why else (),
        say("sellers.orders_as_before"),
        *_last(told),
    ]


def _last(told: Told) -> list[Rich]:
    """Say that giving goes on, and whom to ask."""
    say = told.scene.tongue.say
    return [
        say("sellers.donate_stays") if told.wide and told.scene.shop.settings.causes else (),
        say("sellers.contact", contact=told.plan.contact) if told.plan.contact else (),
    ]


def _channels(told: Told) -> tuple[Rich, ...]:
    """Name the other channels to sell on, with their addresses: those that are open now; dead links last."""
    tongue, now = told.scene.tongue, told.scene.now
    found = alternatives(told.plan, now, dead=told.scene.shop.dead)
    if not found:
        return ()
    names = tongue.language.names([place.name for place in found], tongue.locale)
    return (
        tongue.say("sellers.channels", places=names),
        *(tongue.say("sellers.channel", place=Ref(place.name, place.url)) for place in found),
    )
