"""Bookkeeping: fetches what a month's statements are made of, from Stripe's balance and from our orders; changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.errors import StatementDiffers
from bot.link_sales import sold
from bot.money import Money, total
from bot.orders import Order
from bot.ports import Payments, Store, Transaction
from bot.settings import Settings
from bot.statements import Month, Statement, goods_or_cause, order_of, state

#: How often a balance is read again that moved while its lines were listed.
TRIES: Final = 5
#: Lines are listed up to so far after now, for a provider whose clock is ahead of ours.
AHEAD: Final = timedelta(days=1)
#: Before every account there is: Stripe opened to the public in September 2011.
BEGINNING: Final = datetime(2010, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bookkeeping:
    """Statements of the accounts that the settings name."""

    store: Store
    #: Account name to its payments; "" is the shop's own.
    payments: Callable[[str], Payments]
    settings: Settings
    now: Callable[[], datetime]

    async def statements(
        self, account: str, month: Month, *, cause: str = "", prove: bool = False
    ) -> Sequence[Statement]:
        """State an account's month, one statement a currency; with `cause`, in the shop's account, its gifts alone.

        The closing balance is what the account holds now less what moved since; the opening one, that less the month.
        With `prove` every line since the account's beginning is listed, and must come to what it holds now. Raises
        StatementDiffers, PaymentsError, StoreUnavailable, and LookupError for an account that the config does not name.
        """
        since = BEGINNING if prove else month.since
        lines, held = await self._read(account, since)
        if prove:
            _proved(account, lines, held)
        until = month.until.astimezone(UTC)
        mine = [each for each in lines if month.holds(each.created)]
        after = [each for each in lines if each.created >= until]
        currencies = {*held, *(each.net.currency for each in lines)}
        closing = {name: held.get(name, Money(0, name)) - _net(after, name) for name in currencies}
        named = {each.id: each.name for each in self.settings.causes.values()}
        return state(
            month,
            mine,
            await self._orders(mine),
            account=account,
            label=lambda order: goods_or_cause(order, named),
            cause=cause,
            closing=None if cause and account != cause else closing,
            links=await self._links(),
        )

    async def _read(self, account: str, since: datetime) -> tuple[Sequence[Transaction], Mapping[str, Money]]:
        """List the lines since then, and say what is held: both of one moment."""
        payments = self.payments(account)
        for _ in range(TRIES):
            before = await payments.held()
            lines = await payments.transactions(since=since, until=self.now() + AHEAD)
            if list(await payments.held()) == list(before):
                return lines, {amount.currency: amount for amount in before}
        raise StatementDiffers(account, f"the balance moved {TRIES} times while it was read; try again")

    async def _orders(self, lines: Sequence[Transaction]) -> Mapping[str, Order]:
        """Find the order of each line that has one, by the line's id."""
        async with self.store.surveying() as unit:
            by_payment = await unit.orders.paid_with({each.payment_intent for each in lines if each.payment_intent})
            numbers = {each.order for each in lines if each.order and each.payment_intent not in by_payment}
            found = [await unit.orders.get(number) for number in sorted(numbers)]
        by_number = {order.id: order for order in found if order is not None}
        pairs = ((each.id, order_of(each, by_payment, by_number)) for each in lines)
        return {name: order for name, order in pairs if order is not None}

    async def _links(self) -> Mapping[str, str]:
        """Say what Payment Links sold, by the payment: by its label, by its id where the shop has it no more."""
        async with self.store.surveying() as unit:
            named = await sold(unit)
        variants = self.settings.catalogue.variants
        return {name: variants[id_].label if id_ in variants else id_ for name, id_ in named.items()}


def _net(lines: Sequence[Transaction], currency: str) -> Money:
    return total((each.net for each in lines if each.net.currency == currency), currency)


def _proved(account: str, lines: Sequence[Transaction], held: Mapping[str, Money]) -> None:
    for currency in sorted({*held, *(each.net.currency for each in lines)}):
        net, holds = _net(lines, currency), held.get(currency, Money(0, currency))
        if net != holds:
            what = f"all lines since the beginning come to {net}, while the account holds {holds}"
            raise StatementDiffers(account, what)
