"""Customers, made where a session asks for one (https://docs.stripe.com/api/customers)."""

import secrets
import string

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.payments import Payer
from adapters.sandbox.rows import Body


def create(books: Books, payer: Payer) -> Body:
    """Create the customer that a buyer becomes."""
    shipping = payer.shipping and payer.shipping | {"phone": payer.phone}
    customer = books.add(
        "customer",
        new_id("cus", 14),
        address=payer.details()["address"],
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        description=None,
        email=payer.email,
        invoice_prefix="".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(8)),
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        metadata={},
        name=payer.name,
        next_invoice_sequence=1,
        phone=payer.phone,
        preferred_locales=[],
        shipping=shipping,
        tax_exempt="none",
        test_clock=None,
    )
    books.emit("customer.created", customer)
    return customer
