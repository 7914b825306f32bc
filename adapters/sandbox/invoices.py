"""Invoices of subscriptions (https://docs.stripe.com/api/invoices)."""

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.rows import Body


def create(books: Books, subscription: Body, lines: list[Body], *, discount: int, reason: str, start: int) -> Body:
    """Create and finalise an invoice over one period of a subscription.

    `lines` are line items of a session; `discount` is taken off their sum, in minor units; `start` is when the
    period begins that is paid for, which ends with the subscription's current period.
    """
    subtotal = sum(line["amount_subtotal"] for line in lines)
    total = subtotal - discount
    name = new_id("in")
    customer = books.get("customer", subscription["customer"])
    end = subscription["items"]["data"][0]["current_period_end"]
    body = books.add(
        "invoice",
        name,
        account_country="US",
        account_name=None,
        amount_due=total,
        amount_overpaid=0,
        amount_paid=0,
        amount_remaining=total,
        amount_shipping=0,
        application=None,
        attempt_count=0,
        attempted=False,
        auto_advance=False,
        automatic_tax=subscription["automatic_tax"] | {"provider": None, "status": None},
        automatically_finalizes_at=None,
        billing_reason=reason,
        collection_method="charge_automatically",
        currency=subscription["currency"],
        custom_fields=None,
        customer=customer["id"],
        customer_address=customer["address"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_phone=customer["phone"],
        customer_shipping=customer["shipping"],
        customer_tax_exempt="none",
        default_payment_method=None,
        default_source=None,
        default_tax_rates=[],
        description=subscription["description"],
        discounts=[],
        due_date=None,
        effective_at=books.at,
        ending_balance=0,
        footer=None,
        from_invoice=None,
        hosted_invoice_url=f"{books.base}/i/{name}",
        invoice_pdf=None,
        issuer={"type": "self"},
        last_finalization_error=None,
        latest_revision=None,
        lines={
            "object": "list",
            "data": [_line(line, name, subscription, start, end) for line in lines],
            "has_more": False,
            "url": f"/v1/invoices/{name}/lines",
        },
        metadata={},
        next_payment_attempt=None,
        number=f"{customer['invoice_prefix']}-{_number(books, customer['id']):04}",
        on_behalf_of=None,
        parent={
            "quote_details": None,
            "subscription_details": {"metadata": subscription["metadata"], "subscription": subscription["id"]},
            "type": "subscription_details",
        },
        payment_settings={"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
        period_end=books.at,
        period_start=books.at,
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        receipt_number=None,
        rendering=None,
        shipping_cost=None,
        shipping_details=None,
        starting_balance=0,
        statement_descriptor=None,
        status="open",
        status_transitions={
            "finalized_at": books.at,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal,
        test_clock=None,
        total=total,
        total_discount_amounts=[],
        total_excluding_tax=total,
        total_pretax_credit_amounts=[],
        total_taxes=[],
        webhooks_delivered_at=books.at,
    )
    books.emit("invoice.created", body)
    if subscription["status"] == "unpaid":  # nobody collects it until what is owed is paid
        body = body | {"hosted_invoice_url": None, "status": "draft", "effective_at": None}
        body["status_transitions"] = body["status_transitions"] | {"finalized_at": None}
        books.save(body)
        return body
    books.emit("invoice.finalized", body)
    return body


def link(books: Books, invoice: Body, payment: str) -> None:
    """Note that a PaymentIntent is to pay an invoice: since 2025 an object of its own leads from one to the other."""
    books.add(
        "invoice_payment",
        new_id("inpay"),
        amount_paid=None,
        amount_requested=invoice["amount_due"],
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"payment_intent": payment, "type": "payment_intent"},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )


def paid(books: Books, name: str) -> Body:
    """Mark an invoice as paid."""
    invoice = books.get("invoice", name)
    invoice = invoice | {
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": invoice["status_transitions"] | {"paid_at": books.at},
    }
    books.save(invoice)
    for row in payments(books, name):
        books.save(
            row
            | {"amount_paid": invoice["amount_due"], "status": "paid"}
            | {"status_transitions": {"canceled_at": None, "paid_at": books.at}}
        )
    books.emit("invoice.paid", invoice)
    books.emit("invoice.payment_succeeded", invoice)
    return invoice


def unpaid(books: Books, name: str, again: int | None) -> Body:
    """Note that an invoice could not be collected; it stays open, and is tried again at `again`, if ever."""
    invoice = books.get("invoice", name)
    invoice = invoice | {
        "attempt_count": invoice["attempt_count"] + 1,
        "attempted": True,
        "next_payment_attempt": again,
    }
    books.save(invoice)
    books.emit("invoice.payment_failed", invoice)
    return invoice


def payments(books: Books, name: str) -> list[Body]:
    """List the payments of an invoice, newest first."""
    rows = books.storage.newest(books.account, "invoice_payment", ("invoice", "is", name))
    return [row.body for row in rows]


def _line(line: Body, invoice: str, subscription: Body, start: int, end: int) -> Body:
    recurring = line["price"]["recurring"] is not None
    item = subscription["items"]["data"][0]["id"] if recurring else None
    details = {"invoice_item": None, "proration": False, "subscription": subscription["id"], "subscription_item": item}
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": line["amount_subtotal"],
        "currency": line["currency"],
        "description": line["description"],
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": subscription["metadata"],
        "parent": {"invoice_item_details": None, "subscription_item_details": details}
        | {"type": "subscription_item_details"},
        "period": {"start": start, "end": end if recurring else start},
        "pricing": {
            "price_details": {"price": line["price"]["id"], "product": line["price"]["product"]},
            "type": "price_details",
            "unit_amount_decimal": line["price"]["unit_amount_decimal"],
        },
        "quantity": line["quantity"],
        "subtotal": line["amount_subtotal"],
        "taxes": [],
    }


def _number(books: Books, customer: str) -> int:
    return len(books.storage.newest(books.account, "invoice", ("customer", "is", customer))) + 1
