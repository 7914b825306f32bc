"""The book of reminders: rounds, whom each concerns, and what became of everybody who was to be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, func, or_, select, update

from adapters.database import tables
from adapters.database.transaction import Transaction, insert
from bot.orders import State
from bot.retirement import Scope
from bot.rounds import Concerned, Outcome, Round, Tally, Telling

_rounds = tables.rounds
_tellings = tables.tellings
_orders = tables.orders
_pledges = tables.pledges

#: Orders that somebody still has something coming of, or has still to pay.
_OPEN: Final = tuple(state.value for state in (State.DRAFT, State.AWAITING, State.PROCESSING, State.PAID))


class SqlRoundBook:
    """RoundBook on SQL."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def open(self, opened: Round) -> bool:
        """Write a new round; False where it, or a later step of the same closing, was opened before."""
        await self._transaction.claim(f"round:{opened.closing}")
        later = select(_rounds.c.days).where(_rounds.c.closing == opened.closing, _rounds.c.days <= opened.days)
        if (await self._transaction.execute(later.limit(1))).first() is not None:
            return False
        await self._transaction.execute(insert(_rounds).values(_row(opened)))
        return True

    async def get(self, closing: str, days: int) -> Round | None:
        """Find a round; in a writing unit it is locked until the unit ends."""
        query = select(_rounds).where(_rounds.c.closing == closing, _rounds.c.days == days)
        row = (await self._transaction.execute(self._transaction.locking(query))).mappings().first()
        return None if row is None else _round(dict(row))

    async def save(self, changed: Round) -> None:
        """Write what changed of a round."""
        statement = update(_rounds).where(_rounds.c.closing == changed.closing, _rounds.c.days == changed.days)
        await self._transaction.execute(statement.values(_row(changed)))

    async def running(self) -> Sequence[Round]:
        """Give the rounds that have not ended, oldest first."""
        return await self._many(select(_rounds).where(_rounds.c.ended.is_(None)).order_by(_rounds.c.opened))

    async def newest(self, *, most: int = 20) -> Sequence[Round]:
        """Give the rounds, newest first."""
        return await self._many(select(_rounds).order_by(_rounds.c.opened.desc(), _rounds.c.days).limit(most))

    async def concerned(
        self, products: Collection[str], since: datetime, *, after: tuple[str, str], most: int
    ) -> tuple[Sequence[Concerned], tuple[str, str] | None]:
        """Look at so many orders behind `after`, and give whose of them are concerned, and where to go on."""
        monthly = select(_pledges.c.id).where(_pledges.c.kind == "buy", _pledges.c.state != "ended")
        person, number = after
        query = (
            select(
                *(
                    _orders.c[name]
                    for name in ("person", "id", "platform", "user_id", "workspace", "lines", "shipping")
                ),
            )
            .where(
                _orders.c.kind == "buy",
                or_(_orders.c.paid_at >= since, _orders.c.state.in_(_OPEN), _orders.c.id.in_(monthly)),
                _orders.c.person >= person,
                or_(_orders.c.person > person, and_(_orders.c.person == person, _orders.c.id > number)),
            )
            .order_by(_orders.c.person, _orders.c.id)
            .limit(most)
        )
        rows = (await self._transaction.execute(query)).all()
        found: dict[str, Concerned] = {}
        for row in rows:
            region = row.shipping["region"] if row.shipping else ""
            named = {line["product"] for line in row.lines}
            theirs = named.intersection(products) if products else named
            if theirs:
                before = found[row.person].bought if row.person in found else frozenset()
                bought = before | {Scope(row.platform, row.workspace, region, product) for product in theirs}
                found[row.person] = Concerned(row.person, row.platform, row.user_id, row.workspace, bought)
        more = (rows[-1].person, rows[-1].id) if len(rows) == most else None
        return list(found.values()), more

    async def add(self, tellings: Collection[Telling]) -> None:
        """Write who is to be told; whoever is written down for that step already stays as they are."""
        rows = [
            {
                "closing": each.closing,
                "days": each.days,
                "person": each.person,
                "platform": each.platform,
                "workspace": each.workspace,
                "lane": each.lane,
                "seat": each.seat,
                "outcome": each.outcome.value,
                "tries": each.tries,
                "after": each.after,
            }
            for each in tellings
        ]
        if rows:  # one statement for all: with their values in it, it would be compiled anew each time
            statement = insert(_tellings).on_conflict_do_nothing()
            await self._transaction.execute(statement, rows)

    async def waiting(
        self, closing: str, days: int, lane: str, now: datetime, *, besides: Collection[str] = (), most: int
    ) -> Sequence[Telling]:
        """Give who of a lane is to be told now, by their keys."""
        query = _due(closing, days, lane).where(or_(_tellings.c.after.is_(None), _tellings.c.after <= now))
        if besides:
            query = query.where(_tellings.c.workspace.not_in(sorted(besides)))
        query = query.order_by(_tellings.c.person).limit(most)
        return [_telling(dict(row)) for row in (await self._transaction.execute(query)).mappings()]

    async def next_after(self, closing: str, days: int, lane: str) -> datetime | None:
        """Say when the next of a lane is tried again; None where nobody waits."""
        query = _due(closing, days, lane).order_by(_tellings.c.after.is_not(None), _tellings.c.after).limit(1)
        row = (await self._transaction.execute(query)).mappings().first()
        return None if row is None else row["after"] or self._transaction.now

    async def untried(self, closing: str, days: int, lanes: Collection[str]) -> bool:
        """Tell whether anybody of these lanes waits who was not tried yet."""
        query = select(_tellings.c.person).where(
            _tellings.c.closing == closing,
            _tellings.c.days == days,
            _tellings.c.outcome == Outcome.DUE.value,
            _tellings.c.lane.in_(sorted(lanes)),
            _tellings.c.tries == 0,
        )
        return (await self._transaction.execute(query.limit(1))).first() is not None

    async def waits(self, closing: str, days: int) -> bool:
        """Tell whether anybody of a round is still to be told."""
        query = select(_tellings.c.person).where(
            _tellings.c.closing == closing, _tellings.c.days == days, _tellings.c.outcome == Outcome.DUE.value
        )
        return (await self._transaction.execute(query.limit(1))).first() is not None

    async def note(self, telling: Telling) -> None:
        """Write what became of telling one person; what has been settled stays so."""
        statement = (
            update(_tellings)
            .where(
                _tellings.c.closing == telling.closing,
                _tellings.c.days == telling.days,
                _tellings.c.person == telling.person,
                _tellings.c.outcome == Outcome.DUE.value,
            )
            .values(outcome=telling.outcome.value, tries=telling.tries, after=telling.after, at=self._transaction.now)
        )
        await self._transaction.execute(statement)

    async def drop(self, closing: str, days: int) -> int:
        """Let nobody be told any more who still waits in a round, and say how many those were."""
        due = (
            _tellings.c.closing == closing,
            _tellings.c.days == days,
            _tellings.c.outcome == Outcome.DUE.value,
        )
        many = await self._transaction.execute(select(func.count()).select_from(_tellings).where(*due))
        values = {"outcome": Outcome.DROPPED.value, "at": self._transaction.now}
        await self._transaction.execute(update(_tellings).where(*due).values(values))
        return int(many.scalar_one())

    async def tallies(self, closing: str = "", days: int | None = None) -> Sequence[Tally]:
        """Count the people of a round, or of every one, by platform, workspace and outcome."""
        by = [_tellings.c[name] for name in ("closing", "days", "platform", "workspace", "outcome")]
        query = select(*by, func.count().label("people")).group_by(*by).order_by(*by)
        if closing:
            query = query.where(_tellings.c.closing == closing)
        if days is not None:
            query = query.where(_tellings.c.days == days)
        return [
            Tally(row.closing, row.days, row.platform, row.workspace, Outcome(row.outcome), row.people)
            for row in await self._transaction.execute(query)
        ]

    async def outcomes(self) -> Mapping[tuple[str, str], int]:
        """Count everybody, by feature and outcome; for metrics."""
        by = (_rounds.c.feature, _tellings.c.outcome)
        same = and_(_rounds.c.closing == _tellings.c.closing, _rounds.c.days == _tellings.c.days)
        query = select(*by, func.count()).select_from(_tellings.join(_rounds, same)).group_by(*by)
        found: Counter[tuple[str, str]] = Counter()
        for feature, outcome, many in await self._transaction.execute(query):
            found[feature, outcome] += many
        return found

    async def _many(self, query: Select[Any]) -> list[Round]:
        return [_round(dict(row)) for row in (await self._transaction.execute(query)).mappings()]


def _due(closing: str, days: int, lane: str) -> Select[Any]:
    return select(_tellings).where(
        _tellings.c.closing == closing,
        _tellings.c.days == days,
        _tellings.c.lane == lane,
        _tellings.c.outcome == Outcome.DUE.value,
    )


def _row(kept: Round) -> dict[str, Any]:
    return {
        "closing": kept.closing,
        "days": kept.days,
        "feature": kept.feature,
        "due": kept.due,
        "opened": kept.opened,
        "stage": kept.stage,
        "person": kept.person,
        "order_id": kept.order,
        "ended": kept.ended,
    }


def _round(row: Mapping[str, Any]) -> Round:
    return Round(
        feature=row["feature"],
        closing=row["closing"],
        days=row["days"],
        due=row["due"],
        opened=row["opened"],
        stage=row["stage"],
        person=row["person"],
        order=row["order_id"],
        ended=row["ended"],
    )


def _telling(row: Mapping[str, Any]) -> Telling:
    names = ("closing", "days", "person", "platform", "workspace", "lane", "seat", "tries", "after")
    return Telling(**{name: row[name] for name in names}, outcome=Outcome(row["outcome"]))
