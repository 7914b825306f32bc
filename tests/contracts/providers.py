"""The payment providers that the contract of Payments is run on. A further one is one more line in PROVIDERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from adapters.sandbox import Sandbox
from adapters.sandbox.faults import Fault
from adapters.stripe.payments import StripePayments
from bot.ports import Payments, Session
from tests.adapters.sandbox.buyer import CARD, DECLINED, SEPA, SEPA_FAILS, Buyer
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

    def fail(self, when: When) -> None:
        """Be unreachable at the next call."""
        self.payments.fail(when)


class AtStripe:
    """Stripe's SDK against the sandbox."""

    def __init__(self, sandbox: Sandbox, payments: StripePayments, buyer: Buyer) -> None:
        self.payments = payments
        self._sandbox = sandbox
        self._buyer = buyer

    async def pay(self, session: Session, how: How = "card") -> None:
        """Pay on the session's page."""
        await self._buyer.pay(session.url, _NUMBERS[how])

    async def settle(self, session: Session) -> None:
        """Let a delayed payment come to its end."""
        self._sandbox.settle(KEY, (await self.payments.session(session.id)).payment_intent)

    async def renew(self, subscription: str) -> None:
        """Bring a subscription to its next month, or to its end."""
        self._sandbox.renew(KEY, subscription)

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
    ):
        payments = StripePayments(account="water", key=KEY, base=sandbox.base)
        try:
            yield AtStripe(sandbox, payments, buyer)
        finally:
            await payments.aclose()


PROVIDERS: dict[str, Callable[[Path], AbstractAsyncContextManager[Provider]]] = {
    "stripe": _at_stripe,
    "fake": _in_memory,
}
