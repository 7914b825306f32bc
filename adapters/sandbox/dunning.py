"""Collecting an invoice: tried, tried again in time, paid on its page with another card, and given up in the end.

https://docs.stripe.com/billing/revenue-recovery
"""

from adapters.sandbox import invoices
from adapters.sandbox.books import Books
from adapters.sandbox.cards import Decline, look_up
from adapters.sandbox.errors import Refusal
from adapters.sandbox.payments import Payer, Tender, attempt
from adapters.sandbox.rows import Body, Row
from adapters.sandbox.standing import change, end


def collect(books: Books, invoice: Body, tender: Tender, decline: Decline | None) -> Body:
    """Charge an invoice; gives its PaymentIntent, succeeded, declined, or processing until its bank decides."""
    (link, *_) = invoices.payments(books, invoice["id"])
    payment = attempt(books, books.get("payment_intent", link["payment"]["payment_intent"]), tender, decline)
    if payment["status"] == "processing":
        books.later("settle", payment["id"], books.settle_after)
    else:
        collected(books, invoice["id"], succeeded=payment["status"] == "succeeded")
    return payment


def collected(books: Books, name: str, *, succeeded: bool) -> None:
    """Note how the collection of an invoice ended, when it is tried again, and what that makes of its subscription."""
    books.storage.clear_timers("retry", name)
    invoice = books.get("invoice", name)
    subscription = books.get("subscription", invoice["parent"]["subscription_details"]["subscription"])
    over = subscription["status"] == "canceled"
    if succeeded:
        invoices.paid(books, name)
        if not over and subscription["latest_invoice"] == name:
            change(books, subscription, {"status": "active"})
        return
    pauses, tries = books.rules.retries, invoice["attempt_count"] + 1
    pause = pauses[tries - 1] if tries <= len(pauses) and not over else None
    invoices.unpaid(books, name, None if pause is None else int(books.at + pause))
    if over:
        return
    if pause is not None:
        books.later("retry", name, pause)
        change(books, subscription, {"status": "past_due"})
    elif books.rules.last_retry == "canceled":
        details = subscription["cancellation_details"] | {"reason": "payment_failed"}
        end(books, subscription | {"cancellation_details": details})
    else:
        change(books, subscription, {"status": books.rules.last_retry})


def retry(books: Books, name: str, decline: Decline | None = None) -> Body:
    """Try an open invoice again, with what its subscription is paid with now."""
    invoice = books.get("invoice", name, "invoice")
    if invoice["status"] != "open":
        raise Refusal(f"Invoice {name} is {invoice['status']} and cannot be paid.")
    row = _subscription(books, invoice)
    method = look_up(row.hidden["number"])
    if method is None:
        raise Refusal(f"Subscription {row.id} has nothing to be paid with.")
    tender = Tender(row.hidden["number"], method, payer(books, row.body))
    return collect(books, invoice, tender, decline or method.renewal)


def mend(books: Books, name: str, number: str) -> Body:
    """Pay an open invoice with another card, which its subscription is paid with from then on, if it succeeds."""
    invoice = books.get("invoice", name, "invoice")
    row, method = _subscription(books, invoice), look_up(number)
    if invoice["status"] != "open":
        raise Refusal(f"Invoice {name} is {invoice['status']} and cannot be paid.")
    if method is None:
        raise Refusal("Your card number is invalid.", param="number")
    decline = method.decline if method.settles == "now" else None
    payment = collect(books, invoice, Tender(number, method, payer(books, row.body)), decline)
    if payment["status"] == "succeeded":
        row = _subscription(books, invoice)
        books.save(row.body, row.hidden | {"number": number})
    return payment


def payer(books: Books, subscription: Body) -> Payer:
    """Give who pays a subscription."""
    customer = books.get("customer", subscription["customer"])
    return Payer(customer["name"], customer["email"], customer["phone"])


def _subscription(books: Books, invoice: Body) -> Row:
    return books.row("subscription", invoice["parent"]["subscription_details"]["subscription"])
