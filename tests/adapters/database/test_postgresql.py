"""What is particular to PostgreSQL: every way that it fails is StoreUnavailable, locks, and jobs on several replicas."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from operator import attrgetter

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from adapters.database import Database, Patience
from adapters.database.addresses import named, postgresql_url
from bot.errors import StoreUnavailable
from bot.orders import Buyer
from bot.ports import Json, Store
from bot.shop import Stock
from tests.adapters.database.conftest import BRIEF
from tests.contracts.samples import an_order
from tests.postgresql import Server

#: What a server says of itself that is out of order, raised where an order is written.
SAYS = """
    CREATE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '12 Example Street' USING ERRCODE = '{code}'; END $$;
    CREATE TRIGGER say BEFORE INSERT OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION say();
"""


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
def name(url: str) -> str:
    return str(postgresql_url(url).database)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with await Database.open(url, patience=BRIEF) as opened:
        yield opened


async def write(store: Store, number: str) -> None:
    async with store.unit() as unit:
        await unit.orders.add(an_order(number), "new")


def break_off(server: Server, name: str) -> None:
    """Break off every connection to a database, as a restart of the server does."""
    server.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608


async def test_no_server() -> None:
    """A server that is not there is named, without who would have logged in and how."""
    with pytest.raises(StoreUnavailable, match=r"PostgreSQL tills at 127\.0\.0\.1: cannot be reached") as caught:
        await Database.open("postgresql://zoe:hunter2@127.0.0.1:1/tills")
    assert "hunter2" not in str(caught.value)
    assert "zoe" not in str(caught.value)


async def test_connections_lost_between_units(database: Database, server: Server, name: str) -> None:
    """Connections that broke off while nobody used them, as in a restart of the server, are replaced unnoticed."""
    await write(database.store, "A")
    break_off(server, name)
    await write(database.store, "B")
    async with database.store.reading() as unit:
        assert await unit.orders.get("B") is not None


async def test_connection_lost_in_a_unit(database: Database, server: Server, name: str) -> None:
    """A unit whose connection breaks off is StoreUnavailable and leaves nothing; the next works."""

    async def lose() -> None:
        async with database.store.unit() as unit:
            await unit.orders.add(an_order("A"), "new")
            break_off(server, name)
            await unit.orders.note("A", "lost")

    with pytest.raises(StoreUnavailable, match="connection lost"):
        await lose()
    async with database.store.reading() as unit:
        assert await unit.orders.get("A") is None
    await write(database.store, "A")


@pytest.mark.parametrize(
    ("code", "why"),
    [("53100", "disk full"), ("53300", "out of resources"), ("58030", "disk error"), ("57P03", "shut down")],
)
async def test_a_server_in_trouble(database: Database, server: Server, name: str, code: str, why: str) -> None:
    """A server that is out of disk, out of room or shutting down fails the unit whole, and says which it is and no more."""
    server.say(SAYS.format(code=code, table="orders"), database=name)
    with pytest.raises(StoreUnavailable, match=why) as caught:
        await write(database.store, "A")
    assert "Street" not in str(caught.value)
    server.say("DROP TRIGGER say ON orders", database=name)
    await write(database.store, "A")


async def test_read_only(database: Database, server: Server, name: str) -> None:
    """A database that takes no writes says so, also where a connection has read before, and can be read."""
    await write(database.store, "A")
    server.say(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    break_off(server, name)
    with pytest.raises(StoreUnavailable, match="read-only"):
        await write(database.store, "B")
    with pytest.raises(StoreUnavailable, match="read-only"):
        await database.store.writable()
    async with database.store.reading() as unit:
        assert await unit.orders.get("A") is not None
    with pytest.raises(StoreUnavailable, match="read-only"):
        await write(database.store, "B")


async def test_all_connections_in_use(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit for which no connection comes free is refused."""
    monkeypatch.setattr("adapters.database.postgresql.POOL", 1)
    monkeypatch.setattr("adapters.database.postgresql.TURN", 0.05)
    async with await Database.open(url) as database:
        async with database.store.reading():
            with pytest.raises(StoreUnavailable, match="no connection was free"):
                await write(database.store, "A")
        await write(database.store, "A")


async def test_a_row_that_stays_locked(url: str) -> None:
    """A unit that waits too long for a row which another has locked is refused."""
    async with await Database.open(f"{url}&options=-c%20lock_timeout%3D50ms") as database:
        await write(database.store, "A")
        async with database.store.unit() as unit:
            assert await unit.orders.get("A") is not None

            async def read() -> None:
                async with database.store.unit() as other:
                    await other.orders.get("A")

            with pytest.raises(StoreUnavailable, match="locked by another unit"):
                await asyncio.create_task(read())


