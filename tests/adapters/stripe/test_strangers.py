"""What other programs have at the same Stripe account, where the sandbox has no such thing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from adapters.stripe.shapes import LINKED
from bot.ports import Event
from tests.adapters.stripe.test_failures import answering

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_session(name: str, **more: Any) -> dict[str, Any]:
    """Give a complete checkout session as Stripe answers it."""
    charge = {"id": "ch_1", "amount_refunded": 0}
    shown = {
        "id": name,
        "object": "checkout.session",
        "amount_subtotal": 400,
        "amount_total": 400,
        "client_reference_id": "T7K3M9QX",
        "currency": "eur",
        "expires_at": int(AT.timestamp()) + 2100,
        "livemode": False,
        "mode": "payment",
        "payment_intent": {"id": "pi_1", "status": "succeeded", "latest_charge": charge},
        "payment_status": "paid",
        "status": "complete",
        "url": None,
    }
    return shown | more


#: One that keeps a card for later: https://docs.stripe.com/api/checkout/sessions/object#checkout_session_object-mode
KEEPS_A_CARD = a_session(
    "cs_setup",
    amount_subtotal=None,
    amount_total=None,
    client_reference_id=None,
    currency=None,
    mode="setup",
    payment_intent=None,
    payment_status="no_payment_required",
)


async def test_a_session_that_takes_no_money() -> None:
    """A session that only keeps a card is nobody's order: it is left out of the list, and an event of it means nothing."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/cs_setup"):
            return web.json_response(KEEPS_A_CARD)
        listed = [KEEPS_A_CARD, a_session("cs_ours")]
        return web.json_response({"object": "list", "data": listed, "has_more": False, "url": request.path})

    async with answering(answer) as payments:
        [ours] = await payments.sessions(since=AT)
        assert (ours.id, ours.order, ours.payment) == ("cs_ours", "T7K3M9QX", "paid")
        event = Event("evt_1", "", False, "checkout.session.completed", "cs_setup", AT)
        assert await payments.look(event) is None


async def test_a_link_s_session_is_no_order_s() -> None:
    """What a Payment Link sold is nobody's order, whatever reference its visitor gave; the order's own session is found."""
    link = a_session("cs_link", payment_link="plink_1", metadata={LINKED: "mug/blue"})

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("/cs_link"):
            return web.json_response(link)
        listed = [link, a_session("cs_ours")]
        return web.json_response({"object": "list", "data": listed, "has_more": False, "url": request.path})

    async with answering(answer) as payments:
        sold = await payments.session("cs_link")
        assert (sold.order, sold.link, sold.payment) == ("", "mug/blue", "paid")
        ours = await payments.find("T7K3M9QX", since=AT)
        assert ours is not None
        assert ours.id == "cs_ours"
