"""Everything that Stripe can tell of one order, in every order in which it can be told, each also twice: one end.

What happens at Stripe happens in a fixed order; a story is such a list. When it is heard of is free: each event comes at any
time after what it speaks of, and what is fetched then is how things are by then. So for four events there are
7 * 5 * 3 = 105 orders of happening and hearing, and every one is played, on an order of its own in one shop.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, permutations, product

import pytest

from bot.orders import Move, Order, State
from bot.ports import Dispute, Event, Payment, Session, Subject
from bot.refunds import Stage
from bot.selling import wish
from bot.shop import Stock
from tests.bot.rig import SHOP, Rig, World, opened
from tests.bot.test_braking import give

ROOMY = "\n[limits]\nperson = 100000\naddress = 100000\nshop = 100000\ndeclines_person = 1000\ndeclines_shop = 100000\n"

#: What happens next at Stripe to the payment of an order.
Happening = Callable[[Rig, Order], None]


def _intent(rig: Rig, order: Order) -> str:
    payment = rig.stripe.attempted(order.session)
    assert payment is not None
    return payment.id


def _dispute_of(rig: Rig, order: Order) -> str:
    return next(each.id for each in rig.stripe.disputes.values() if each.payment_intent == _intent(rig, order))


def paid(rig: Rig, order: Order) -> None:
    """Pay by card."""
    rig.stripe.pay(order.session)


def paid_later(rig: Rig, order: Order) -> None:
    """Pay by a way that takes days."""
    rig.stripe.pay(order.session, "later")


def fails_later(rig: Rig, order: Order) -> None:
    """Pay by a way that comes to nothing."""
    rig.stripe.pay(order.session, "later_fails")


def settled(rig: Rig, order: Order) -> None:
    """Let the days pass."""
    rig.stripe.settle(order.session)


def declined(rig: Rig, order: Order) -> None:
    """Try a card that is declined."""
    rig.stripe.pay(order.session, "declined")


def expired(rig: Rig, order: Order) -> None:
    """Let the session end unpaid."""
    rig.stripe._expire(order.session)


def part_back(rig: Rig, order: Order) -> None:
    """Refund a part in the dashboard."""
    rig.stripe.give_back(_intent(rig, order), 100)


def rest_back(rig: Rig, order: Order) -> None:
    """Refund what is left in the dashboard."""
    rig.stripe.give_back(_intent(rig, order))


def last_fails(rig: Rig, order: Order) -> None:
    """Let the newest refund fail: its money is with the shop again."""
    rig.stripe.refund_fails(rig.stripe.payments[_intent(rig, order)].refunds[-1].id)


def disputed(rig: Rig, order: Order) -> None:
    """Let the bank dispute it."""
    rig.stripe.dispute(_intent(rig, order))


def won(rig: Rig, order: Order) -> None:
    """Let the bank decide for the shop."""
    rig.stripe.decide(_dispute_of(rig, order), "won")


def lost(rig: Rig, order: Order) -> None:
    """Let the bank decide for the payer."""
    rig.stripe.decide(_dispute_of(rig, order), "lost")


@dataclass(frozen=True)
class End:
    """What an order has come to, whatever its number is and whenever it was heard of."""

    state: State
    paid: int
    refunded: int = 0
    disputed: bool = False
    taken: int = 0
    refunds: tuple[tuple[int, str], ...] = ()
    disputes: tuple[str, ...] = ()
    declines: int = 0


DONE, FAILED = str(Stage.DONE), str(Stage.FAILED)
#: Stories of a zine for 4.00, which is delivered at once, and how each ends.
STORIES: dict[str, tuple[Sequence[Happening], End]] = {
    "refunded in two parts, of which the last fails": (
        (paid, part_back, rest_back, last_fails),
        End(State.FULFILLED, 400, 100, refunds=((100, DONE), (300, FAILED))),
    ),
    "disputed, won, refunded": (
        (paid, disputed, won, rest_back),
        End(State.REFUNDED, 400, 400, refunds=((400, DONE),), disputes=("won",)),
    ),
    "refunded in part, disputed, lost": (
        (paid, part_back, disputed, lost),
        End(State.FULFILLED, 400, 100, taken=300, refunds=((100, DONE),), disputes=("lost",)),
    ),
    "paid by a slow way, refunded in part, disputed": (
        (paid_later, settled, part_back, disputed),
        End(State.FULFILLED, 400, 100, disputed=True, refunds=((100, DONE),), disputes=("open",)),
    ),
    "declined twice, paid, refunded": (
        (declined, declined, paid, rest_back),
        End(State.REFUNDED, 400, 400, refunds=((400, DONE),), declines=2),
    ),
    "declined, expired": ((declined, expired), End(State.EXPIRED, 0, declines=1)),
    "a slow way that fails": ((fails_later, settled), End(State.FAILED, 0)),
    "declined, then a slow way that fails": ((declined, fails_later, settled), End(State.FAILED, 0, declines=1)),
}
#: One that is too long for every interleaving; it is heard of when all is over.
LONG: Sequence[Happening] = (paid, part_back, last_fails, disputed, won, rest_back)
LONG_END = End(State.REFUNDED, 400, 400, refunds=((100, FAILED), (400, DONE)), disputes=("won",))


def interleavings(many: int) -> Iterator[tuple[int, ...]]:
    """Give every order of happening (i + 1 for the i-th, in order) and hearing (-i - 1, after it)."""

    def go_on(happened: int, heard: frozenset[int]) -> Iterator[tuple[int, ...]]:
        if len(heard) == many:
            yield ()
        if happened < many:
            yield from ((happened + 1, *rest) for rest in go_on(happened + 1, heard))
        for each in range(happened):
            if each not in heard:
                yield from ((-each - 1, *rest) for rest in go_on(happened, heard | {each}))

    yield from go_on(0, frozenset())


@dataclass
class Play:
    """A shop in which one order after the other lives through a story."""

    rig: Rig
    numbers: Iterator[int]

    async def order(self) -> Order:
        """Order a zine, as somebody new."""
        ctx = await self.rig.context(f"p{next(self.numbers)}")
        return await ctx.till.selling.place(ctx, wish(ctx, ctx.shop.catalogue.variants["zine"], 1, ""))

    def happens(self, happening: Happening, order: Order) -> list[Event]:
        """Let something happen, and give the events that tell of it."""
        happening(self.rig, order)
        return list(self.rig.stripe.news())

    async def hears(self, events: Sequence[Event]) -> None:
        """Hear of something, and then of all of it again."""
        for event in (*events, *events):
            await self.rig.house.settling.handle(event)

    async def end(self, order: Order) -> End:
        """Tell what has become of an order."""
        async with self.rig.database.store.reading() as unit:
            now = await unit.orders.get(order.id)
            assert now is not None
            refunds = await unit.refunds.of(order.id)
            payment = self.rig.stripe.attempted(order.session)
            disputes = await unit.disputes.of(payment.id) if payment else ()
            declines = await unit.declines.counted(payment.id) if payment else 0
        return End(
            now.state,
            now.paid.minor if now.paid else 0,
            now.refunded.minor if now.refunded else 0,
            now.disputed,
            now.disputed_away.minor if now.disputed_away else 0,
            tuple(sorted((entry.amount.minor, str(entry.stage)) for entry in refunds)),
            tuple(sorted(dispute.status for dispute in disputes)),
            declines,
        )

    async def past(self, order: Order) -> tuple[Order, Sequence[Move], Counter[str]]:
        """Give an order as it is, its history, and how often its person was to be told what, by kind."""
        async with self.rig.database.store.reading() as unit:
            now = await unit.orders.get(order.id)
            assert now is not None
            told = Counter(told.news.kind for told in await unit.news.about(order.buyer.key, order.id))
            return now, await unit.orders.history(order.id), told


@pytest.fixture
async def stage(world: World) -> AsyncIterator[Play]:
    world.text = SHOP + ROOMY
    async with opened(world) as rig:
        yield Play(rig, count())


def reached(story: Sequence[Happening], order: Sequence[int]) -> bool:
    """Tell whether the shop looked at the payment while all of it was back, and so said goodbye to the order.

    A refund that fails then brings money back to the shop, not the order to life: a refunded order is at its end, its perks
    are taken away, and its person was told. Somebody has to find another way, and admins are told so.
    """
    if last_fails not in story or rest_back not in story[: story.index(last_fails)]:
        return False
    back, failed = story.index(rest_back) + 1, story.index(last_fails) + 1
    paid_at = story.index(paid) + 1
    window = order[order.index(back) + 1 : order.index(failed)]
    known = -paid_at in order[: order.index(failed)]
    return known and any(step < 0 for step in window)


@pytest.mark.parametrize("name", STORIES)
async def test_every_interleaving_has_one_end(stage: Play, name: str) -> None:
    """Each event comes at any time after what it tells of, twice, in any order, and what is fetched is as it is by then."""
    story, end = STORIES[name]
    runs: list[tuple[tuple[int, ...], Order]] = []
    for way in interleavings(len(story)):
        order = await stage.order()
        events: dict[int, list[Event]] = {}
        for step in way:
            if step > 0:
                events[step] = stage.happens(story[step - 1], order)
                assert events[step], "something that is told"
            else:
                await stage.hears(events[-step])
        runs.append((way, order))
    await stage.rig.database.jobs.drain()
    ends = {way: await stage.end(order) for way, order in runs}
    expected = {way: _ended(end, goodbye=reached(story, way)) for way, _ in runs}
    assert {way: found for way, found in ends.items() if found != expected[way]} == {}
    await _consistent(stage, [order for _, order in runs])


def _ended(end: End, goodbye: bool) -> End:
    return (
        End(**{**{name: getattr(end, name) for name in end.__dataclass_fields__}, "state": State.REFUNDED})
        if goodbye
        else end
    )


@pytest.mark.parametrize("name", [*STORIES, "long"])
async def test_every_order_heard_at_the_end(stage: Play, name: str) -> None:
    """When all is over, events come in every order, and each object is fetched as it is at the end.

    Events that fetch the same object then say the same, so only the order of different objects counts.
    """
    story, end = STORIES.get(name, (LONG, LONG_END))
    orders: list[Order] = []
    for way in _arrangements(await _objects(stage, story)):
        order = await stage.order()
        events = [event for happening in story for event in stage.happens(happening, order)]
        for wanted in way:
            kind = next(event for event in events if _kind(event) == wanted)
            await stage.hears([kind])
        orders.append(order)
    await stage.rig.database.jobs.drain()
    assert {await stage.end(order) for order in orders} == {end}
    await _consistent(stage, orders)


async def _objects(stage: Play, story: Sequence[Happening]) -> list[str]:
    """Name the kind of object of each event of a story."""
    order = await stage.order()
    events = [event for happening in story for event in stage.happens(happening, order)]
    await stage.hears(events)
    return [_kind(event) for event in events]


def _kind(event: Event) -> str:
    if event.type.startswith("checkout"):
        return "session"
    return "dispute" if "dispute" in event.type else "payment"


def _arrangements(objects: Sequence[str]) -> list[tuple[str, ...]]:
    """Give every order of these, once: at most two of a kind, for one that is heard again changes nothing."""
    few = [name for name, many in Counter(objects).items() for _ in range(min(many, 2))]
    return sorted(set(permutations(few)))


@pytest.mark.parametrize(
    "name",
    ["refunded in two parts, of which the last fails", "refunded in part, disputed, lost"],
)
async def test_what_was_fetched_long_ago_changes_nothing(stage: Play, name: str) -> None:
    """Objects are applied in every order, each as it was when its event happened or as it is at the end: the same end."""
    story, end = STORIES[name]
    orders: list[tuple[object, Order]] = []
    for series in await _series(stage, story):
        order = await stage.order()
        then = [await _look(stage, stage.happens(happening, order)) for happening in story]
        now = [await _again(stage, subject) for subject in then]
        said = [now[each] if fresh else then[each] for each, fresh in series]
        # The last word on each object is heard in the end, for events are listed; where it came before, nothing heals.
        last = {subject.id: subject for subject in now}.values()
        for subject in (*said, *(subject for subject in last if subject not in said)):
            await _apply(stage, subject)
        orders.append((series, order))
    await stage.rig.database.jobs.drain()
    ends = {how: await stage.end(order) for how, order in orders}
    other = {how: found for how, found in ends.items() if found not in {end, _ended(end, goodbye=True)}}
    assert other == {}
    if last_fails not in story:
        assert set(ends.values()) == {end}
    await _consistent(stage, [order for _, order in orders])


async def _series(stage: Play, story: Sequence[Happening]) -> Sequence[tuple[tuple[int, bool], ...]]:
    """Give every order of a story's objects, each as it was then or (True) is at the end; those that say the same once."""
    order = await stage.order()
    then = [await _look(stage, stage.happens(happening, order)) for happening in story]
    now = [await _again(stage, subject) for subject in then]
    found: dict[tuple[Subject, ...], tuple[tuple[int, bool], ...]] = {}
    for way in permutations(range(len(story))):
        for fresh in product((False, True), repeat=len(story)):
            said = tuple(now[each] if fresh[each] else then[each] for each in way)
            found.setdefault(said, tuple((each, fresh[each]) for each in way))
    for subject in now:
        await _apply(stage, subject)
    return list(found.values())


