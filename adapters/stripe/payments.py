"""The Payments port through Stripe's SDK: one account, by its key."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final

import aiohttp
import stripe
from stripe import AIOHTTPClient, RateLimitError, StripeClient, StripeError, StripeObject

from adapters.stripe import shapes
from adapters.stripe.limits import to_stripe
from adapters.stripe.requests import coupon_params, session_params
from adapters.stripe.shapes import TYPES
from bot.errors import BadAmount, PaymentsRefused, PaymentsUnavailable, WrongAccount
from bot.money import Money
from bot.ports import Checkout, Event, Payment, Session, Subject, Subscription

#: The version of Stripe's API that this adapter was written for: https://docs.stripe.com/api/versioning
VERSION: Final = "2026-10-28.endive"
#: Seconds after which one request is given up; a person waits for most of them.
_SECONDS: Final = 8.0
#: The SDK's own tries after the first, with our key; a plain 429 it does not try again.
_RETRIES: Final = 1
#: Seconds to wait before asking again after a plain 429, which nobody acted on; up to twice as long, at random.
_PAUSES: Final = (0.2, 0.6)
_LIVE: Final = ("sk_live_", "rk_live_")
#: The answers that are a clear no; any other that is not a clear yes leaves in doubt what became of the request.
_NO: Final = range(400, 500)
#: Two requests with one key at once, and too many requests: no is meant for now only.
_NOT_NOW: Final = frozenset({409, 429})

# The SDK would send telemetry, and leave an id for it in the operator's home folder; and below warnings its log shows
# whole answers, with people's names and addresses in them.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)


class StripePayments:
    """One Stripe account. `base` sends the SDK elsewhere than to api.stripe.com."""

    def __init__(self, *, account: str, key: str, base: str = "") -> None:
        self.account: Final = account
        self.livemode: Final = key.startswith(_LIVE)
        self._http: Final = AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=_SECONDS))
        self._stripe: Final = StripeClient(
            key,
            http_client=self._http,
            stripe_version=VERSION,
            max_network_retries=_RETRIES,
            base_addresses={"api": base.rstrip("/")} if base else None,
        )

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a checkout session; with a discount, a coupon of its own first, under a key derived from `key`."""
        v1 = self._stripe.v1
        coupon = ""
        try:
            if checkout.discount is not None:
                once = {"idempotency_key": f"{key}:coupon"}
                coupon = (await self._ask("coupon", v1.coupons.create_async, coupon_params(checkout), once))["id"]
            params = session_params(checkout, coupon=coupon)
        except BadAmount as error:
            raise PaymentsRefused("invalid_charge_amount", str(error)) from error
        body = await self._ask("session", v1.checkout.sessions.create_async, params, {"idempotency_key": key})
        return await self._session(body)

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        body = await self._ask("session", self._stripe.v1.checkout.sessions.retrieve_async, session_id)
        return await self._session(body)

    async def find(self, order: str, *, since: datetime) -> Session | None:
        """Look through the sessions made since then, newest first."""
        params: Any = {"created": {"gte": int(since.timestamp())}, "limit": 100}
        async for body in self._pages(self._stripe.v1.checkout.sessions.list_async, params):
            if body.get("client_reference_id") == order:
                return await self._session(body)
        return None

    async def expire(self, session_id: str) -> Session:
        """Ask that an open session ends, and say what it is now."""
        try:
            body = await self._ask("session", self._stripe.v1.checkout.sessions.expire_async, session_id)
        except PaymentsRefused as error:
            now = await self.session(session_id)
            if now.status == "open":
                raise error from None
            return now
        return await self._session(body)

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give back `amount`, or all that is left; what was given back before is no error."""
        params: dict[str, str | int] = {"payment_intent": payment_intent}
        try:
            if amount is not None:
                params["amount"] = to_stripe(amount)
            await self._ask("refund", self._stripe.v1.refunds.create_async, params, {"idempotency_key": key})
        except BadAmount as error:
            raise PaymentsRefused("invalid_charge_amount", str(error)) from error
        except PaymentsRefused as error:
            if error.code != "charge_already_refunded":
                raise
        return shapes.payment(await self._payment(payment_intent), self.account)

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with the period that is paid for; one that has ended already is said as it is."""
        subscriptions = self._stripe.v1.subscriptions
        try:
            body = await self._ask(
                "subscription", subscriptions.update_async, subscription, {"cancel_at_period_end": True}
            )
        except PaymentsRefused:
            body = await self._ask("subscription", subscriptions.retrieve_async, subscription)
            if body["status"] != "canceled":
                raise
        return shapes.subscription(body, self.account)

    async def look(self, event: Event) -> Subject | None:
        """Fetch the object that an event speaks of, as it is now."""
        if event.type not in TYPES or not event.object_id:
            return None
        v1 = self._stripe.v1
        match event.type.split("."):
            case ["checkout", "session", *_]:
                return await self.session(event.object_id)
            case ["charge", *_]:
                charge = await self._ask("charge", v1.charges.retrieve_async, event.object_id)
                intent = shapes.named(charge.get("payment_intent"))
                return shapes.payment(await self._payment(intent), self.account) if intent else None
            case ["invoice", *_]:
                body = await self._ask("invoice", v1.invoices.retrieve_async, event.object_id, {"expand": ["payments"]})
                return shapes.invoice(body, self.account)
            case _:
                body = await self._ask("subscription", v1.subscriptions.retrieve_async, event.object_id)
                return shapes.subscription(body, self.account)

    async def events(self, *, since: datetime) -> Sequence[Event]:
        """List events created since then, oldest first. Stripe keeps them for 30 days."""
        params: Any = {"created": {"gte": int(since.timestamp())}, "types": list(TYPES), "limit": 100}
        found = [
            shapes.event(body, self.account) async for body in self._pages(self._stripe.v1.events.list_async, params)
        ]
        return found[::-1]

    async def charges_enabled(self) -> bool:
        """Tell whether the account may take payments."""
        return bool((await self._ask("account", self._stripe.v1.accounts.retrieve_current_async))["charges_enabled"])

    async def endpoints(self) -> Sequence[dict[str, Any]]:
        """List the account's webhook endpoints, as https://docs.stripe.com/api/webhook_endpoints/object has them."""
        return [body async for body in self._pages(self._stripe.v1.webhook_endpoints.list_async, {"limit": 100})]

    async def aclose(self) -> None:
        """Close the SDK's connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _session(self, body: shapes.Body) -> Session:
        """Read a session, with its payment where it is complete."""
        intent = shapes.named(body.get("payment_intent"))
        if not intent and body.get("invoice") and body["status"] == "complete":
            invoices, name = self._stripe.v1.invoices, shapes.named(body["invoice"])
            intent = shapes.paid_with(
                await self._ask("invoice", invoices.retrieve_async, name, {"expand": ["payments"]})
            )
        payment = await self._payment(intent) if intent and body["status"] == "complete" else None
        return shapes.session(body, self.account, payment)

    async def _payment(self, intent: str) -> shapes.Body:
        intents = self._stripe.v1.payment_intents
        return await self._ask("payment", intents.retrieve_async, intent, {"expand": ["latest_charge"]})

    async def _pages(
        self, listing: Callable[..., Awaitable[StripeObject]], params: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        """Go through a list, page by page, newest first."""
        while True:
            page = await self._ask("list", listing, params)
            for body in page["data"]:
                yield self._checked(body)
            if not page["has_more"]:
                return
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def _ask(self, what: str, method: Callable[..., Awaitable[StripeObject]], *given: Any) -> dict[str, Any]:
        """Ask, and give the answer as plain JSON; every failure is one of ours, and `what` says of what."""
        pauses = iter(_PAUSES)
        while True:
            try:
                return self._checked((await method(*given)).to_dict())
            except RateLimitError as error:
                pause = next(pauses, None)
                if pause is None:
                    raise PaymentsUnavailable(what) from error
                await asyncio.sleep(pause * random.uniform(1, 2))  # noqa: S311 - to spread requests, not to keep a secret
            except StripeError as error:
                raise _meaning(what, error) from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:  # from reading the body, past the SDK's care
                raise PaymentsUnavailable(what) from error

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        """Refuse an object of the other livemode. Lists and refunds have none."""
        if body.get("livemode", self.livemode) != self.livemode:
            raise WrongAccount(_mode(self.livemode), _mode(not self.livemode))
        return body


def _meaning(what: str, error: StripeError) -> PaymentsRefused | PaymentsUnavailable:
    """Tell a refusal from doubt. `error.code` may be empty where `error.error.code` is not."""
    status = error.http_status
    if status not in _NO or status in _NOT_NOW:
        return PaymentsUnavailable(what)
    detail = error.error
    code = (detail.code if detail else None) or error.code or type(error).__name__
    return PaymentsRefused(code, error.user_message or "", (detail.param if detail else None) or "")


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"
