"""Refunds, in full or in part, never of more than was paid (https://docs.stripe.com/api/refunds)."""

from adapters.sandbox.balance import Movement, record
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.cards import look_up
from adapters.sandbox.currencies import crooked, written
from adapters.sandbox.disputes import HOLDING, of
from adapters.sandbox.errors import Refusal, exclusive, missing
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Choice, Hash, Integer, Metadata, Text

CREATE = Hash(
    {
        "amount": Integer(1),
        "charge": Text(),
        "payment_intent": Text(),
        "metadata": Metadata(),
        "reason": Choice(("duplicate", "fraudulent", "requested_by_customer")),
    }
)


def create(books: Books, params: Body) -> Body:
    """Refund a charge, or the successful charge of a PaymentIntent."""
    charge = _charge(books, params)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["refunded"] or left == 0:
        raise Refusal(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", left)
    if amount > left:
        currency = charge["currency"]
        raise Refusal(
            f"Refund amount ({written(amount, currency)}) is greater than unrefunded amount on charge"
            f" ({written(left, currency)})",
            param="amount",
        )
    wrong = crooked(amount, charge["currency"])
    if wrong:
        raise Refusal(wrong, param="amount")
    if any(each["status"] in HOLDING for each in of(books, charge["id"])):
        raise Refusal(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    method = look_up(books.row("charge", charge["id"]).hidden["number"])
    fate = method.refund if method else "succeeded"
    refund = books.add(
        "refund",
        new_id("re"),
        {"fate": fate},
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        destination_details={
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        failure_balance_transaction=None,
        failure_reason=None,
        metadata={key: value for key, value in params.get("metadata", {}).items() if value},
        payment_intent=charge["payment_intent"],
        reason=params.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending" if fate == "pending" else "succeeded",
        transfer_reversal=None,
    )
    charge = charge | {
        "amount_refunded": charge["amount_refunded"] + amount,
        "refunded": charge["amount_refunded"] + amount == charge["amount"],
    }
    books.save(charge)
    refund = refund | {"balance_transaction": _moved(books, charge, refund, "refund")}
    books.save(refund)
    books.enter("refund", refund)
    books.emit("refund.created", refund)
    books.emit("charge.refunded", charge)
    if fate != "succeeded":
        books.later("refund", refund["id"], books.settle_after)
    return refund


def settle(books: Books, name: str) -> None:
    """Let a refund come to what its card stands for: pending ones succeed, and some that succeeded fail later."""
    row = books.row("refund", name)
    if row.hidden["fate"] != "pending":
        fail(books, name)
    elif row.body["status"] == "pending":
        _tell(books, row.body | {"status": "succeeded"}, row.body["status"])


def fail(books: Books, name: str) -> Body:
    """Let a refund fail: its bank sends the money back."""
    before = books.get("refund", name, "refund")
    if before["status"] not in {"pending", "succeeded"}:
        raise Refusal(f"Refund {name} is {before['status']} and cannot fail any more.")
    books.storage.clear_timers("refund", name)
    refund = before | {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    charge = books.get("charge", refund["charge"])
    charge = charge | {"amount_refunded": charge["amount_refunded"] - refund["amount"], "refunded": False}
    books.save(charge)
    refund["failure_balance_transaction"] = _moved(books, charge, refund, "refund_failure")
    books.enter("refund_failed", refund)
    return _tell(books, refund, before["status"])


def _tell(books: Books, refund: Body, before: str) -> Body:
    books.save(refund)
    if refund["status"] == "failed":
        books.emit("refund.failed", refund)
    books.emit("refund.updated", refund, {"status": before})
    books.emit("charge.refund.updated", refund, {"status": before})
    return refund


def _moved(books: Books, charge: Body, refund: Body, category: str) -> str:
    """Move a refund's money out of the balance, or back into it where it failed; gives the transaction's id."""
    kind, amount = category, refund["amount"]
    if category == "refund":
        amount = -amount
        kind = "refund" if charge["payment_method_details"]["type"] == "card" else "payment_refund"
    movement = Movement(kind, category, amount, refund["currency"], refund["id"], f"REFUND FOR {charge['id']}")
    return str(record(books, movement)["id"])


def _charge(books: Books, params: Body) -> Body:
    if "charge" in params and "payment_intent" in params:
        raise exclusive("charge", "payment_intent")
    if "charge" in params:
        charge = books.get("charge", params["charge"], "charge")
        if charge["status"] != "succeeded":
            raise Refusal(f"Charge {charge['id']} is not a successful charge and cannot be refunded.", param="charge")
        return charge
    if "payment_intent" not in params:
        raise missing("payment_intent")
    payment = books.get("payment_intent", params["payment_intent"], "payment_intent")
    if payment["status"] != "succeeded":
        raise Refusal(
            f"This PaymentIntent ({payment['id']}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return books.get("charge", payment["latest_charge"])
