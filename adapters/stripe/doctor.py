"""What can be wrong between a shop and its Stripe account, tried out, with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.stripe.payments import StripePayments
from adapters.stripe.shapes import TYPES
from bot.errors import PaymentsError, PaymentsRefused
from bot.findings import Finding

_WHY_REFUSED = (
    "the secret of another endpoint or of the other mode, one that was rolled in the dashboard, "
    "the secret of `stripe listen`, or a proxy that changes the body"
)


async def examine(payments: StripePayments, *, endpoint: str, heard: str, refused: str) -> Sequence[Finding]:
    """Try the key and look for the webhook endpoint; "" for `endpoint` where there is no public address.

    `heard` and `refused` are when a webhook was last taken and last refused (ISO 8601, "" for never).
    """
    subject = f"Stripe, {payments.account or 'the shop'}"
    try:
        ready = await payments.charges_enabled()
    except PaymentsRefused as error:
        todo = "make a new key in the dashboard (Developers, API keys) and set it"
        return [Finding(subject, well=False, says=f"the key is refused ({error.code})", todo=todo)]
    except PaymentsError:
        return [Finding(subject, well=False, says="Stripe does not answer", todo="see status.stripe.com; try again")]
    mode = "live" if payments.livemode else "test"
    found = [Finding(subject, well=True, says=f"the key is good, {mode} mode")]
    if not ready:
        todo = "finish the account's activation in the dashboard"
        found.append(Finding(subject, well=False, says="the account may not take payments yet", todo=todo))
    found.append(await _portal(payments, subject))
    if not endpoint:
        found.append(Finding(subject, well=True, says="no public address: events are polled"))
        return found
    return [*found, await _endpoint(payments, subject, endpoint), _secret(subject, heard, refused)]


async def _portal(payments: StripePayments, subject: str) -> Finding:
    try:
        ready = await payments.portal_is_set_up()
    except PaymentsRefused:
        todo = "give the restricted key the permission for the customer portal, or look in the dashboard yourself"
        return Finding(subject, well=False, says="the key may not look at the customer portal", todo=todo)
    except PaymentsError:
        return Finding(subject, well=False, says="Stripe does not answer", todo="see status.stripe.com; try again")
    if not ready:
        todo = "save its settings once in the dashboard (Settings, Billing, Customer portal), in this mode"
        says = "the customer portal is not set up: nobody can change the card of a subscription"
        return Finding(subject, well=False, says=says, todo=todo)
    return Finding(subject, well=True, says="the customer portal is set up")


async def _endpoint(payments: StripePayments, subject: str, endpoint: str) -> Finding:
    try:
        endpoints = await payments.endpoints()
    except PaymentsRefused:
        todo = "give the restricted key the permission to read webhook endpoints, or look in the dashboard yourself"
        return Finding(subject, well=False, says="the key may not list webhook endpoints", todo=todo)
    except PaymentsError:
        return Finding(subject, well=False, says="Stripe does not answer", todo="see status.stripe.com; try again")
    ours = next(
        (each for each in endpoints if each["url"].rstrip("/") == endpoint and each["status"] == "enabled"), None
    )
    wanted = ", ".join(TYPES)
    if ours is None:
        todo = f"add the endpoint {endpoint} in the dashboard (Developers, Webhooks) for: {wanted}"
        return Finding(subject, well=False, says="no webhook endpoint leads here", todo=todo)
    missing = [] if "*" in ours["enabled_events"] else [kind for kind in TYPES if kind not in ours["enabled_events"]]
    if missing:
        says = f"the webhook endpoint is not told of: {', '.join(missing)}"
        return Finding(subject, well=False, says=says, todo="add these events to it in the dashboard")
    return Finding(subject, well=True, says=f"events are sent to {endpoint}")


def _secret(subject: str, heard: str, refused: str) -> Finding:
    if refused > heard:
        todo = f"set the endpoint's own signing secret; the usual causes: {_WHY_REFUSED}"
        return Finding(subject, well=False, says=f"the last webhook, at {refused}, was not authentic", todo=todo)
    if not heard:
        todo = "send a test event from the dashboard, and ask again"
        return Finding(subject, well=False, says="no webhook has arrived yet", todo=todo)
    return Finding(subject, well=True, says=f"the last webhook, at {heard}, was authentic")
