"""What a retirement says to buyers: the banner and the announcement before, the notice after, and that it is on hold."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Product, Variant
from bot.chat import Action, Button, Card, Context, Scene
from bot.facing import Facing
from bot.retirement import Capability, Plan, Stage, left, schedule
from bot.words import Rich
from commands import places
from commands.told import Told, product_of


def banner(scene: Scene, product: str = "", region: str = "") -> Rich:
    """Say when what is asked for closes, from the announcement on; () while there is nothing to say."""
    plan = scene.facing(product, region).plan
    return _banner(Told(scene, plan, product, region)) if plan else ()


def heard(scene: Scene, product: str = "", region: str = "") -> Rich:
    """Say the banner in an answer to somebody, but not more often to one person than the operator wants."""
    plan = scene.facing(product, region).plan
    if plan is None:
        return ()
    told = Told(scene, plan, product, region)
    said = _banner(told)
    if not said or not isinstance(scene, Context):
        return said
    return said if scene.till.banners.due(scene.person.key, plan, told.stage, scene.now) else ()


def _banner(told: Told) -> Rich:
    match told.stage:
        case Stage.CLOSING_SOON:
            return told.say("notice.banner_soon", "banner_soon", date=told.day())
        case Stage.ANNOUNCED if told.plan.standing == "postponed":
            return told.say("notice.banner_moved", "banner", date=told.day())
        case Stage.ANNOUNCED:
            return told.say("notice.banner", "banner", date=told.day())
        case Stage.BROWNOUT:
            return told.say("notice.banner_brownout", until=told.until(), date=told.day())
        case Stage.PAUSED:
            return told.say("notice.banner_paused", date=told.day())
        case _:
            return ()


def buyers(scene: Scene, plan: Plan, product: str = "", *, variant: Variant | None = None, region: str = "") -> Card:
    """Say what ended and when, what goes on, where to buy instead, what becomes of orders, and whom to ask.

    Where it is open still and what is asked for is paid monthly: that none begins any more of what is known to end.
    """
    told = Told(scene, plan, variant.product.id if variant else product, region)
    wanted = product_of(scene, told.product)
    if told.stage is Stage.BROWNOUT and not (wanted and wanted.every):
        return _browned(told, variant)
    if not told.stage.closed:
        return _monthly(told) if wanted and wanted.every else announced(scene, plan, told.product)
    found = places.fitting(told, variant)
    shown = wanted if told.allows(Capability.HISTORY) else None
    paragraphs = [
        told.say("notice.ended", "ended", date=told.day()),
        (scene.tongue.pick(plan.reason),),
        (shown.description,) if shown and shown.description else (),
        goes_on(told),
        places.where(told, found, "notice.where"),
        *places.notes(told, found),
        orders(told),
        deletion(told),
        contact(told, asked=not found),
    ]
    return Card(
        title=told.title("notice.title"),
        text=tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        facts=tuple(_prices(scene, shown)) if shown else (),
        actions=(*_gifts(told), *places.links(told, found, variant), *_ways(told)),
        tone="warn",
        picture=shown.picture if shown else "",
    )


def announced(scene: Scene, plan: Plan, product: str = "") -> Card:
    """Say before it closes when it will, why, and where to buy then; or that this is on hold, or called off.

    Of one that has closed it is the notice.
    """
    told = Told(scene, plan, product)
    if told.stage.closed or told.stage is Stage.BROWNOUT:
        return buyers(scene, plan, product)
    if told.stage in {Stage.ROLLED_BACK, Stage.OPEN}:
        return _called_off(told)
    found = places.fitting(told)
    paused = told.stage is Stage.PAUSED
    paragraphs = [
        _banner(told),
        (scene.tongue.pick(plan.reason),) if not paused else (),
        ahead(told),
        places.where(told, found, "notice.where_soon") if not paused else (),
        goes_on(told) if not paused else (),
        deletion(told) if not paused else (),
        contact(told, asked=not found and not paused),
    ]
    return Card(
        told.title("notice.title_paused" if paused else "notice.title_announced"),
        tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=() if paused else places.links(told, found),
        tone="warn",
    )


def closed(scene: Scene, facing: Facing, variant: Variant | None = None) -> Card | None:
    """Give the notice where what somebody faces has closed, else None."""
    if not facing.shut or facing.plan is None:
        return None
    return buyers(scene, facing.plan, facing.scope.product, variant=variant, region=facing.scope.region)


def ahead(told: Told) -> Rich:
    """Say which brownouts are still to come; () where none is."""
    plan, tongue = told.plan, told.scene.tongue
    if plan.lit or plan.halted:
        return ()
    coming = [part for part in plan.brownouts if left(part.starts, told.scene.now).total_seconds() > 0]
    spans = [tongue.word("notice.window", starts=told.moment(p.starts), ends=told.moment(p.ends)) for p in coming]
    return tongue.say("notice.ahead", windows=tongue.language.names(spans, tongue.locale)) if spans else ()


def _called_off(told: Told) -> Card:
    reason = told.scene.tongue.pick(dict(told.plan.reopened or told.plan.cancelled))
    paragraphs = (told.say("notice.called_off", date=told.day()), (reason,), contact(told, asked=False))
    text = tuple(paragraph for paragraph in paragraphs if any(paragraph))
    return Card(told.title("notice.title_called_off"), text, tone="good")


def _browned(told: Told, variant: Variant | None) -> Card:
    """Say that nothing new is sold for now, until when, what this is a foretaste of, and how to say that it hurts."""
    from commands.buy import complain  # its card carries the banner of this file

    found = places.fitting(told, variant)
    tongue = told.scene.tongue
    paragraphs = [
        told.say("notice.brownout", until=told.until(), date=told.day()),
        (tongue.pick(told.plan.reason),),
        tongue.say("notice.brownout_orders"),
        goes_on(told),
        places.where(told, found, "notice.where"),
        *places.notes(told, found),
        contact(told, asked=not found),
    ]
    product = told.product or next(iter(told.plan.products), "")  # one that the plan speaks of
    hurts = Button(tongue.word("notice.brownout_button"), complain, product)
    return Card(
        told.title("notice.title_brownout"),
        tuple(paragraph for paragraph in paragraphs if any(paragraph)),
        actions=(*_gifts(told), *places.links(told, found, variant), hurts),
        tone="warn",
    )


def complained(scene: Scene, plan: Plan | None) -> Card:
    """Thank whoever said that they cannot wait, and say until when that is; or that there is nothing to wait for."""
    word, say = scene.tongue.word, scene.tongue.say
    if plan is None:
        return Card(word("notice.lit_title"), (say("notice.lit"),), actions=_buying(scene), tone="good")
    told = Told(scene, plan)
    paragraphs = (say("notice.complained", until=told.until()), contact(told, asked=False))
    return Card(word("notice.complained_title"), tuple(paragraph for paragraph in paragraphs if any(paragraph)))


def _monthly(told: Told) -> Card:
    """Say that nothing begins any more that is paid monthly, and where to get it instead."""
    found = places.fitting(told)
    paragraphs = [
        told.say("notice.monthly", date=told.day()),
        places.where(told, found, "notice.where"),
        contact(told, asked=not found),
    ]
    text = tuple(paragraph for paragraph in paragraphs if any(paragraph))
    return Card(told.title("notice.title_monthly"), text, actions=places.links(told, found), tone="warn")


def goes_on(told: Told) -> Rich:
    """Say what does not end: giving, and of some goods' end, everything else."""
    say = told.scene.tongue.say
    if told.wide:
        return say("notice.donate_stays") if told.scene.shop.settings.causes else ()
    return () if told.scene.facing().shut else say("notice.rest_stays")


