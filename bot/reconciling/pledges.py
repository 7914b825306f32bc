"""Subscriptions at Stripe, compared with the pledges that hold them."""

from __future__ import annotations

from typing import Final

from bot.orders import HOLDING, Pledge
from bot.ports import Event, Subscription
from bot.reconciling.differences import Difference, Value
from bot.reconciling.scope import Differences, Scope, applied, known
from bot.selling import like_a_number

#: The type of event whose object is a subscription: how the port fetches one.
_CHANGED: Final = "customer.subscription.updated"


async def compare_pledges(scope: Scope) -> Differences:
    """Compare both ways: each subscription that goes on has a pledge, and each pledge a subscription."""
    going_on = {each.id: each for each in await scope.payments.going_on()}
    async with scope.desk.store.surveying() as unit:
        pledges = await unit.pledges.going_on(scope.account)
    held = {pledge.subscription for pledge in pledges}
    strangers = [each for each in going_on.values() if each.id not in held]
    many = len(strangers) + len(pledges)
    for done, subscription in enumerate(strangers, 1):
        difference = await _stranger(scope, subscription)
        if difference is not None:
            yield difference
        scope.progress("subscriptions", done, many)
    for done, pledge in enumerate(pledges, len(strangers) + 1):
        difference = await _pledge(scope, pledge, going_on.get(pledge.subscription))
        if difference is not None:
            yield difference
        scope.progress("subscriptions", done, many)


async def _stranger(scope: Scope, subscription: Subscription) -> Difference | None:
    """Say of a subscription that takes money that nobody here can stop it; one that is stopping does no harm."""
    if subscription.status == "stopping":
        return None
    async with scope.desk.store.surveying() as unit:
        order = await unit.orders.get(subscription.order)
        pledge = await unit.pledges.get(subscription.order)
    if pledge is not None and pledge.subscription == subscription.id:
        # ended here while it goes on there: what has ended never begins again by itself
        return scope.difference("pledge_ended", {}, order=pledge.id, stripe=subscription.id)
    if order is not None and order.state in HOLDING:
        return None  # its first payment is still to settle, or has just been made: its pledge comes with that
    if order is not None or like_a_number(subscription.order):
        return scope.difference("subscription_unknown", {}, order=subscription.order, stripe=subscription.id)
    return scope.difference("subscription_foreign", {}, stripe=subscription.id, outcome="information")


async def _pledge(scope: Scope, pledge: Pledge, subscription: Subscription | None) -> Difference | None:
    order = await scope.order(pledge.id)
    if order is not None and order.livemode != scope.payments.livemode:
        return None  # of the other mode, as its order is
    if subscription is None:
        event = Event("", scope.account, scope.payments.livemode, _CHANGED, pledge.subscription, scope.now)
        found = await known(scope.payments.look(event))
        if not isinstance(found, Subscription):
            return scope.difference("pledge_gone", {}, order=pledge.id, stripe=pledge.subscription)
        subscription = found
    if scope.dry:
        moved = subscription.status not in {"troubled", pledge.state}
        now = subscription.status
    else:
        await applied(scope.settling.subscribed(subscription))
        async with scope.desk.store.surveying() as unit:
            current = await unit.pledges.get(pledge.id) or pledge
        moved, now = current.state != pledge.state, current.state
    if not moved:
        return None
    values: dict[str, Value] = {"before": pledge.state, "now": now}
    return scope.mended(scope.difference("pledge_applied", values, order=pledge.id, stripe=subscription.id))
