"""What a retirement says: the banner before, the buyers' notice after, and the sellers' notice to those who sell here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.chat import Button, Card, Link, Scene
from bot.retirement import Alternative, Plan, Stage, alternatives, stage
from bot.words import Moment, Ref, Rich


def banner(scene: Scene, feature: str = "buy") -> Rich:
    """Say when a feature closes, from its announcement on; () while there is nothing to say."""
    plan = scene.shop.plan(feature)
    match stage(plan, scene.now):
        case Stage.ANNOUNCED if plan:
            return scene.tongue.say("notice.banner", date=_closing(scene, plan))
        case Stage.CLOSING_SOON if plan:
            return scene.tongue.say("notice.banner_soon", date=_closing(scene, plan))
        case _:
            return ()


def buyers(scene: Scene, plan: Plan, product: str = "") -> Card:
    """Say what ended and when, what goes on, where to buy instead, what becomes of orders, and whom to ask."""
    from commands.donate import donate  # its card carries the banner of this file

    say, word, pick = scene.tongue.say, scene.tongue.word, scene.tongue.pick
    places = alternatives(plan, scene.now, product=product, language=scene.tongue.locale)
    paragraphs = [
        say("notice.ended", date=_closing(scene, plan)),
        (pick(plan.reason),),
        say("notice.donate_stays") if scene.shop.settings.causes else (),
        _where(scene, places),
        *(_note(scene, place) for place in places if place.note),
        say("notice.orders"),
        say("notice.contact", contact=plan.contact) if plan.contact else (),
    ]
    gifts = (Button(word("donate.button"), donate, style="primary"),) if scene.shop.settings.causes else ()
    return Card(
        title=word("notice.title"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=(*gifts, *(Link(place.name, place.url) for place in places)),
        tone="warn",
    )


def announced(scene: Scene, plan: Plan) -> Card:
    """Say before it closes when it will, why, and where to buy then."""
    say, pick = scene.tongue.say, scene.tongue.pick
    paragraphs = [
        banner(scene, plan.feature),
        (pick(plan.reason),),
        _where(scene, plan.alternatives, "notice.where_soon"),
        say("notice.donate_stays") if scene.shop.settings.causes else (),
        say("notice.contact", contact=plan.contact) if plan.contact else (),
    ]
    links = tuple(Link(place.name, place.url) for place in plan.alternatives)
    text = tuple(paragraph for paragraph in paragraphs if any(paragraph))
    return Card(scene.tongue.word("notice.title_announced"), text, actions=links, tone="warn")


def sellers(scene: Scene, plan: Plan, kind: str, was: datetime | None = None) -> Card:
    """Say to those who sell here which day it ends and why, where else to sell, what to do with open orders, whom to ask.

    `kind` is one of `bot.announcing.Notice`; `was` is the date that no longer holds, of one that was moved.
    """
    say, word, pick = scene.tongue.say, scene.tongue.word, scene.tongue.pick
    if kind in {"paused", "cancelled", "reopened"}:
        why = plan.reopened or plan.cancelled if kind != "paused" else {}
        text = (
            say(f"sellers.{kind}", date=_closing(scene, plan), name=scene.shop.settings.name),
            say("sellers.why", reason=pick(why)) if why else (),
            say("sellers.donate_stays") if scene.shop.settings.causes else (),
        )
        return Card(word(f"sellers.title_{kind}"), tuple(paragraph for paragraph in text if any(paragraph)))
    moved = _closing(scene, replace(plan, closes=was)) if was else None
    kind = "announced" if kind == "moved" else kind
    paragraphs = [
        say("sellers.moved", was=moved) if moved else (),
        say(f"sellers.{kind}", date=_closing(scene, plan), name=scene.shop.settings.name),
        say("sellers.why", reason=pick(plan.reason)) if plan.reason else (),
        say("sellers.short_notice", reason=pick(plan.short_notice_reason)) if plan.short_notice_reason else (),
        say("sellers.channels", places=scene.tongue.language.names(_names(plan), scene.tongue.locale))
        if plan.alternatives
        else (),
        *(_seller_note(scene, place) for place in plan.alternatives),
        say(f"sellers.orders_{kind}"),
        say("sellers.donate_stays") if scene.shop.settings.causes else (),
        say("sellers.contact", contact=plan.contact) if plan.contact else (),
    ]
    return Card(
        title=word("sellers.title_moved" if moved else f"sellers.title_{kind}"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        tone="warn",
    )


def _closing(scene: Scene, plan: Plan) -> Moment:
    """Say when it closes in the zone the plan was written in, whatever the shop's own is."""
    return Moment(plan.closes, scene.tongue.language.instant(plan.closes, plan.zone, scene.tongue.locale))


def _where(scene: Scene, places: tuple[Alternative, ...], key: str = "notice.where") -> Rich:
    if not places:
        return ()
    names = scene.tongue.language.names([place.name for place in places], scene.tongue.locale)
    return scene.tongue.say(key, places=names)


def _note(scene: Scene, place: Alternative) -> Rich:
    return scene.tongue.say("notice.note", place=place.name, note=scene.tongue.pick(place.note))


def _seller_note(scene: Scene, place: Alternative) -> Rich:
    return scene.tongue.say("sellers.channel", place=Ref(place.name, place.url))


def _names(plan: Plan) -> list[str]:
    return [place.name for place in plan.alternatives]
