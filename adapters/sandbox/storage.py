"""The sandbox's SQLite file: objects as JSON, events and their deliveries, idempotency keys, timers and the ledger.

Every request is one transaction, and nothing is awaited within it, so requests never see each other half done. The
statements run in the event loop's own thread: they take microseconds, as WAL with `synchronous=NORMAL` waits for no
disk. A killed process loses nothing; a killed machine may lose the last instants, which is enough for a sandbox.
"""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.sandbox.rows import Body, Delivery, Kept, Row, Timer

# How a listed object may be compared with a value.
TESTS = {
    "is": "= ?",
    "like": "GLOB ?",
    "among": "IN (SELECT value FROM json_each(?))",
    "gt": "> ?",
    "gte": ">= ?",
    "lt": "< ?",
    "lte": "<= ?",
    "none": "IS ?",
}

_TABLES = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    created INTEGER NOT NULL, body TEXT NOT NULL, hidden TEXT NOT NULL, UNIQUE (account, id));
CREATE INDEX IF NOT EXISTS objects_by_kind ON objects (account, kind, seq);
CREATE INDEX IF NOT EXISTS objects_by_id ON objects (id);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, event TEXT NOT NULL, attempt INTEGER NOT NULL,
    due REAL NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS deliveries_by_due ON deliveries (state, due);
CREATE TABLE IF NOT EXISTS keys (
    account TEXT NOT NULL, key TEXT NOT NULL, path TEXT NOT NULL, fingerprint TEXT NOT NULL, request TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,
    due REAL NOT NULL);
CREATE INDEX IF NOT EXISTS timers_by_due ON timers (due);
CREATE TABLE IF NOT EXISTS ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,
    payment_intent TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, at REAL NOT NULL);
