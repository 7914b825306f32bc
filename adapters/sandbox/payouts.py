"""Payouts: what is there goes to the bank, by itself once a day, or on demand (https://docs.stripe.com/api/payouts)."""

from adapters.sandbox.balance import Movement, record, total
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Choice, Kind, Range, Text

LIST: dict[str, Kind] = {
    "arrival_date": Range(),
    "created": Range(),
    "destination": Text(),
    "status": Choice(("canceled", "failed", "in_transit", "paid", "pending")),
}


def pay_out(books: Books) -> list[Body]:
    """Pay out all that is there, a payout for each currency; where nothing is left, nothing is paid."""
    books.storage.clear_timers("payout", books.account)
    return [_pay_out(books, currency, amount) for currency, amount in sorted(total(books).items()) if amount > 0]


def _pay_out(books: Books, currency: str, amount: int) -> Body:
    name = new_id("po")
    waiting = books.storage.newest(
        books.account, "balance_transaction", ("currency", "is", currency), ("hidden.payout", "none", None)
    )
    for row in waiting:
        books.save(row.body, row.hidden | {"payout": name})
    own = record(books, Movement("payout", "payout", -amount, currency, name, "STRIPE PAYOUT"), name)
    payout = books.add(
        "payout",
        name,
        amount=amount,
        application_fee=None,
        application_fee_amount=None,
        arrival_date=books.at,
        automatic=True,
        balance_transaction=own["id"],
        currency=currency,
        description="STRIPE PAYOUT",
        destination=f"ba_{books.account.removeprefix('acct_')}",
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        metadata={},
        method="standard",
        original_payout=None,
        payout_method=None,
        reconciliation_status="completed",
        reversed_by=None,
        source_type="card",
        statement_descriptor=None,
        status="in_transit",
        trace_id=None,
        type="bank_account",
    )
    books.emit("payout.created", payout)
    payout = payout | {"status": "paid"}
    books.save(payout)
    books.emit("payout.paid", payout)
    return payout
