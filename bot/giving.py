"""Giving: from "twelve euros fifty for clean water" to an order with a pay link. No retirement is asked here: donate stays."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import Context
from bot.checkouts import Checkouts
from bot.desk import Desk
from bot.donations import Gift
from bot.moving import put
from bot.orders import Donation, Line, Order, State
from bot.ports import Checkout
from bot.selling import admit, check_minimum, new_number, try_open


@dataclass(frozen=True, slots=True)
class Giving:
    """Taking gifts."""

    desk: Desk
    checkouts: Checkouts

    async def give(self, ctx: Context, gift: Gift) -> Order:
        """Write the gift's order and open its checkout session. The same interaction again gives the same order."""
        check_minimum(ctx.shop, gift.gross)
        account = gift.cause.account
        async with self.desk.store.unit() as unit:
            known = await unit.orders.asked_by(ctx.key)
            if known is not None:
                return known
            order = Order(
                id=new_number(),
                kind="donate",
                state=State.DRAFT,
                buyer=await admit(self.desk, unit, ctx),
                total=gift.gross,
                created=unit.now,
                asked_by=ctx.key,
                account=account,
                livemode=self.desk.payments(account).livemode,
                expires=self.checkouts.expiry(unit.now),
                donation=Donation(
                    cause=gift.cause.id,
                    net=gift.net,
                    rhythm=gift.rhythm,
                    dedication=gift.dedication,
                    anonymous=gift.anonymous,
                    cover_fees=gift.cover_fees,
                    recipient=gift.cause.recipient,
                    registration=gift.cause.registration,
                ),
            )
            checkout = Checkout(
                order=order.id,
                kind="donate",
                lines=(Line(f"cause/{gift.cause.id}", gift.cause.id, gift.cause.name, 1, gift.gross),),
                total=gift.gross,
                expires=order.expires,
                success_url=self.desk.addresses.success(order.id),
                cancel_url=self.desk.addresses.cancelled(order.id),
                locale=ctx.tongue.locale,
                monthly=gift.rhythm == "monthly",
                terms=ctx.tongue.word("donate.recipient_note", recipient=gift.cause.recipient),
            )
            await put(unit, order, "asked for in chat")
            await self.checkouts.write(unit, checkout, order)
        return await try_open(self.checkouts, order, checkout)
