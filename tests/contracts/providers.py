"""The payment providers that the contract of Payments is run on. A further one is one more line in PROVIDERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol

from adapters.sandbox import Endpoint, Sandbox
from adapters.sandbox.disputes import Claim
from adapters.sandbox.faults import Fault
from adapters.sandbox.webhooks import Mischief
from adapters.stripe.payments import StripePayments
from bot.ports import Invoice, Payments, Session
from tests.adapters.sandbox.buyer import CARD, DECLINED, SEPA, SEPA_FAILS, Buyer
from tests.adapters.sandbox.endpoint import Taken
from tests.fakes.payments import FakePayments, How, When

KEY = "sk_test_contract"
_NUMBERS: dict[How, str] = {"card": CARD, "declined": DECLINED, "later": SEPA, "later_fails": SEPA_FAILS}


class Provider(Protocol):
    """A provider under test: the port, the payer's part, and the provider's own."""

    @property
    def payments(self) -> Payments:
        """The port."""
        ...

    async def pay(self, session: Session, how: How = "card") -> None:
        """Pay on the session's page."""
        ...

    async def settle(self, session: Session) -> None:
        """Let a delayed payment come to its end."""
        ...

    async def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end."""
        ...

    async def renewal(self, subscription: str, *, paid: bool) -> str:
        """Bring a subscription to its next month, its card declined unless `paid`; gives the invoice's id."""
        ...

    async def retry(self, invoice: str, *, paid: bool) -> None:
        """Try an invoice's card again."""
        ...

    async def mend(self, invoice: Invoice) -> None:
        """Pay an invoice on its page with another card."""
        ...

    async def cancel(self, subscription: str) -> None:
        """End a subscription in the dashboard, at once."""
        ...

    async def reprice(self, subscription: str, minor: int) -> None:
        """Change in the dashboard what a subscription costs."""
        ...

    async def at_portal(self, subscription: str, does: Literal["cancel", "resume"]) -> None:
        """End a subscription with its period in the portal, as its payer does, or take that back."""
        ...

    async def give_back(self, payment_intent: str, minor: int) -> str:
        """Refund in the dashboard; gives the refund's id."""
        ...

    async def refund_fails(self, refund: str) -> None:
        """Let a refund fail."""
        ...

    async def dispute(self, payment_intent: str, *, inquiry: bool = False) -> str:
        """Have a payment disputed; gives the dispute's id."""
        ...

    async def decide(self, dispute: str, outcome: Literal["won", "lost"]) -> None:
        """Have the bank decide a dispute."""
        ...

    async def escalate(self, dispute: str) -> None:
        """Let an inquiry become a dispute."""
        ...

    async def pay_out(self) -> str:
        """Pay out all euros that are there; gives the payout's id."""
        ...

    def webhooks(self, *, lost: bool) -> None:
        """Take every event by webhook from now on, or lose it on its way."""
        ...

    async def delivered(self) -> None:
        """Let every event arrive that is not lost."""
        ...

    def fail(self, when: When) -> None:
        """Be unreachable at the next call that changes something, before or after having acted."""
        ...


class InMemory:
    """The fake."""

    def __init__(self) -> None:
        self.payments = FakePayments(account="water")

    async def pay(self, session: Session, how: How = "card") -> None:
        """Pay on the session's page."""
        self.payments.pay(session.id, how)

    async def settle(self, session: Session) -> None:
        """Let a delayed payment come to its end."""
        self.payments.settle(session.id)

    async def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end."""
        self.payments.renew(subscription)

    async def renewal(self, subscription: str, *, paid: bool) -> str:
        """Bring a subscription to its next month."""
        return self.payments.renew(subscription, paid=paid)

    async def retry(self, invoice: str, *, paid: bool) -> None:
        """Try an invoice's card again."""
        self.payments.retry(invoice, paid=paid)

    async def mend(self, invoice: Invoice) -> None:
        """Pay an invoice on its page with another card."""
        self.payments.mend(invoice.id)

    async def cancel(self, subscription: str) -> None:
        """End a subscription at once."""
        self.payments.give_up(subscription)

    async def reprice(self, subscription: str, minor: int) -> None:
        """Change what a subscription costs."""
        self.payments.alter(subscription, minor)

    async def at_portal(self, subscription: str, does: Literal["cancel", "resume"]) -> None:
        """End a subscription with its period, or take that back."""
        if does == "cancel":
            self.payments.leave(subscription)
        else:
            self.payments.resume(subscription)

    async def give_back(self, payment_intent: str, minor: int) -> str:
        """Refund in the dashboard."""
        return self.payments.give_back(payment_intent, minor)

    async def refund_fails(self, refund: str) -> None:
        """Let a refund fail."""
        self.payments.refund_fails(refund)

    async def dispute(self, payment_intent: str, *, inquiry: bool = False) -> str:
        """Have a payment disputed."""
        return self.payments.dispute(payment_intent, inquiry=inquiry)

    async def decide(self, dispute: str, outcome: Literal["won", "lost"]) -> None:
        """Have the bank decide a dispute."""
        self.payments.decide(dispute, outcome)

    async def escalate(self, dispute: str) -> None:
        """Let an inquiry become a dispute."""
        self.payments.escalate(dispute)

    async def pay_out(self) -> str:
        """Pay out all euros that are there."""
        return self.payments.balance.pay_out("EUR")

    def webhooks(self, *, lost: bool) -> None:
        """Lose what comes from now on, or no more of it."""
        self.payments.lose(10**6 if lost else 0)

    async def delivered(self) -> None:
        """Let every event arrive."""
        self.payments.news()

    def fail(self, when: When) -> None:
        """Be unreachable at the next call."""
        self.payments.fail(when)


