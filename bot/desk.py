"""What every use case works with: the ports, the shop as it is now, and the addresses that Tillbot answers at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.orders import Order
from bot.ports import Clock, Jobs, Payments, Store
from bot.shop import Shop
from bot.tokens import Signer


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where people are sent: our own pages where there is a public address, else Stripe's and the shop's homepage."""

    signer: Signer
    shop: Callable[[], Shop]

    @property
    def public(self) -> str:
        """The public address without a slash at its end, "" where there is none."""
        return self.shop().settings.web.public_url.rstrip("/")

    def pay(self, order: Order) -> str:
        """Where the buyer pays."""
        return f"{self.public}/pay/{self._token(order.id)}" if self.public else order.session_url

    def success(self, order_id: str) -> str:
        """Where Stripe sends them after payment."""
        return f"{self.public}/thanks/{self._token(order_id)}" if self.public else self.shop().settings.homepage

    def cancelled(self, order_id: str) -> str:
        """Where Stripe's back button leads."""
        return f"{self.public}/cancelled/{self._token(order_id)}" if self.public else self.shop().settings.homepage

    def order_of(self, token: str) -> str | None:
        """Read the order's number from a page's token; None where we did not sign it."""
        return self.signer.read("pay", token)

    def _token(self, order_id: str) -> str:
        return self.signer.sign("pay", order_id)


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports and the shop, as every use case needs them."""

    store: Store
    jobs: Jobs
    #: Account name to its payments; "" is the shop's own.
    payments: Callable[[str], Payments]
    shop: Callable[[], Shop]
    clock: Clock
    addresses: Addresses
    signer: Signer
