"""Statements: every line in one class, sums to the cent, months as the shop's zone has them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StatementDiffers
from bot.money import Money
from bot.orders import Donation, Order, State
from bot.ports import Transaction
from bot.statement_files import COLUMNS, to_csv, to_json
from bot.statements import CLASSES, Month, Statement, goods_or_cause, order_of, state
from tests.contracts.samples import an_order

PARIS = ZoneInfo("Europe/Paris")
MARCH = Month(2026, 3, PARIS)
TYPES = st.sampled_from(CLASSES)
AMOUNTS = st.integers(-10_000_000, 10_000_000)


def a_line(number: int, type_: str = "charge", amount: int = 1000, fee: int = 0, **changes: object) -> Transaction:
    money = Money(amount, str(changes.pop("currency", "EUR")))
    line = Transaction(
        id=f"txn_{number}",
        account="",
        type=type_,  # type: ignore[arg-type]  # whatever a test needs
        kind=type_,
        amount=money,
        fee=Money(fee, money.currency),
        net=Money(amount - fee, money.currency),
        created=datetime(2026, 3, 10, 12, tzinfo=UTC),
    )
    return replace(line, **changes)  # type: ignore[arg-type]  # of its own fields


def a_gift(number: str, cause: str, **changes: object) -> Order:
    gift = an_order(number, kind="donate", lines=(), donation=Donation(cause, Money(1000, "EUR")))
    return replace(gift, **changes)  # type: ignore[arg-type]  # of its own fields


def stated(*lines: Transaction, **more: object) -> list[Statement]:
    given_: dict[str, object] = {"orders": {}, "account": "", "label": lambda order: goods_or_cause(order, {}), **more}
    orders = given_.pop("orders")
    return list(state(MARCH, lines, orders, **given_))  # type: ignore[arg-type]  # as state() names them


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "0000-01", "9999-12", "2026-1", "2026-11-01", "", "november", "２０２６-11"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    """Only YYYY-MM is a month."""
    with pytest.raises(ValueError, match="write it like 2026-11"):
        Month.read(text, PARIS)


def test_a_month_is_the_shops() -> None:
    """It begins and ends at the shop's midnight, whatever the clocks do within it."""
    assert MARCH.since.astimezone(UTC) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert MARCH.until.astimezone(UTC) == datetime(2026, 3, 31, 22, tzinfo=UTC)  # summer time began on the 29th
    december = Month.read("2026-12", PARIS)
    assert december.until == datetime(2027, 1, 1, tzinfo=PARIS)
    assert str(december) == "2026-12"


def test_a_month_is_half_open() -> None:
    """Its first second is of it, and the first second of the next month is not."""
    second = timedelta(seconds=1)
    first, end = MARCH.since.astimezone(UTC), MARCH.until.astimezone(UTC)
    assert [MARCH.holds(at) for at in (first - second, first, end - second, end)] == [False, True, True, False]


def test_a_month_that_begins_in_a_gap_of_the_clocks() -> None:
    """Where midnight of the first does not exist, a month begins when the clocks are put on, and no instant is lost."""
    asuncion = ZoneInfo("America/Asuncion")  # 1 October 2017, 00:00 became 01:00
    september, october = Month(2017, 9, asuncion), Month(2017, 10, asuncion)
    instant = datetime(2017, 10, 1, 4, tzinfo=UTC)
    assert [september.holds(instant), october.holds(instant)] == [False, True]
    before = instant - timedelta(seconds=1)
    assert [september.holds(before), october.holds(before)] == [True, False]


@given(
    st.integers(1, 12),
    st.sampled_from(["Europe/Paris", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]),
    st.integers(0, 364 * 86_400).map(lambda passed: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(seconds=passed)),
)
def test_each_instant_is_of_one_month(number: int, zone: str, at: datetime) -> None:
    """The months of a zone part time: no instant is of two, and the one that holds it is the one its clocks show."""
    shown = at.astimezone(ZoneInfo(zone))
    assert Month(2011, number, ZoneInfo(zone)).holds(at) == ((shown.year, shown.month) == (2011, number))


@given(st.lists(st.tuples(TYPES, AMOUNTS, AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]))), AMOUNTS)
def test_every_line_is_in_one_class_and_the_sums_are_those_of_the_lines(
    made: list[tuple[str, int, int, str]], held: int
) -> None:
    """Whatever the lines, each is stated once, and gross, fee and net of the classes and the total are theirs exactly."""
    lines = [
        a_line(at, type_, amount, fee, currency=currency) for at, (type_, amount, fee, currency) in enumerate(made)
    ]
    closing = {currency: Money(held, currency) for currency in ("EUR", "JPY", "KWD")}
    statements = stated(*lines, closing=closing)
    assert sorted(entry.transaction for each in statements for entry in each.entries) == sorted(
        each.id for each in lines
    )
    for statement in statements:
        mine = [line for line in lines if line.net.currency == statement.currency]
        assert statement.total.gross.minor == sum(line.amount.minor for line in mine)
        assert statement.total.fee.minor == sum(line.fee.minor for line in mine)
        assert statement.total.net.minor == sum(line.net.minor for line in mine)
        for name in CLASSES:
            assert statement.sums[name].net.minor == sum(line.net.minor for line in mine if line.type == name)
        assert statement.opening is not None
        assert statement.opening + statement.total.net == statement.closing == closing[statement.currency]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ((a_line(1), a_line(1)), "listed twice"),
        ((a_line(1, net=Money(999, "EUR")),), "is not 9.99"),
        ((a_line(1, account="water"),), "is of account water"),
        ((a_line(1, created=MARCH.until),), "is not of 2026-03"),
        ((a_line(1, "topup"),), "is of no class"),
    ],
)
def test_a_statement_that_would_be_wrong_is_refused(lines: tuple[Transaction, ...], what: str) -> None:
    """A line twice, of another account, month or class, or that does not add up: no statement, and the line is named."""
    with pytest.raises(StatementDiffers, match=what):
        stated(*lines)