"""


class Storage:
    """The one open connection to the file."""

    def __init__(self, path: Path | str) -> None:
        if str(path) != ":memory:":  # for its owner's eyes alone, as a shop's own database: people type names into it
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=5)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Do everything within, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    # Objects

    def add(self, account: str, kind: str, *, created: int, body: Body, hidden: Body) -> None:
        """Store a new object; raises sqlite3.IntegrityError if the account has that id."""
        self._connection.execute(
            "INSERT INTO objects (account, kind, id, created, body, hidden) VALUES (?, ?, ?, ?, ?, ?)",
            (account, kind, body["id"], created, json.dumps(body), json.dumps(hidden)),
        )

    def write(self, account: str, name: str, body: Body, hidden: Body) -> None:
        """Store what an object has become."""
        self._connection.execute(
            "UPDATE objects SET body = ?, hidden = ? WHERE account = ? AND id = ?",
            (json.dumps(body), json.dumps(hidden), account, name),
        )

    def remove(self, account: str, name: str) -> None:
        """Forget an object."""
        self._connection.execute("DELETE FROM objects WHERE account = ? AND id = ?", (account, name))

    def find(self, name: str, account: str | None = None, kind: str | None = None) -> Row | None:
        """Look an object up by its id, in one account or in all."""
        where, values = ["id = ?"], [name]
        if account is not None:
            where.append("account = ?")
            values.append(account)
        if kind is not None:
            where.append("kind = ?")
            values.append(kind)
        rows = self._select(where, values, "LIMIT 1")
        return rows[0] if rows else None

    def secret(self, kind: str, secret: str) -> Row | None:
        """Look an object up by the secret in its address."""
        rows = self._select(["kind = ?", "json_extract(hidden, '$.secret') = ?"], [kind, secret], "LIMIT 1")
        return rows[0] if rows else None

    def newest(
        self,
        account: str,
        kind: str,
        *tests: tuple[str, str, Any],
        older_than: int | None = None,
        newer_than: int | None = None,
        limit: int = -1,
    ) -> list[Row]:
        """List an account's objects of a kind, newest first.

        Each test is a JSON path (`customer_details.email`, or `hidden.payout` in what only the sandbox knows), one of
        TESTS, and a value. `older_than` and `newer_than` are places (`Row.seq`); with `newer_than` the rows next to that
        place are given, still newest first.
        """
        where = ["account = ?", "kind = ?"]
        values: list[Any] = [account, kind]
        for path, test, value in tests:
            column = "hidden" if path.startswith("hidden.") else "body"
            where.append(f"json_extract({column}, ?) {TESTS[test]}")
            values += [f"$.{path.removeprefix('hidden.')}", value]
        for place, sign in ((older_than, "<"), (newer_than, ">")):
            if place is not None:
                where.append(f"seq {sign} ?")
                values.append(place)
        order = "DESC" if newer_than is None else "ASC"
        rows = self._select(where, [*values, limit], f"ORDER BY seq {order} LIMIT ?")
        return rows if newer_than is None else rows[::-1]

    def sums(self, account: str, kind: str, field: str, *, by: str) -> dict[str, int]:
        """Add up one field of all of an account's objects of a kind, for each value of another."""
        return dict(
            self._connection.execute(
                "SELECT json_extract(body, ?), sum(json_extract(body, ?)) FROM objects WHERE account = ? AND kind = ?"
                " GROUP BY 1",
                (f"$.{by}", f"$.{field}", account, kind),
            ).fetchall()
        )

    def _select(self, where: list[str], values: list[Any], tail: str) -> list[Row]:
        rows = self._connection.execute(
            f"SELECT seq, account, kind, id, body, hidden FROM objects WHERE {' AND '.join(where)} {tail}",  # noqa: S608  only constants are put in
            values,
        )
        return [
            Row(seq, owner, kind, name, json.loads(body), json.loads(hidden))
            for seq, owner, kind, name, body, hidden in rows
        ]

    # Deliveries

    def send(self, account: str, event: str, due: float, state: str = "pending") -> None:
        """Put an event on its way, or note that it never will be."""
        self._connection.execute(
            "INSERT INTO deliveries (account, event, attempt, due, state) VALUES (?, ?, 0, ?, ?)",
            (account, event, due, state),
        )

    def due_deliveries(self, now: float) -> list[Delivery]:
        """Take what should be sent by now, in the order in which it was put on its way."""
        rows = self._connection.execute(
            "SELECT id, account, event, attempt, due FROM deliveries WHERE state = 'pending' AND due <= ? ORDER BY id",
            (now,),
        ).fetchall()
        self._connection.execute("UPDATE deliveries SET state = 'sending' WHERE state = 'pending' AND due <= ?", (now,))
        return [Delivery(*row) for row in rows]

    def move_delivery(self, delivery: Delivery, *, state: str, due: float) -> None:
        """Note how an attempt went: pending again, delivered, or failed for good."""
        self._connection.execute(
            "UPDATE deliveries SET attempt = attempt + 1, state = ?, due = ? WHERE id = ?", (state, due, delivery.id)
        )

    def recall(self) -> None:
        """Have sent again what was being sent when the last process ended."""
        self._connection.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'sending'")

    def on_its_way(self) -> bool:
        """Tell whether any delivery is waiting or being made."""
        sql = "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending')"
        return self._connection.execute(sql).fetchone() is not None

    def undelivered(self, event: str) -> int:
        """Count the deliveries of an event that nobody has taken, whether they are still tried or not."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM deliveries WHERE event = ? AND state != 'delivered'", (event,)
        ).fetchone()
        return int(count)

    # Idempotency keys

    def kept(self, account: str, key: str) -> Kept | None:
        """Look up what was answered under an idempotency key."""
        row = self._connection.execute(
            "SELECT path, fingerprint, request, status, body FROM keys WHERE account = ? AND key = ?", (account, key)
        ).fetchone()
        return Kept(*row) if row else None

    def keep(self, account: str, key: str, kept: Kept, now: float) -> None:
        """Keep an answer under its idempotency key."""
        self._connection.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (account, key, kept.path, kept.fingerprint, kept.request, kept.status, kept.body, now),
        )

    def forget_keys(self, before: float) -> None:
        """Forget the keys first used before an instant."""
        self._connection.execute("DELETE FROM keys WHERE created < ?", (before,))

    # Timers

    def set_timer(self, account: str, kind: str, name: str, due: float) -> None:
        """Have something happen to an object at an instant."""
        self._connection.execute(
            "INSERT INTO timers (account, kind, object, due) VALUES (?, ?, ?, ?)", (account, kind, name, due)
        )

    def clear_timers(self, kind: str, name: str) -> None:
        """Take back what was to happen to an object."""
        self._connection.execute("DELETE FROM timers WHERE kind = ? AND object = ?", (kind, name))

    def awaits(self, kind: str, name: str) -> bool:
        """Tell whether something is still to happen to an object."""
        sql = "SELECT 1 FROM timers WHERE kind = ? AND object = ?"
        return self._connection.execute(sql, (kind, name)).fetchone() is not None

    def due_timers(self, now: float, name: str | None = None) -> list[Timer]:
        """List what should have happened by now, oldest first."""
        rows = self._connection.execute(
            "SELECT id, account, kind, object, due FROM timers WHERE due <= ? AND (? IS NULL OR object = ?)"
            " ORDER BY due, id",
            (now, name, name),
        )
        return [Timer(*row) for row in rows]

    def next_due(self) -> float | None:
        """Give the instant of the next timer or delivery."""
        (due,) = self._connection.execute(
            "SELECT min(due) FROM (SELECT min(due) AS due FROM timers"
            " UNION ALL SELECT min(due) FROM deliveries WHERE state = 'pending')"
        ).fetchone()
        return None if due is None else float(due)

    # The ledger

    def enter(self, account: str, kind: str, body: Body, at: float) -> None:
        """Write a charge or a refund into the ledger; nothing is ever taken out of it."""
        self._connection.execute(
            "INSERT INTO ledger (account, kind, object, payment_intent, amount, currency, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (account, kind, body["id"], body["payment_intent"], body["amount"], body["currency"], at),
        )

    def ledger(self, account: str | None = None) -> list[Body]:
        """List the ledger, oldest first."""
        names = ("account", "kind", "id", "payment_intent", "amount", "currency", "at")
        rows = self._connection.execute(
            "SELECT account, kind, object, payment_intent, amount, currency, at FROM ledger"
            " WHERE ? IS NULL OR account = ? ORDER BY id",
            (account, account),
        )
        return [dict(zip(names, row, strict=True)) for row in rows]
