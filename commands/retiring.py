"""`/shop retire`: how the retirements stand, and what an admin does to one by hand."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, get_args

from bot.acting import Wanted
from bot.chat import Card, Context, Scene
from bot.errors import ActRefused
from bot.retirement import Deed, Plan, stage
from bot.words import Moment, Rich

_FEATURE: Final = re.compile(r"buy|(product|campaign)\.\S+")
#: What is said after `rollback FEATURE` and `now FEATURE` by whoever has read what cannot be undone.
_YES: Final = "yes"


async def retire(ctx: Context, deed: str, rest: str) -> Card:
    """Say how retirements stand; or do to one what is said: `postpone buy 2027-02-01T10:00+01:00 The lease goes on.`."""
    feature, _, rest = rest.strip().partition(" ")
    deed, rest = deed.casefold(), rest.strip()
    if not deed or deed == "status":
        return await _status(ctx)
    if deed == "approve" and feature:
        return _did(ctx, "approve", await ctx.till.acting.agree(ctx, feature))
    if deed == "brownout":
        return await _stop(ctx, feature, rest)
    known = next((each for each in get_args(Deed) if each == deed), None)
    if known is None or not feature:
        return Card(_title(ctx), (ctx.tongue.say("retiring.usage"),))
    to = None
    if known == "postpone":
        typed, _, rest = rest.partition(" ")
        to = _instant(typed)
        if to is None:
            return Card(_title(ctx), (ctx.tongue.say("retiring.no_instant"),), tone="warn")
    if known in {"rollback", "now"}:
        yes, _, reason = rest.partition(" ")
        if yes.casefold() != _YES:
            return await (_lasting if known == "rollback" else _ending)(ctx, feature, rest)
        rest = reason
    plan = await ctx.till.acting.do(ctx, Wanted(feature, known, rest.strip(), to))
    return _did(ctx, known, plan)


def objection(scene: Scene, error: ActRefused) -> Rich:
    """Say why an act cannot be done."""
    listed = scene.tongue.language.names(sorted(scene.shop.settings.plans), scene.tongue.locale)
    if error.why == "unknown" and not listed:
        return scene.tongue.say("retiring.none")
    return scene.tongue.say(f"retiring.refused_{error.why}", feature=error.feature[:40], features=listed)


async def _status(ctx: Context) -> Card:
    """Say of each retirement how it stands, what was done to it, and which edit waits."""
    memory = await ctx.till.acting.memory()
    lines: list[Rich] = []
    for feature, plan in memory.in_force.items():
        lines.append(_state(ctx, plan))
        if plan.brownouts:
            lines.append(_brownouts(ctx, plan))
        lines += [_act(ctx, act.deed, act.at, act.why) for act in memory.of(feature)]
        if feature in memory.waiting:
            waiting = memory.waiting[feature]
            lines.append(ctx.tongue.say("retiring.waiting", feature=feature, date=_when(ctx, waiting, waiting.closes)))
    return Card(_title(ctx), tuple(lines) or (ctx.tongue.say("retiring.none"),))


async def _stop(ctx: Context, stop: str, rest: str) -> Card:
    """Stop brownouts: `brownout stop`, or of one feature, with a reason: `brownout stop buy The exam week.`."""
    if stop.casefold() != "stop":
        return Card(_title(ctx), (ctx.tongue.say("retiring.usage"),))
    feature, _, why = rest.partition(" ")
    feature = feature.casefold()  # "Buy" is a feature too, and not why all of them are to be stopped
    if not _FEATURE.fullmatch(feature):
        feature, why = "", rest
    plans = await ctx.till.acting.light(ctx, feature, why.strip())
    lines = tuple(
        ctx.tongue.say("retiring.did_brownout_stop", feature=plan.feature, date=_when(ctx, plan, plan.closes))
        for plan in plans
    )
    return Card(_title(ctx), lines, tone="good")


def _brownouts(ctx: Context, plan: Plan) -> Rich:
    """Say which brownouts a plan has, and whether they come: they wait for the announcement, or were stopped."""
    key = "stopped" if plan.lit else "ready" if plan.delivered else "waiting"
    spans = [
        ctx.tongue.word("notice.window", starts=_when(ctx, plan, each.starts), ends=_when(ctx, plan, each.ends))
        for each in plan.brownouts
    ]
    listed = ctx.tongue.language.names(spans, ctx.tongue.locale)
    return ctx.tongue.say(f"retiring.brownouts_{key}", windows=listed)


async def _lasting(ctx: Context, feature: str, reason: str) -> Card:
    """Name, before anything is done, what a rollback does not undo."""
    lasting = await ctx.till.acting.lasting(feature)
    say = ctx.tongue.say
    again = f"/shop retire rollback {feature} {_YES} {reason or '…'}"
    lines = (
        say("retiring.lasting_checkouts", lasting.checkouts),
        say("retiring.lasting_monthly", lasting.monthly),
        say("retiring.lasting_sellers", lasting.sellers),
        say("retiring.rollback_how", again=again),
    )
    return Card(_title(ctx), lines, tone="warn")


async def _ending(ctx: Context, feature: str, reason: str) -> Card:
    """Name, before anything is done, what closing at once does for good."""
    ending = await ctx.till.acting.ending(feature)
    say = ctx.tongue.say
    again = f"/shop retire now {feature} {_YES} {reason or '…'}"
    lines = (
        say("retiring.now_checkouts", ending.checkouts),
        say("retiring.now_monthly", ending.monthly),
        say("retiring.now_sellers", ending.sellers),
        say("retiring.now_lasting"),
        say("retiring.rollback_how", again=again),
    )
    return Card(_title(ctx), lines, tone="warn")


def _did(ctx: Context, deed: str, plan: Plan) -> Card:
    closes = _when(ctx, plan, plan.closes)
    return Card(_title(ctx), (ctx.tongue.say(f"retiring.did_{deed}", feature=plan.feature, date=closes),), tone="good")


def _state(ctx: Context, plan: Plan) -> Rich:
    state = "cancelled" if plan.standing == "cancelled" else stage(plan, ctx.now)
    return ctx.tongue.say(f"retiring.state_{state}", feature=plan.feature, date=_when(ctx, plan, plan.closes))


def _act(ctx: Context, deed: str, at: datetime, why: str) -> Rich:
    return ctx.tongue.say("retiring.act", deed=deed, at=ctx.tongue.moment(at), why=why or "-")


def _when(ctx: Context, plan: Plan, at: datetime) -> Moment:
    return Moment(at, ctx.tongue.language.instant(at, plan.zone, ctx.tongue.locale))


def _instant(typed: str) -> datetime | None:
    """Read an instant with its zone; None where it is none, for nothing is guessed of a date."""
    try:
        at = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _title(ctx: Context) -> str:
    return ctx.tongue.word("shop.retire")