def test_what_a_line_is_for() -> None:
    """A line says order, kind, and the cause or the goods; and what it is in the payer's currency where that is another."""
    gift, goods = a_gift("GGGGGGGG", "water"), an_order("BBBBBBBB")
    renewal = replace(gift, id="GGGGGGGG-2026-000002", origin="renewal")
    orders = {"txn_1": gift, "txn_2": goods, "txn_3": renewal}
    dollars = Money(1300, "USD")
    lines = (a_line(1), a_line(2, original=dollars), a_line(3), a_line(4, "other", -200))
    [statement] = stated(*lines, orders=orders, label=lambda order: goods_or_cause(order, {"water": "Clean water"}))
    assert [(each.kind, each.label) for each in statement.entries] == [
        ("gift", "Clean water"),
        ("purchase", "1 × Mug, blue"),
        ("renewal", "Clean water"),
        ("", ""),
    ]
    assert [each.original for each in statement.entries] == [None, dollars, None, None]


def test_a_causes_lines_in_the_shops_account() -> None:
    """With a cause only its gifts are stated, with their refunds and disputes, and no balance, which is not theirs."""
    water, kitchen = a_gift("WWWWWWWW", "water"), a_gift("KKKKKKKK", "kitchen")
    lines = (a_line(1), a_line(2), a_line(3, "refund", -500), a_line(4, "dispute", -1000, 1500), a_line(5, "other", -9))
    orders = {"txn_1": water, "txn_2": kitchen, "txn_3": water, "txn_4": kitchen}
    [statement] = stated(*lines, orders=orders, cause="water")
    assert [each.transaction for each in statement.entries] == ["txn_1", "txn_3"]
    assert statement.total.net == Money(500, "EUR")
    assert (statement.opening, statement.closing) == (None, None)


def test_a_cause_is_not_picked_out_of_what_is_not_known() -> None:
    """Where lines bear numbers of orders that are not here, a cause's statement is refused: it could lack some of them."""
    with pytest.raises(StatementDiffers, match="T7K3M9QX"):
        stated(a_line(1, order="T7K3M9QX"), cause="water")
    [statement] = stated(a_line(1, order="T7K3M9QX"))
    assert statement.strangers == 1


def test_an_order_of_another_account_is_not_a_lines() -> None:
    """A line belongs to the order of its payment, or else of its number, but never to one of another account."""
    mine, other = an_order("AAAAAAAA", state=State.PAID), an_order("BBBBBBBB", account="water")
    line = a_line(1, payment_intent="pi_1", order="BBBBBBBB")
    assert order_of(line, {"pi_1": mine}, {"BBBBBBBB": other}) == mine
    assert order_of(line, {}, {"BBBBBBBB": other}) is None
    assert order_of(line, {}, {"BBBBBBBB": mine}) == mine


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5))
def test_the_csv_can_be_read_back(labels: list[str]) -> None:
    """What is written reads back as RFC 4180, a record a line; and no text in it is a formula."""
    orders = {f"txn_{at}": an_order(f"ORDER{at}") for at in range(len(labels))}
    texts = {order.id: label for order, label in zip(orders.values(), labels, strict=True)}
    lines = [a_line(at, amount=-1250, fee=25) for at in range(len(labels))]
    text = to_csv(stated(*lines, orders=orders, label=lambda order: texts[order.id]))
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == len(labels)
    for row, label in zip(rows, labels, strict=True):
        assert row["label"] in {label, f"'{label}"}
        assert not row["label"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert (row["gross"], row["fee"], row["net"], row["currency"]) == ("-12.50", "0.25", "-12.75", "EUR")


def test_the_csvs_form() -> None:
    """Records end with CRLF, a cell with commas or quotes is quoted, and yen have no decimals."""
    line = a_line(1, amount=500, currency="JPY", payout="po_1", payment_intent="pi_1")
    text = to_csv(stated(line, orders={"txn_1": an_order("AAAAAAAA")}, label=lambda _: 'Mug, "blue"'))
    head, row, end = text.split("\r\n")
    assert (head, end) == (",".join(COLUMNS), "")
    assert row == (
        "shop,2026-03-10,2026-03-10T13:00:00+01:00,charge,purchase,AAAAAAAA,"
        '"Mug, ""blue""",500,0,500,JPY,,,po_1,charge,pi_1,txn_1'
    )


def test_the_jsons_form() -> None:
    """The JSON says month, zone, sums and lines; amounts are whole minor units, and payouts what the bank got."""
    lines = (a_line(1, amount=1000, fee=40), a_line(2, "payout", -900, payout="po_1"))
    body = json.loads(to_json(MARCH, stated(*lines, closing={"EUR": Money(60, "EUR")})))
    assert (body["month"], body["zone"], body["since"]) == ("2026-03", "Europe/Paris", "2026-03-01T00:00:00+01:00")
    [statement] = body["statements"]
    assert (statement["opening"], statement["closing"]) == (0, 60)
    assert statement["sums"]["charge"] == {"lines": 1, "gross": 1000, "fee": 40, "net": 960}
    assert statement["payouts"] == [{"id": "po_1", "time": "2026-03-10T13:00:00+01:00", "amount": 900}]
    assert [line["net"] for line in statement["lines"]] == [960, -900]
