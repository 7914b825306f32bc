"""Every instant: the work that money hangs on is stopped at each await in turn, and always comes to the same end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

import pytest

from bot.orders import State
from tests.crash.invariants import broken
from tests.crash.repeating import Ending, Nursery, Stagehand

#: How each scene ends, and how many instants it has at the least: fewer would mean that they are no longer counted.
ENDS: Final = {
    "placed": (State.AWAITING, 25),
    "paid": (State.FULFILLED, 80),
    "given monthly": (State.PAID, 60),
    "cancelled": (State.CANCELLED, 50),
    "refunded": (State.REFUNDED, 90),
    "paid late": (State.EXPIRED, 45),
}
#: What breaks when a bug is planted, by the scene it is planted in.
PLANTED: Final = {
    "no_idempotency_key": ("placed", "an order has one checkout session"),
    "tells_outside_the_transaction": ("paid", "every outcome is told"),
    "answers_before_storing": ("paid", "nothing is stuck"),
    "no_inbox": ("paid", "what is paid is delivered once"),
}
#: How many more instants than undisturbed there may be: threads of the database are not always equally fast.
MORE: Final = 50


@pytest.mark.parametrize("scene", ENDS)
async def test_stopped_at_each_instant_it_comes_to_the_same_end(
    scene: str, tmp_path: Path, nurseries: Sequence[Nursery], every: bool
) -> None:
    """Killed at each await in turn, a new process brings the work to the end that it has undisturbed: the same rows."""
    state, least = ENDS[scene]
    hand = Stagehand(nurseries, tmp_path, scene, every=every)
    await hand.prepare()
    undisturbed = await hand.play(0)
    assert undisturbed.evidence.orders[0].state is state
    assert not ills(undisturbed)
    assert undisturbed.instants >= least
    killed, ended = 0, False
    async with aclosing(hand.each(undisturbed.instants + MORE)) as endings:
        async for last, ending in endings:
            assert not ills(ending), f"{scene}, killed at instant {last}"
            assert ending.rows == undisturbed.rows, f"{scene}, killed at instant {last}"
            assert ending.held == undisturbed.held, f"{scene}, killed at instant {last}"
            killed += ending.killed
            ended = ended or not ending.killed
    assert ended
    assert killed >= least


@pytest.mark.parametrize("plant", PLANTED)
async def test_a_planted_bug_is_found(plant: str, tmp_path: Path, nurseries: Sequence[Nursery]) -> None:
    """With a bug planted there is an instant at which a kill breaks the promise that it is about, and no earlier ill."""
    scene, promise = PLANTED[plant]
    lasting = (plant,) if plant == "no_inbox" else ()
    hand = Stagehand(nurseries, tmp_path, scene, plants=(plant,), after=lasting)
    await hand.prepare()
    async with aclosing(hand.each(500)) as endings:
        async for _, ending in endings:
            if promise in ills(ending):
                return
    pytest.fail(f"{plant} was never found")


def ills(ending: Ending) -> dict[str, list[str]]:
    """Give what is broken, apart from what is not over: a hold that goes on, a session that can still be paid."""
    found = broken(ending.evidence)
    (order,) = ending.evidence.orders
    going_on = (f"{order.id} is still awaiting", f"a session of {order.id} can still be paid")
    lasting = order.state is State.AWAITING and not ending.evidence.ledger
    stuck = [
        complaint
        for complaint in found.pop("nothing is stuck", [])
        if not complaint.startswith("a job is left: hold") and not (lasting and complaint in going_on)
    ]
    return found | ({"nothing is stuck": stuck} if stuck else {})
