"""What stands in the hosted page's form, and whether it can be submitted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from adapters.sandbox.cards import CURRENCY_OF, look_up, typed
from adapters.sandbox.completion import Submission
from adapters.sandbox.errors import Refusal
from adapters.sandbox.payments import Payer
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Email


@dataclass(frozen=True)
class Example:
    """A number that the page offers to fill in, and what it does."""

    label: str
    number: str
    currency: str | None = None


EXAMPLES = (
    Example("Succeeds", "4242 4242 4242 4242"),
    Example("Is declined", "4000 0000 0000 0002"),
    Example("Has insufficient funds", "4000 0000 0000 9995"),
    Example("Has expired", "4000 0000 0000 0069"),
    Example("Has a wrong CVC", "4000 0000 0000 0127"),
    Example("Fails in processing", "4000 0000 0000 0119"),
    Example("Asks for 3-D Secure", "4000 0025 0000 3155"),
    Example("Succeeds, renewals fail", "4000 0000 0000 0341"),
    Example("Succeeds, is disputed", "4000 0000 0000 0259"),
    Example("SEPA debit, settles later", "AT61 1904 3002 3457 3201", "eur"),
    Example("SEPA debit, fails later", "AT86 1904 3002 3547 3202", "eur"),
    Example("Bank debit, settles later", "000123456789", "usd"),
    Example("Bank debit, fails later", "000111111116", "usd"),
)

_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
_REQUIRED = {"shipping_name": "a name to ship to", "line1": "a street address", "city": "a city"}


@dataclass(frozen=True)
class CardForm:
    """The fields of a card alone, by their names."""

    fields: dict[str, str]

    @classmethod
    def prefilled(cls, now: float) -> Self:
        """Give the form as it is first shown."""
        year = datetime.fromtimestamp(now, UTC).year + 2
        return cls({"number": EXAMPLES[0].number, "exp": f"12/{year % 100:02}", "cvc": "123"})

    @classmethod
    def posted(cls, posted: Mapping[str, object], now: float) -> Self:
        """Give the form as it was posted; fields that were not posted are as they are prefilled."""
        fields = cls.prefilled(now).fields
        typed_in = {name: value for name, value in posted.items() if name in fields and isinstance(value, str)}
        return cls(fields | {name: value.strip() for name, value in typed_in.items()})

    def error(self, today: datetime) -> str | None:
        """Say what is wrong with what was typed."""
        return _card_error(typed(self.fields["number"]), self.fields, today)


@dataclass(frozen=True)
class Form:
    """The values of the form's fields, by their names."""

    fields: dict[str, str]

    @classmethod
    def prefilled(cls, session: Body, now: float) -> Self:
        """Give the form as it is first shown: everything an example, nothing anybody's own."""
        fields = CardForm.prefilled(now).fields | {
            "name": "Test Buyer",
            "email": session["customer_email"] or "buyer@example.com",
            "terms": "accepted",
        }
        if session["phone_number_collection"]["enabled"]:
            fields["phone"] = "+1 555 0100"
        collected = session["shipping_address_collection"]
        if collected:
            fields |= {
                "shipping_name": "Test Buyer",
                "line1": "1 Example Street",
                "line2": "",
                "city": "Exampletown",
                "state": "",
                "postal_code": "12345",
                "country": collected["allowed_countries"][0],
            }
        if session["shipping_cost"]:
            fields["shipping_rate"] = session["shipping_cost"]["shipping_rate"]
        return cls(fields)

    @classmethod
    def posted(cls, session: Body, posted: dict[str, str], now: float) -> Self:
        """Give the form as it was posted; fields that were not posted are as they are prefilled.

        A box that is not ticked is not posted either: `page` tells that it was the page that posted.
        """
        fields = cls.prefilled(session, now).fields
        if "page" in posted:
            fields["terms"] = ""
        return cls(fields | {name: value.strip() for name, value in posted.items() if name in fields})


def checked(session: Body, form: Form, today: datetime) -> Submission | str:
    """Give what can be submitted, or a sentence that says what is wrong."""
    fields = form.fields
    number = typed(fields["number"])
    free = session["amount_total"] == 0 and session["mode"] == "payment"
    error = None if free else _card_error(number, fields, today)
    error = error or _person_error(session, fields)
    if error is not None:
        return error
    shipping = None
    if session["shipping_address_collection"]:
        address = {name: fields[name] or None for name in _ADDRESS}
        shipping = {"address": address, "name": fields["shipping_name"]}
    payer = Payer(fields["name"], fields["email"], fields.get("phone"), shipping)
    return Submission(number, payer, fields.get("shipping_rate"))


def _card_error(number: str, fields: dict[str, str], today: datetime) -> str | None:
    method = look_up(number)
    if method is None:
        return "Your card number is invalid."
    if method.type in CURRENCY_OF:
        return None
    match = re.fullmatch(r"\s*(0?[1-9]|1[0-2])\s*[/-]?\s*(?:20)?([0-9]{2})\s*", fields["exp"])
    if match is None:
        return "Your card's expiration date is incomplete: write it as MM/YY."
    if (2000 + int(match.group(2)), int(match.group(1))) < (today.year, today.month):
        return "Your card's expiration year is in the past."
    if not re.fullmatch(r"[0-9]{3,4}", fields["cvc"].strip()):
        return "Your card's security code is incomplete."
    return None


def _person_error(session: Body, fields: dict[str, str]) -> str | None:
    if not fields["name"]:
        return "Enter the name on the card."
    try:
        Email().read(fields["email"], "email")
    except Refusal:
        return "Enter a valid e-mail address."
    collected = session["shipping_address_collection"]
    if collected:
        for name, wanted in _REQUIRED.items():
            if not fields[name]:
                return f"Enter {wanted}."
        if fields["country"] not in collected["allowed_countries"]:
            return "This cannot be shipped to that country."
    if session["phone_number_collection"]["enabled"] and not re.fullmatch(r"\+?[0-9 ()./-]{5,25}", fields["phone"]):
        return "Enter a valid phone number."
    consent = session["consent_collection"]
    if consent and consent["terms_of_service"] == "required" and not fields["terms"]:
        return "Accept the terms of service to go on."
    return None