async def _look(stage: Play, events: Sequence[Event]) -> Subject:
    subject = await stage.rig.stripe.look(events[-1])
    assert subject is not None
    return subject


async def _again(stage: Play, subject: Subject) -> Subject:
    now = stage.rig.stripe._look(subject.id)
    assert now is not None
    return now


async def _apply(stage: Play, subject: Subject) -> None:
    settling = stage.rig.house.settling
    match subject:
        case Session():
            await settling.apply(subject)
        case Payment():
            await settling.apply_payment(subject)
        case Dispute():
            await settling.disputed(subject)
        case _:
            raise AssertionError(subject)


async def test_a_gift_counts_for_what_is_left_of_it(stage: Play) -> None:
    """In every interleaving of a refund in part and a dispute that is lost, the cause counts what the shop still has."""
    story: Sequence[Happening] = (paid, part_back, disputed, lost)
    ways = list(interleavings(len(story)))
    for number, way in enumerate(ways):
        order = await give(stage.rig, f"g{number}")
        events: dict[int, list[Event]] = {}
        for step in way:
            if step > 0:
                events[step] = stage.happens(story[step - 1], order)
            else:
                await stage.hears(events[-step])
        assert (await stage.end(order)).refunded == 100
    async with stage.rig.database.store.reading() as unit:
        raised = int(await unit.facts.get("raised:kitchen:EUR") or 0)
    assert raised == 0, "of 5.00 each, 1.00 went back and 4.00 were taken"
    assert len(ways) == 105