class AtStripe:
    """Stripe's SDK against the sandbox."""

    def __init__(self, sandbox: Sandbox, payments: StripePayments, buyer: Buyer, taken: Taken) -> None:
        self.payments = payments
        self._sandbox = sandbox
        self._buyer = buyer
        self._taken = taken

    async def pay(self, session: Session, how: How = "card") -> None:
        """Pay on the session's page."""
        await self._buyer.pay(session.url, _NUMBERS[how])

    async def settle(self, session: Session) -> None:
        """Let a delayed payment come to its end."""
        self._sandbox.settle(KEY, (await self.payments.session(session.id)).payment_intent)

    async def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end."""
        self._sandbox.renew(KEY, subscription)

    async def renewal(self, subscription: str, *, paid: bool) -> str:
        """Bring a subscription to its next month."""
        return str(self._sandbox.renew(KEY, subscription, paid=paid)["latest_invoice"])

    async def retry(self, invoice: str, *, paid: bool) -> None:
        """Try an invoice's card again."""
        self._sandbox.retry(KEY, invoice, paid=paid)

    async def mend(self, invoice: Invoice) -> None:
        """Pay an invoice on its page with another card."""
        assert (await self._buyer.pay(invoice.pay_url, "5555 5555 5555 4444")).status == 303

    async def cancel(self, subscription: str) -> None:
        """End a subscription in the dashboard, at once."""
        self._sandbox.cancel(KEY, subscription)

    async def reprice(self, subscription: str, minor: int) -> None:
        """Change in the dashboard what a subscription costs."""
        self._sandbox.reprice(KEY, subscription, minor)

    async def at_portal(self, subscription: str, does: Literal["cancel", "resume"]) -> None:
        """Press the button in the portal."""
        url = await self.payments.portal(subscription, return_url="https://shop.example/")
        assert (await self._buyer.post(url, {"action": does, "subscription": subscription})).status == 303

    async def give_back(self, payment_intent: str, minor: int) -> str:
        """Refund in the dashboard."""
        return str(self._sandbox.refund(KEY, payment_intent, minor)["id"])

    async def refund_fails(self, refund: str) -> None:
        """Let a refund fail."""
        self._sandbox.fail_refund(KEY, refund)

    async def dispute(self, payment_intent: str, *, inquiry: bool = False) -> str:
        """Have a payment disputed."""
        return str(self._sandbox.dispute(KEY, payment_intent, Claim(inquiry=inquiry))["id"])

    async def decide(self, dispute: str, outcome: Literal["won", "lost"]) -> None:
        """Have the bank decide a dispute."""
        self._sandbox.decide(KEY, dispute, outcome)

    async def escalate(self, dispute: str) -> None:
        """Let an inquiry become a dispute."""
        self._sandbox.decide(KEY, dispute, "disputed")

    async def pay_out(self) -> str:
        """Pay out all that is there."""
        return str(self._sandbox.pay_out(KEY)[0]["id"])

    def webhooks(self, *, lost: bool) -> None:
        """Listen, and lose what comes from now on, or not."""
        self._sandbox.listen(KEY, Endpoint(self._taken.url, self._taken.secret))
        self._sandbox.disturb(Mischief(drop=10**6 if lost else 0))

    async def delivered(self) -> None:
        """Wait until every event that is not lost was taken."""
        await self._sandbox.delivered()

    def fail(self, when: When) -> None:
        """Close the connection of the next call that changes something, and of the SDK's own second try."""
        self._sandbox.fail(Fault("close", when=when, method="POST", count=2))


@asynccontextmanager
async def _in_memory(_: Path) -> AsyncIterator[Provider]:
    yield InMemory()


@asynccontextmanager
async def _at_stripe(folder: Path) -> AsyncIterator[Provider]:
    async with (
        Sandbox(path=folder / "sandbox.sqlite3", accounts={KEY: None}, settle_after=3600) as sandbox,
        Buyer() as buyer,
        Taken("whsec_contract") as taken,
    ):
        payments = StripePayments(account="water", key=KEY, base=sandbox.base)
        try:
            yield AtStripe(sandbox, payments, buyer, taken)
        finally:
            await payments.aclose()


PROVIDERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Provider]]] = {
    "stripe": _at_stripe,
    "fake": _in_memory,
}
