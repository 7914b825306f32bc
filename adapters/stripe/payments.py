"""The Payments port through Stripe's SDK: one account, by its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from adapters.stripe import balance, shapes
from adapters.stripe.connection import VERSION, Connection
from adapters.stripe.limits import to_stripe
from adapters.stripe.requests import change_params, coupon_params, session_params
from adapters.stripe.shapes import TYPES
from bot.errors import BadAmount, PaymentsRefused, PaymentsUnavailable
from bot.money import Money
from bot.ports import Checkout, Event, Payment, Session, Subject, Subscription, Transaction
from bot.tracing import UNTRACED, Tracing

__all__ = ["VERSION", "StripePayments"]


class StripePayments:
    """One Stripe account. `base` sends the SDK elsewhere than to api.stripe.com."""

    def __init__(self, *, account: str, key: str, base: str = "", tracing: Tracing = UNTRACED) -> None:
        self.account: Final = account
        self._connection: Final = Connection(key=key, base=base, tracing=tracing)
        self._ask: Final = self._connection.ask
        self._pages: Final = self._connection.pages
        self._v1: Final = self._connection.v1

    @property
    def livemode(self) -> bool:
        """Whether real money moves, as the key says."""
        return self._connection.livemode

    async def open(self, checkout: Checkout, *, key: str) -> Session:
        """Open a checkout session; with a discount, a coupon of its own first, under a key derived from `key`."""
        v1, coupon = self._v1, ""
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
        body = await self._ask("session", self._v1.checkout.sessions.retrieve_async, session_id)
        return await self._session(body)

    async def find(self, order: str, *, since: datetime) -> Session | None:
        """Look through the sessions made since then, newest first."""
        params: Any = {"created": {"gte": int(since.timestamp())}}
        async for body in self._pages(self._v1.checkout.sessions.list_async, params):
            if shapes.order_of(body) == order:
                return await self._session(body)
        return None

    async def expire(self, session_id: str) -> Session:
        """Ask that an open session ends, and say what it is now."""
        try:
            body = await self._ask("session", self._v1.checkout.sessions.expire_async, session_id)
        except PaymentsRefused as error:
            now = await self.session(session_id)
            if now.status == "open":
                raise error from None
            return now
        return await self._session(body)

    async def refund(self, payment_intent: str, amount: Money | None, *, key: str) -> Payment:
        """Give back `amount`, or all that is left; what was given back before is no error."""
        params: dict[str, Any] = {"payment_intent": payment_intent, "metadata": {"key": key}}
        try:
            if amount is not None:
                params["amount"] = to_stripe(amount)
            await self._ask("refund", self._v1.refunds.create_async, params, {"idempotency_key": key})
        except BadAmount as error:
            raise PaymentsRefused("invalid_charge_amount", str(error)) from error
        except PaymentsRefused as error:
            if error.code != "charge_already_refunded":
                raise
        except PaymentsUnavailable:
            # Stripe keeps even a 500 under the key: had it acted, asking again would never tell, so look.
            now = await self.payment(payment_intent)
            if all(refund.key != key for refund in now.refunds):
                raise
            return now
        return await self.payment(payment_intent)

    async def stop(self, subscription: str) -> Subscription:
        """Let a subscription end with the period that is paid for; one that has ended already is said as it is."""
        subscriptions = self._v1.subscriptions
        try:
            body = await self._ask(
                "subscription", subscriptions.update_async, subscription, {"cancel_at_period_end": True}
            )
        except PaymentsRefused:
            body = await self._ask("subscription", subscriptions.retrieve_async, subscription)
            if shapes.subscription(body, self.account).status != "ended":
                raise
        return shapes.subscription(body, self.account)

    async def end(self, subscription: str) -> Subscription:
        """End a subscription at once; one that has ended already is said as it is."""
        subscriptions = self._v1.subscriptions
        try:
            body = await self._ask("subscription", subscriptions.cancel_async, subscription)
        except PaymentsRefused:
            body = await self._ask("subscription", subscriptions.retrieve_async, subscription)
            if shapes.subscription(body, self.account).status != "ended":
                raise
        return shapes.subscription(body, self.account)

    async def change(self, subscription: str, amount: Money, *, key: str) -> Subscription:
        """Let a subscription of one thing cost `amount` from its next invoice on."""
        subscriptions = self._v1.subscriptions
        now = await self._ask("subscription", subscriptions.retrieve_async, subscription)
        try:
            params = change_params(now, amount)
        except BadAmount as error:
            raise PaymentsRefused("invalid_charge_amount", str(error)) from error
        once = {"idempotency_key": key}
        return shapes.subscription(
            await self._ask("subscription", subscriptions.update_async, subscription, params, once), self.account
        )

    async def portal(self, subscription: str, *, return_url: str) -> str:
        """Open a session of the customer portal: https://docs.stripe.com/api/customer_portal/sessions/create."""
        body = await self._ask("subscription", self._v1.subscriptions.retrieve_async, subscription)
        params = {"customer": shapes.named(body["customer"]), "return_url": return_url}
        return str((await self._ask("portal", self._v1.billing_portal.sessions.create_async, params))["url"])

    async def look(self, event: Event) -> Subject | None:
        """Fetch the object that an event speaks of, as it is now."""
        if event.type not in TYPES or not event.object_id:
            return None
        v1, name = self._v1, event.object_id
        match event.type.split("."):
            case ["checkout", "session", *_]:
                body = await self._ask("session", v1.checkout.sessions.retrieve_async, name)
                return await self._session(body) if shapes.takes_money(body) else None
            case ["charge", "dispute", *_]:
                return shapes.dispute(await self._ask("dispute", v1.disputes.retrieve_async, name), self.account)
            case ["refund", *_] | ["charge", "refund", *_]:
                return await self._paid_by(await self._ask("refund", v1.refunds.retrieve_async, name))
            case ["charge", *_]:
                return await self._paid_by(await self._ask("charge", v1.charges.retrieve_async, name))
            case ["payment_intent", *_]:
                return await self.payment(name)
            case ["invoice", *_]:
                body = await self._ask("invoice", v1.invoices.retrieve_async, name, {"expand": ["payments"]})
                return shapes.invoice(body, self.account)
            case _:
                body = await self._ask("subscription", v1.subscriptions.retrieve_async, name)
                return shapes.subscription(body, self.account)

    async def events(self, *, since: datetime, undelivered: bool = False) -> Sequence[Event]:
        """List events created since then, oldest first. Stripe keeps them for 30 days."""
        params: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "types": list(TYPES)}
        if undelivered:
            params["delivery_success"] = False
        found = [shapes.event(body, self.account) async for body in self._pages(self._v1.events.list_async, params)]
        return found[::-1]

    async def payment(self, payment_intent: str) -> Payment:
        """Say what a payment is now, with every attempt on it."""
        v1 = self._v1
        body = await self._ask("payment", v1.payment_intents.retrieve_async, payment_intent)
        params = {"payment_intent": payment_intent, "expand": ["data.refunds"]}
        charges = [charge async for charge in self._pages(v1.charges.list_async, params)]
        refunds = [refund for charge in charges for refund in charge["refunds"]["data"]]
        if any(charge["refunds"]["has_more"] for charge in charges):
            listed = self._pages(v1.refunds.list_async, {"payment_intent": payment_intent})
            refunds = [refund async for refund in listed]
        return shapes.payment(body, self.account, charges, refunds)

    async def sessions(self, *, since: datetime) -> Sequence[Session]:
        """List the complete sessions made since then, oldest first."""
        params: dict[str, Any] = {"created": {"gte": int(since.timestamp())}, "status": "complete"}
        params["expand"] = ["data.payment_intent.latest_charge"]
        listed = self._pages(self._v1.checkout.sessions.list_async, params)
        return [await self._session(body) async for body in listed if shapes.takes_money(body)][::-1]

    async def transactions(self, *, since: datetime, until: datetime) -> Sequence[Transaction]:
        """List the lines of the balance from `since` to before `until`, oldest first."""
        return await balance.transactions(self._connection, self.account, since=since, until=until)

    async def held(self) -> Sequence[Money]:
        """Say what the account holds now, an amount for each currency."""
        return await balance.held(self._connection)

    async def going_on(self) -> Sequence[Subscription]:
        """List the subscriptions that have not ended. Stripe leaves out those that were cancelled."""
        listed = self._pages(self._v1.subscriptions.list_async, {})
        found = [shapes.subscription(body, self.account) async for body in listed]
        return [each for each in found if each.status != "ended"][::-1]

    async def charges_enabled(self) -> bool:
        """Tell whether the account may take payments."""
        return bool((await self._ask("account", self._v1.accounts.retrieve_current_async))["charges_enabled"])

    async def portal_is_set_up(self) -> bool:
        """Tell whether the customer portal has the default configuration that its sessions need.

        https://docs.stripe.com/api/customer_portal/configurations/list
        """
        listing = self._v1.billing_portal.configurations.list_async
        params = {"active": True, "is_default": True}
        return any([body["is_default"] async for body in self._pages(listing, params)])

    async def endpoints(self) -> Sequence[dict[str, Any]]:
        """List the account's webhook endpoints, as https://docs.stripe.com/api/webhook_endpoints/object has them."""
        return [body async for body in self._pages(self._v1.webhook_endpoints.list_async, {})]

    async def aclose(self) -> None:
        """Close the SDK's connections."""
        await self._connection.aclose()

    async def _session(self, body: shapes.Body) -> Session:
        """Read a session, with its payment where it is complete."""
        intent: Any = body.get("payment_intent")
        if not intent and body.get("invoice") and body["status"] == "complete":
            invoices, name = self._v1.invoices, shapes.named(body["invoice"])
            intent = shapes.paid_with(
                await self._ask("invoice", invoices.retrieve_async, name, {"expand": ["payments"]})
            )
        if not intent or body["status"] != "complete":
            return shapes.session(body, self.account, None)
        if not isinstance(intent, Mapping):
            intents = self._v1.payment_intents
            intent = await self._ask("payment", intents.retrieve_async, intent, {"expand": ["latest_charge"]})
        return shapes.session(body, self.account, intent)

    async def _paid_by(self, body: shapes.Body) -> Payment | None:
        """Look at the payment that a charge or a refund belongs to; None where it is one without a payment intent."""
        intent = shapes.named(body.get("payment_intent"))
        return await self.payment(intent) if intent else None
