"""Stripe's events, compared with the inbox: what no webhook brought is taken and applied at once."""

from __future__ import annotations

from bot.errors import IllegalMove, Later, PaymentsRefused
from bot.ports import Dispute, Event, Invoice, Payment, Session, Subject, Subscription
from bot.reconciling.scope import Differences, Scope, known


async def compare_events(scope: Scope) -> Differences:
    """Take each event since then that never reached the inbox, and say those that concern an order of ours.

    Events from before the account's first order are not looked at: nothing of ours can be meant.
    """
    async with scope.desk.store.surveying() as unit:
        begun = await unit.orders.begun(scope.account)
    if begun is None:
        return
    events = await scope.payments.events(since=max(begun, scope.since))
    async with scope.desk.store.surveying() as unit:
        missing = await unit.inbox.missing(scope.account, [event.id for event in events])
    lost = [event for event in events if event.id in missing]
    for done, event in enumerate(lost, 1):
        number = await _number(scope, await known(scope.payments.look(event)))
        if not scope.dry:
            await _take(scope, event)
        if number:
            yield scope.mended(scope.difference("event_lost", {"what": event.type}, order=number, stripe=event.id))
        scope.progress("events", done, len(lost))


async def _take(scope: Scope, event: Event) -> None:
    """Take it as a webhook would, and do its job at once: the job that follows then changes nothing."""
    await scope.settling.receive(event)
    try:
        await scope.settling.handle(event)
    except (IllegalMove, Later, PaymentsRefused):
        return  # its job goes on with it


async def _number(scope: Scope, subject: Subject | None) -> str:
    """Name the order of ours that an object speaks of; "" where there is none."""
    async with scope.desk.store.surveying() as unit:
        match subject:
            case Session() | Invoice() | Subscription():
                order = await unit.orders.get(subject.order)
            case Payment():
                order = await unit.orders.by_payment(subject.id) or await unit.orders.get(subject.order)
            case Dispute():
                order = await unit.orders.by_payment(subject.payment_intent)
            case _:
                order = None
    return order.id if order is not None else ""
