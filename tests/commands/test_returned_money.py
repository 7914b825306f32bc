"""What people and staff read of money that goes back, word for word in each language."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.chat import Card, Form
from bot.errors import BeyondLeft, OwnRequest, UnknownRefund
from bot.money import Money
from bot.orders import Move, State
from bot.outbox import Warned
from bot.ports import Dispute, News
from bot.refunds import ELSEWHERE, RefundEntry, Stage
from bot.returns import Returns
from commands import reasons, refunds, staff
from commands.order_card import order_card
from commands.replies import Replies
from commands.shop import shop
from tests.bot.rig import NOON, Rig
from tests.commands.flat import flat, hold
from tests.commands.test_goldens import GIVEN, LOCALES, PAID


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


ASKED = RefundEntry("T7K3M9QX-R1", PAID.id, eur(500), "one is chipped", "slack:boss", "i1", Stage.ASKED, NOON)
ENTRIES = (
    ASKED,
    replace(ASKED, id="T7K3M9QX-R2", stage=Stage.APPROVED, reason=""),
    replace(ASKED, id="T7K3M9QX-R3", stage=Stage.DONE),
    replace(ASKED, id="T7K3M9QX-R4", stage=Stage.REFUSED, why="declined"),
    replace(ASKED, id="T7K3M9QX-R5", stage=Stage.FAILED, asked_by=ELSEWHERE, reason=""),
)
OPEN = Dispute("du_1", "", True, "pi_1", eur(2700), "open", "fraudulent", NOON + timedelta(days=9))
DISPUTES = (OPEN, replace(OPEN, due=None), replace(OPEN, status="won"), replace(OPEN, status="lost"))
WARNED = (
    Warned("alert.dispute_open_due", {"number": PAID.id, "amount": eur(2700), "reason": "general", "due": NOON}),
    Warned("alert.dispute_open", {"number": PAID.id, "amount": eur(2700), "reason": "general"}),
    Warned("alert.dispute_due", {"number": PAID.id, "amount": eur(2700), "due": NOON}),
    Warned("alert.dispute_won", {"number": PAID.id, "amount": eur(2700), "reason": "general"}),
    Warned("alert.dispute_lost", {"number": PAID.id, "amount": eur(2700), "reason": "general"}),
    Warned("alert.goes_on", {"number": PAID.id, "subscription": "sub_1"}),
    Warned("alert.dispute_lost_foreign", {"number": PAID.id, "amount": Money(2900, "USD"), "reason": "general"}),
    Warned("alert.refund_asked", {"number": PAID.id, "amount": eur(500), "refund": ASKED.id}),
    Warned("alert.refund_failed", {"number": PAID.id, "amount": eur(500)}),
    Warned("alert.refund_refused", {"number": PAID.id, "amount": eur(500), "why": "charge_disputed"}),
)
WHYS = (
    "asked for in chat",
    "session open",
    "session expired",
    "no session at Stripe",
    "went to pay, terms shown",
    "terms accepted by paying",
    "paid",
    "paid, not settled",
    "payment failed",
    "invoice paid",
    "delivered in chat",
    "shipped",
    "problem noted",
    "late payment, refunded",
    "refunded in full",
    "refund asked for",
    "refused by Stripe: amount_too_small",
    "refunded 5.00 EUR of 27.00 EUR",
    "refund of 5.00 EUR asked for",
    "refund of 5.00 EUR approved",
    "refund of 5.00 EUR declined",
    "refund of 5.00 EUR declined: it was worn",
    "refund of 5.00 EUR failed",
    "refund of 1.500 KWD refused: charge_disputed",
    "dispute open: 27.00 EUR, fraudulent",
    "dispute won: 27.00 EUR, fraudulent",
    "dispute lost: 27.00 EUR, fraudulent",
    "something that only this history knows",
)


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_is_read_of_money_that_goes_back(rig: Rig, locale: str) -> None:
    """Cards of staff, buyer and admins, the form, the refusals, and the history's reasons read as they were approved."""
    ctx = await rig.context("boss", locale=locale)
    returned = replace(PAID, refunded=eur(500))
    lost = replace(PAID, disputed_away=eur(2700))

    def told(kind: str, reason: str) -> Card:
        detail = json.dumps({"minor": 500, "reason": reason})
        return Replies().news(ctx, News("slack:ann", 1, kind, PAID.id, NOON, detail=detail), returned)

    shown: dict[str, Card | Form] = {
        "staff, with refunds": staff.card(ctx, returned, Returns(ENTRIES)),
        "staff, with disputes": staff.card(ctx, replace(PAID, disputed=True), Returns((), DISPUTES)),
        "staff, money gone": staff.card(ctx, lost, Returns((), DISPUTES[-1:])),
        "buyer, a part": told("refunded", "one is chipped"),
        "buyer, a part, no reason": told("refunded", ""),
        "buyer, did not arrive": told("refund_failed", ""),
        "buyer, taken back": order_card(ctx, lost),
        "giver, taken back": order_card(ctx, replace(GIVEN, disputed_away=eur(1000))),
        "form": refunds.form(ctx, shop.steps["shop.refund"], PAID.id, "one is chipped"),
        **{warned.key: refunds.warning(ctx, warned) for warned in WARNED},
        **{
            type(error).__name__: Replies().refusal(ctx, error)
            for error in (
                BeyondLeft(PAID.id, eur(5000), eur(2700)),
                OwnRequest(ASKED.id),
                UnknownRefund("T7K3M9QX-R9"),
            )
        },
        "answers": Card("", tuple(line for entry in (None, *ENTRIES) for line in refunds.answer(ctx, entry))),
        "reasons": Card("", tuple(reasons.reason(ctx, why) for why in WHYS)),
    }
    hold(f"returns.{locale}", "\n\n".join(f"=== {name}\n{flat(each)}" for name, each in shown.items()))


async def test_every_reason_that_the_house_writes_has_its_words(rig: Rig) -> None:
    """An order's whole way, by refund and dispute, is told in the reader's language: nothing stays as it was kept."""
    order = await rig.paid(await rig.place())
    await rig.say(f"/shop refund {order.id} 1 late", "boss")
    dispute = rig.stripe.dispute(order.payment_intent)
    await rig.deliver()
    rig.stripe.decide(dispute, "lost")
    await rig.deliver()
    moves: list[Move] = list(await rig.history(order.id))
    assert len(moves) > 6
    assert moves[-1].target is State.PAID
    ctx = await rig.context("boss", locale="fr")
    assert [move.why for move in moves if reasons.reason(ctx, move.why) == (move.why,)] == []
