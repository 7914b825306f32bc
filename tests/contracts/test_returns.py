"""The contracts of RefundBook and DisputeBook."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.money import Money
from bot.orders import State
from bot.ports import Dispute, Store
from bot.refunds import RefundEntry, Stage
from tests.contracts.samples import NOON, an_order

FULL = RefundEntry(
    id="A-R1",
    order="A",
    amount=Money(500, "EUR"),
    reason="chipped 🫖",
    asked_by="slack:T1/U1",
    asked_with="slack:T1/U1:i1",
    stage=Stage.FAILED,
    asked_at=NOON,
    decided_by="slack:T1/U2",
    decided_at=NOON + timedelta(hours=1),
    provider_id="re_1",
    why="declined",
)
BARE = RefundEntry("A-R2", "A", Money(1, "EUR"), "", "x", "i2", Stage.ASKED, NOON)
DISPUTE = Dispute("du_1", "water", True, "pi_1", Money(1250, "EUR"), "open", "fraudulent", NOON)


@pytest.fixture
async def with_order(store: Store) -> Store:
    async with store.unit() as unit:
        await unit.orders.add(an_order("A", state=State.PAID), "new")
    return store


async def test_every_column_of_a_refund_comes_back(with_order: Store) -> None:
    """A refund is read back exactly as it was written, by its number, its interaction and its order."""
    assert [each.name for each in fields(RefundEntry) if getattr(FULL, each.name) == each.default] == []
    async with with_order.unit() as unit:
        await unit.refunds.put(FULL)
        await unit.refunds.put(BARE)
    async with with_order.reading() as unit:
        assert await unit.refunds.get("A-R1") == FULL
        assert await unit.refunds.asked_with("slack:T1/U1:i1") == FULL
        assert await unit.refunds.of("A") == [FULL, BARE]
        assert await unit.refunds.get("A-R3") is None
        assert await unit.refunds.of("B") == []


async def test_a_refund_changes_and_keeps_its_place(with_order: Store) -> None:
    """A refund written again is the same one, changed, where it stood."""
    done = replace(FULL, stage=Stage.DONE, provider_id="re_2", why="")
    async with with_order.unit() as unit:
        await unit.refunds.put(FULL)
        await unit.refunds.put(BARE)
        await unit.refunds.put(done)
    async with with_order.reading() as unit:
        assert await unit.refunds.of("A") == [done, BARE]


async def test_an_interaction_asks_for_one_refund(with_order: Store) -> None:
    """A second refund of the same interaction is a ValueError, and its unit leaves nothing."""
    async with with_order.unit() as unit:
        await unit.refunds.put(FULL)
    with pytest.raises(ValueError, match="A-R1"):
        async with with_order.unit() as unit:
            await unit.refunds.put(replace(BARE, asked_with=FULL.asked_with))
    async with with_order.reading() as unit:
        assert await unit.refunds.of("A") == [FULL]


async def test_disputes_come_back_and_change(store: Store) -> None:
    """A dispute is found by its id and its payment, as it was written last; its order need not be known."""
    other = replace(DISPUTE, id="du_2", due=None)
    async with store.unit() as unit:
        await unit.disputes.put(DISPUTE)
        await unit.disputes.put(other)
        await unit.disputes.put(replace(DISPUTE, status="lost"))
    async with store.reading() as unit:
        assert await unit.disputes.get("du_1") == replace(DISPUTE, status="lost")
        assert {dispute.id for dispute in await unit.disputes.of("pi_1")} == {"du_1", "du_2"}
        assert await unit.disputes.of("pi_2") == []
        assert (found := await unit.disputes.get("du_2")) is not None
        assert found.due is None