def orders(told: Told) -> Rich:
    """Say what becomes of orders, as far as the calendar has come."""
    say = told.scene.tongue.say
    if told.allows(Capability.COMPLETE_OPEN):
        return say("notice.orders_open", date=told.day(Capability.COMPLETE_OPEN))
    if told.stage is Stage.DRAINING:
        return told.own("orders", "notice.orders_finish" if told.finishes else "notice.orders")
    if told.allows(Capability.HISTORY):
        return say("notice.orders_retired", date=told.day(Capability.HISTORY))
    return say("notice.orders_history")


def deletion(told: Told) -> Rich:
    """Say when the histories are or were deleted, and that a copy can be taken while it can; () where they are kept."""
    if Capability.DELETE not in schedule(told.plan, told.scope):
        return ()
    key = "deletion" if told.allows(Capability.EXPORT) else "deletion_late"
    if not told.allows(Capability.DELETE):
        key = "deleted"
    return told.scene.tongue.say(f"notice.{key}", date=told.day(Capability.DELETE))


def contact(told: Told, *, asked: bool) -> Rich:
    """Say whom to ask, unless that was said already."""
    if not told.plan.contact or (asked and "contact" not in told.plan.texts):
        return ()
    return told.own("contact", "notice.contact", contact=told.plan.contact)


def _prices(scene: Scene, product: Product) -> Iterator[tuple[str, Rich]]:
    from commands.buy import price  # its card carries the banner of this file

    for variant in product.variants:
        yield variant.label, scene.tongue.say("posted.price", price=price(scene, variant))


def _gifts(told: Told) -> tuple[Action, ...]:
    from commands.donate import donate  # likewise

    if not (told.wide and told.scene.shop.settings.causes):
        return ()
    return (Button(told.scene.tongue.word("donate.button"), donate, style="primary"),)


def _buying(scene: Scene) -> tuple[Action, ...]:
    from commands.buy import buy  # likewise

    return (Button(scene.tongue.word("buy.button"), buy),)


def _ways(told: Told) -> tuple[Action, ...]:
    """Lead on: to what is for sale still, else to what was."""
    from commands.browse import catalogue
    from commands.buy import buy

    if not told.wide and not told.scene.facing().shut:
        return (Button(told.scene.tongue.word("notice.rest_button"), buy),)
    return catalogue(told.scene) if told.allows(Capability.HISTORY) else ()