async def test_two_units_that_wait_for_each_other(database: Database) -> None:
    """Of two units that lock the same rows in opposite orders one is refused, at once, and the other goes through."""
    meeting = asyncio.Barrier(2)

    async def put(first: str, second: str) -> None:
        async with database.store.unit() as unit:
            await unit.facts.put(first, "value")
            await meeting.wait()
            await unit.facts.put(second, "value")

    ended = await asyncio.gather(put("one", "other"), put("other", "one"), return_exceptions=True)
    (refused,) = [error for error in ended if error is not None]
    assert isinstance(refused, StoreUnavailable)
    assert "another unit was faster" in str(refused)


async def test_a_login_that_is_refused(server: Server) -> None:
    """A user that the server does not know is said to be refused, and not named."""
    with pytest.raises(StoreUnavailable, match="refuses the login") as caught:
        await Database.open(f"postgresql://mallory:hunter2@/postgres?host={server.folder}")
    assert "mallory" not in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_errors_do_not_repeat_what_was_written(database: Database) -> None:
    """An error of the server, which repeats the row it refuses, arrives without what was to be written."""
    statement = text("INSERT INTO stock VALUES (:who, 1, 1)").bindparams(who="Example Street")

    async def write_twice() -> None:
        async with database.store.unit() as unit:
            await unit.transaction.execute(statement)
            await unit.transaction.execute(statement)

    with pytest.raises(IntegrityError) as caught:
        await write_twice()
    assert "UniqueViolation" in str(caught.value)
    assert "Street" not in f"{caught.value!s} {caught.value!r} {caught.value.orig!s} {caught.value.orig!r}"


async def test_what_is_not_there_yet_is_made_once(database: Database) -> None:
    """Of many units that look for something, find nothing and write it, each after the first finds it."""

    async def once(number: int) -> bool:
        async with database.store.unit() as unit:
            if await unit.facts.get("made") is not None or await unit.orders.asked_by("same") is not None:
                return False
            await unit.orders.add(an_order(f"A{number}", asked_by="same"), "new")
            await unit.facts.put("made", str(number))
            return True

    assert sorted(await asyncio.gather(*(once(number) for number in range(8)))) == [False] * 7 + [True]


@pytest.mark.parametrize(
    ("whose", "of"), [("person", attrgetter("key")), ("address", attrgetter("address"))], ids=["person", "address"]
)
async def test_limits_hold_for_units_side_by_side(database: Database, whose: str, of: Callable[[Buyer], str]) -> None:
    """Of many units that count a person's, or an address's, orders before they write one, no more get through than may."""

    async def admitted(number: int) -> bool:
        async with database.store.unit() as unit:
            order = an_order(f"A{number}")
            if await unit.orders.opened_since(order.created, **{whose: of(order.buyer)}) >= 3:
                return False
            await unit.orders.add(order, "new")
            return True

    assert sum(await asyncio.gather(*(admitted(number) for number in range(8)))) == 3


async def test_the_last_one_is_sold_once(database: Database) -> None:
    """Of many units that want the last one, one gets it, also where nobody has asked for any before."""

    async def take() -> bool:
        async with database.store.unit() as unit:
            if (await unit.stock.of("mug")).reserved:
                return False
            await unit.stock.shift("mug", 1, 0)
            return True

    assert sum(await asyncio.gather(*(take() for _ in range(8)))) == 1
    async with database.store.reading() as unit:
        assert await unit.stock.of("mug") == Stock(1, 0)


async def test_a_commit_wakes_the_jobs(url: str) -> None:
    """A job is begun when its unit commits, without waiting for a look at the table."""
    calls: asyncio.Queue[float] = asyncio.Queue()
    clock = asyncio.get_running_loop().time

    async def greet(_: Json) -> None:
        calls.put_nowait(clock())

    async with await Database.open(url, patience=Patience(look=3.0)) as database, asyncio.timeout(30):
        database.jobs.handle("greet", greet)
        run = asyncio.create_task(database.jobs.run())
        waits = []
        for _ in range(5):
            async with database.store.unit() as unit:
                await database.jobs.defer(unit, "greet", {})
            committed = clock()
            waits.append(await calls.get() - committed)
        run.cancel()
        await asyncio.wait({run})
    assert sorted(waits)[2] < 0.5  # one that comes while the worker looks is found at its next look


async def test_replicas_share_the_work(url: str) -> None:
    """Replicas do each job once between them, and each of them some."""
    done: list[tuple[int, object]] = []
    all_done = asyncio.Event()

    async def replica(number: int) -> None:
        async def greet(payload: Json) -> None:
            done.append((number, payload["n"]))
            await asyncio.sleep(0.01)
            if len(done) == 60:
                all_done.set()

        async with await Database.open(url, patience=BRIEF) as database:
            database.jobs.handle("greet", greet)
            await database.jobs.run()

    async with await Database.open(url) as database, database.store.unit() as unit:
        for n in range(60):
            await database.jobs.defer(unit, "greet", {"n": n})
    running = [asyncio.create_task(replica(number)) for number in (1, 2)]
    async with asyncio.timeout(30):
        await all_done.wait()
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    assert sorted(n for _, n in done) == list(range(60))  # type: ignore[type-var]
    assert {number for number, _ in done} == {1, 2}


