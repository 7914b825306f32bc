"""The Payments port through Stripe's SDK: one account, by its key."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import stripe
from stripe import AIOHTTPClient, StripeClient, StripeError

from adapters.stripe import shapes
from adapters.stripe.limits import to_stripe
from adapters.stripe.requests import coupon_params, session_params
from bot.errors import PaymentsRefused, PaymentsUnavailable, WrongAccount
from bot.money import Money
from bot.ports import Checkout, Event, Payment, Session, Subject, Subscription

Answer = TypeVar("Answer")

#: The version of Stripe's API that this adapter was written for: https://docs.stripe.com/api/versioning
VERSION: Final = "2026-10-28.endive"
#: Seconds after which one request is given up; a person waits for most of them.
_SECONDS: Final = 8.0
#: The SDK's own tries after the first, with our key; a plain 429 it does not try again.
_RETRIES: Final = 1
_LIVE: Final = ("sk_live_", "rk_live_")
_BROKEN: Final = 500
#: Answers that say nothing of what became of the request: a conflict of two at once, and too many.
_TRY_AGAIN: Final = frozenset({409, 429})
#: What polling asks for: the events that `look` has a use for.
TYPES: Final = (
    "checkout.session.completed",
    "checkout.session.expired",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "invoice.paid",
    "customer.subscription.updated",
    "customer.subscription.deleted",
)


class StripePayments:
    """One Stripe account. `base` sends the SDK elsewhere than to api.stripe.com."""

    def __init__(self, *, account: str, key: str, base: str = "") -> None:
        self.account: Final = account
        self.livemode: Final = key.startswith(_LIVE)
        self._http: Final = AIOHTTPClient(timeout=_SECONDS)
        self._stripe: Final = StripeClient(
            key,
            http_client=self._http,
            stripe_version=VERSION,
            max_network_retries=_RETRIES,
            base_addresses={"api": base.rstrip("/")} if base else None,
        )

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a checkout session; with a discount, a coupon of its own first, under a key derived from `key`."""
        coupon = ""
        if checkout.discount is not None:
            made = await self._ask(
                "coupon",
                self._stripe.v1.coupons.create_async(coupon_params(checkout), {"idempotency_key": f"{key}:coupon"}),
            )
            coupon = made["id"]
        params = session_params(checkout, coupon=coupon)
        body = await self._ask(
            "session", self._stripe.v1.checkout.sessions.create_async(params, {"idempotency_key": key})
        )
        return await self._session(body)

    async def session(self, session_id: str) -> Session:
        """Say what a session is now."""
        body = await self._ask("session", self._stripe.v1.checkout.sessions.retrieve_async(session_id))
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
            body = await self._ask("session", self._stripe.v1.checkout.sessions.expire_async(session_id))
        except PaymentsRefused as error:
            now = await self.session(session_id)
            if now.status == "open":
                raise error from None
            return now
        return await self._session(body)

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give back `amount`, or all that is left; what was given back before is no error."""
        params: Any = {"payment_intent": payment_intent}
        if amount is not None:
            params["amount"] = to_stripe(amount)
        try:
            await self._ask("refund", self._stripe.v1.refunds.create_async(params, {"idempotency_key": key}))
        except PaymentsRefused as error:
            if error.code != "charge_already_refunded":
                raise
        return shapes.payment(await self._payment(payment_intent), self.account)

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with the period that is paid for; one that has ended already is said as it is."""
        params: Any = {"cancel_at_period_end": True}
        try:
            body = await self._ask("subscription", self._stripe.v1.subscriptions.update_async(subscription, params))
        except PaymentsRefused:
            body = await self._ask("subscription", self._stripe.v1.subscriptions.retrieve_async(subscription))
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
                charge = await self._ask("charge", v1.charges.retrieve_async(event.object_id))
                intent = shapes.named(charge.get("payment_intent"))
                return shapes.payment(await self._payment(intent), self.account) if intent else None
            case ["invoice", *_]:
                body = await self._ask("invoice", v1.invoices.retrieve_async(event.object_id, {"expand": ["payments"]}))
                return shapes.invoice(body, self.account)
            case _:
                body = await self._ask("subscription", v1.subscriptions.retrieve_async(event.object_id))
                return shapes.subscription(body, self.account)

    async def events(self, *, since: datetime) -> Sequence[Event]:
        """List events created since then, oldest first. Stripe keeps them for 30 days."""
        params: Any = {"created": {"gte": int(since.timestamp())}, "types": list(TYPES), "limit": 100}
        found = [
            shapes.event(body, self.account) async for body in self._pages(self._stripe.v1.events.list_async, params)
        ]
        return found[::-1]

    async def aclose(self) -> None:
        """Close the SDK's connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    async def _session(self, body: shapes.Body) -> Session:
        """Read a session, with its payment where it is complete."""
        intent = shapes.named(body.get("payment_intent"))
        if not intent and body.get("invoice") and body["status"] == "complete":
            invoice = shapes.named(body["invoice"])
            asked = self._stripe.v1.invoices.retrieve_async(invoice, {"expand": ["payments"]})
            intent = shapes.paid_with(await self._ask("invoice", asked))
        payment = await self._payment(intent) if intent and body["status"] == "complete" else None
        return shapes.session(body, self.account, payment)

    async def _payment(self, intent: str) -> shapes.Body:
        asked = self._stripe.v1.payment_intents.retrieve_async(intent, {"expand": ["latest_charge"]})
        return await self._ask("payment", asked)

    async def _pages(self, listing: Any, params: dict[str, Any]) -> Any:
        """Go through a list, page by page, newest first."""
        while True:
            page = await self._ask("list", listing(params), checked=False)
            for body in page["data"]:
                yield self._checked(body)
            if not page["has_more"]:
                return
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def _ask(self, what: str, asked: Awaitable[Any], *, checked: bool = True) -> dict[str, Any]:
        """Await an answer as plain JSON, with every failure as one of ours."""
        try:
            answer = (await asked).to_dict()
        except StripeError as error:
            raise _meaning(what, error) from error
        except (TimeoutError, OSError) as error:
            raise PaymentsUnavailable(what) from error
        return self._checked(answer) if checked else answer

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        """Refuse an object of the other livemode."""
        if body.get("livemode", self.livemode) != self.livemode:
            raise WrongAccount(_mode(self.livemode), _mode(not self.livemode))
        return body


def _meaning(what: str, error: StripeError) -> PaymentsRefused | PaymentsUnavailable:
    """Tell a refusal from doubt. `error.code` may be empty where `error.error.code` is not."""
    status = error.http_status
    if status is None or status >= _BROKEN or status in _TRY_AGAIN or isinstance(error, stripe.APIConnectionError):
        return PaymentsUnavailable(what)
    detail = error.error
    code = (detail.code if detail else None) or error.code or type(error).__name__
    return PaymentsRefused(code, error.user_message or "", (detail.param if detail else None) or "")


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"