async def _consistent(stage: Play, orders: Sequence[Order]) -> None:
    """Hold what must be so of every order: paid once, told once, delivered once, stock and entries in step."""
    sold = 0
    for order in orders:
        now, moves, told = await stage.past(order)
        targets = Counter(move.target for move in moves if move.source is not move.target)
        assert max(targets.values()) == 1, "no state is entered twice"
        assert told["paid"] == bool(now.paid)
        assert told["paid"] == targets[State.PAID]
        sold += now.state in {State.PAID, State.FULFILLED}
    others = [order for order in await _all(stage) if order.id not in {each.id for each in orders}]
    sold += sum(order.state in {State.PAID, State.FULFILLED} for order in others)
    held = sum(order.state in {State.DRAFT, State.AWAITING, State.PROCESSING} for order in others)
    assert await stage.rig.stock("zine") == Stock(reserved=held, sold=sold)


async def _all(stage: Play) -> Sequence[Order]:
    async with stage.rig.database.store.reading() as unit:
        return await unit.orders.listed(most=100_000)


def test_all_interleavings_are_there() -> None:
    """Four events have 105 orders of happening and hearing, two have three; none comes before what it tells of."""
    assert [len(set(interleavings(many))) for many in (1, 2, 3, 4)] == [1, 3, 15, 105]
    for way in interleavings(3):
        assert [step for step in way if step > 0] == [1, 2, 3]
        assert all(way.index(each) < way.index(-each) for each in (1, 2, 3))