async def test_one_replica_a_tick(url: str) -> None:
    """Three replicas with the same tick let it come as often as one would, never twice at a time."""
    ticks: list[float] = []
    at_once = most_at_once = 0
    loop = asyncio.get_running_loop()
    enough = asyncio.Event()

    async def tick() -> None:
        nonlocal at_once, most_at_once
        at_once += 1
        most_at_once = max(most_at_once, at_once)
        ticks.append(loop.time())
        if len(ticks) == 6:
            enough.set()
        await asyncio.sleep(0.05)
        at_once -= 1

    async def replica() -> None:
        async with await Database.open(url, patience=BRIEF) as database:
            database.jobs.every("look", 0.4, tick)
            await database.jobs.run()

    running = [asyncio.create_task(replica()) for _ in range(3)]
    async with asyncio.timeout(30):
        await enough.wait()
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    assert most_at_once == 1
    # a busy machine may call the first one late; three replicas that each ticked would have been done in 0.8 s
    assert ticks[5] - ticks[0] >= 1.2


async def test_a_tick_of_a_dead_replica_goes_on(url: str) -> None:
    """A tick that a replica died at is taken up by another when its lease ends."""
    async with await Database.open(url, patience=BRIEF) as database:
        async with database.store.unit() as unit:
            assert await unit.leases.take("tick:look", "a process that is no more", 0.5)
        ticked = asyncio.Event()

        async def tick() -> None:
            ticked.set()

        database.jobs.every("look", 0.1, tick)
        run = asyncio.create_task(database.jobs.run())
        async with asyncio.timeout(10):
            await ticked.wait()
        run.cancel()
        await asyncio.wait({run})


async def test_a_job_whose_end_cannot_be_written(
    database: Database, server: Server, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A job whose end the server does not take is not done again meanwhile, but struck when there is room."""
    calls, told = 0, asyncio.Event()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            """Hear that it could not be written."""
            if "is not written yet" in record.getMessage():
                told.set()

    async def greet(_: Json) -> None:
        nonlocal calls
        calls += 1

    server.say(SAYS.format(code="53100", table="procrastinate_jobs").replace("INSERT OR ", ""), database=name)
    async with database.store.unit() as unit:
        await database.jobs.defer(unit, "greet", {})
    database.jobs.handle("greet", greet)
    ear = Ear()
    log = logging.getLogger("adapters.database.postgresql_jobs")
    log.addHandler(ear)
    try:
        async with asyncio.timeout(20):
            drain = asyncio.create_task(database.jobs.drain())
            await told.wait()
            server.say("DROP TRIGGER say ON procrastinate_jobs", database=name)
            await drain
    finally:
        log.removeHandler(ear)
    assert server.say("SELECT count(*) FROM procrastinate_jobs", database=name) == [(0,)]
    await database.jobs.drain()
    assert calls == 1
    assert "Street" not in caplog.text


async def test_jobs_outlive_a_restart_of_the_server(database: Database, server: Server, name: str) -> None:
    """Jobs go on by themselves after every connection was broken off."""
    calls: asyncio.Queue[Json] = asyncio.Queue()
    database.jobs.handle("greet", calls.put)
    run = asyncio.create_task(database.jobs.run())
    async with asyncio.timeout(40):
        for n in range(3):
            async with database.store.unit() as unit:
                await database.jobs.defer(unit, "greet", {"n": n})
            assert await calls.get() == {"n": n}
            break_off(server, name)
    run.cancel()
    await asyncio.wait({run})


async def test_the_log_knows_no_more_than_a_number(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever Procrastinate writes into the log, what a job carries is not in it."""

    async def fail(_: Json) -> None:
        raise ValueError("12 Example Street")

    database.jobs.handle("greet", fail)
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="procrastinate"):
        async with database.store.unit() as unit:
            await database.jobs.defer(unit, "greet", {"address": "12 Example Street"})
        await database.jobs.drain()
    assert "tillbot" in caplog.text
    assert "Street" not in caplog.text


@pytest.mark.parametrize("form", ["postgresql", "postgresql+psycopg", "postgres"])
def test_addresses(form: str) -> None:
    """Every form of the address is understood, and named without who logs in."""
    url = postgresql_url(f"{form}://ann:hunter2@db.example:5433/tills")
    assert named(url) == "PostgreSQL tills at db.example"


async def test_no_clock_of_its_own(url: str) -> None:
    """A server's clock is its own: a rehearsal's is a ValueError."""
    async with await Database.open(url) as database, database.store.reading() as unit:
        now = unit.now
    with pytest.raises(ValueError, match="clock"):
        await Database.open(url, clock=lambda: now)
