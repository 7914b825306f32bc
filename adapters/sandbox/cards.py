"""The numbers that may be typed on the hosted page, and what each of them does.

Cards: https://docs.stripe.com/testing. Bank accounts, which settle later: the same page for SEPA Direct Debit
(in EUR) and ACH Direct Debit (in USD).
"""

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Decline:
    """Why a payment was refused, in Stripe's codes and words."""

    code: str
    decline_code: str | None
    message: str


@dataclass(frozen=True)
class Method:
    """A way to pay, and how it turns out."""

    type: Literal["card", "sepa_debit", "us_bank_account"]
    brand: str
    decline: Decline | None = None
    challenge: bool = False
    """3-D Secure asks before `decline`, if any, is looked at."""
    settles: Literal["now", "succeeded", "failed"] = "now"
    renewal: Decline | None = None
    """Refuses every charge after the first."""
    refund: Literal["succeeded", "pending", "failed"] = "succeeded"
    dispute: Literal["", "fraudulent", "product_not_received", "inquiry"] = ""
    """What its bank disputes every charge for, after it succeeded."""


DECLINED = Decline("card_declined", "generic_decline", "Your card was declined.")
INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
INCORRECT_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
NOT_AUTHENTICATED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. This is a sandbox: use a test card such as 4242 4242 4242 4242.",
)
BANK_REFUSED = Decline("payment_method_provider_decline", None, "The customer's bank account could not be debited.")

_CARDS = {
    "4242424242424242": Method("card", "visa"),
    "4000056655665556": Method("card", "visa"),
    "5555555555554444": Method("card", "mastercard"),
    "378282246310005": Method("card", "amex"),
    "4000002500001001": Method("card", "cartes_bancaires"),
    "4000000000000002": Method("card", "visa", DECLINED),
    "4000000000009995": Method("card", "visa", INSUFFICIENT),
    "4000000000009987": Method("card", "visa", LOST),
    "4000000000009979": Method("card", "visa", STOLEN),
    "4000000000000069": Method("card", "visa", EXPIRED),
    "4000000000000127": Method("card", "visa", INCORRECT_CVC),
    "4000000000000119": Method("card", "visa", PROCESSING_ERROR),
    "4000000000000341": Method("card", "visa", renewal=DECLINED),
    "4000002500003155": Method("card", "visa", challenge=True),
    "4000002760003184": Method("card", "visa", challenge=True),
    "4000000000003220": Method("card", "visa", challenge=True),
    "4000008400001629": Method("card", "visa", DECLINED, challenge=True),
    "4000008260003178": Method("card", "visa", INSUFFICIENT, challenge=True),
    "4000000000007726": Method("card", "visa", refund="pending"),
    "4000000000005126": Method("card", "visa", refund="failed"),
    "4000000000000259": Method("card", "visa", dispute="fraudulent"),
    "4000000000002685": Method("card", "visa", dispute="product_not_received"),
    "4000000000001976": Method("card", "visa", dispute="inquiry"),
}

_BANK_ACCOUNTS = {
    "DE89370400440532013000": Method("sepa_debit", "sepa", settles="succeeded"),
    "FR1420041010050500013M02606": Method("sepa_debit", "sepa", settles="succeeded"),
    "AT611904300234573201": Method("sepa_debit", "sepa", settles="succeeded"),
    "AT321904300235473204": Method("sepa_debit", "sepa", settles="succeeded"),
    "AT861904300235473202": Method("sepa_debit", "sepa", BANK_REFUSED, settles="failed"),
    "AT051904300235473205": Method("sepa_debit", "sepa", BANK_REFUSED, settles="failed"),
    "000123456789": Method("us_bank_account", "ach", settles="succeeded"),
    "000111111113": Method("us_bank_account", "ach", BANK_REFUSED, settles="failed"),
    "000111111116": Method("us_bank_account", "ach", BANK_REFUSED, settles="failed"),
    "000222222227": Method("us_bank_account", "ach", BANK_REFUSED, settles="failed"),
}

CURRENCY_OF = {"sepa_debit": "eur", "us_bank_account": "usd"}


def typed(number: str) -> str:
    """Take the spaces and dashes out of what was typed."""
    return re.sub(r"[\s-]", "", number).upper()


def look_up(number: str) -> Method | None:
    """Give the way to pay that a number stands for, or None if it is no number of a card or bank account at all."""
    known = _CARDS.get(number) or _BANK_ACCOUNTS.get(number)
    if known is not None:
        return known
    if re.fullmatch(r"[0-9]{12,19}", number) and _luhn(number):
        return Method("card", "unknown", NOT_A_TEST_CARD)
    return None


def _luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0  # noqa: PLR2004
