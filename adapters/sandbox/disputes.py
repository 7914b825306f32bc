"""Disputes: a bank takes a payment back, or asks why it was made (https://docs.stripe.com/api/disputes).

Evidence that reads `winning_evidence` or `losing_evidence` decides a dispute, as in Stripe's test mode:
https://docs.stripe.com/testing#disputes
"""

from dataclasses import dataclass
from typing import Literal

from adapters.sandbox.balance import Movement, record
from adapters.sandbox.books import Books, new_id
from adapters.sandbox.cards import look_up
from adapters.sandbox.errors import Refusal
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Boolean, Hash, Kind, Metadata, Range, Text

_TEXTS = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_tracking_number",
    "uncategorized_text",
)
_FILES = (
    "appeal",
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)
REASONS = (
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
LONGEST = 150_000
"""Characters of all evidence together: https://docs.stripe.com/api/disputes/update#update_dispute-evidence"""
# The sandbox keeps no files, so evidence that names one is refused as unknown.
UPDATE = Hash({"evidence": Hash(dict.fromkeys(_TEXTS, Text(20_000))), "metadata": Metadata(), "submit": Boolean()})
LIST: dict[str, Kind] = {"charge": Text(), "created": Range(), "payment_intent": Text()}

_CLOSED = frozenset({"won", "lost", "warning_closed"})
HOLDING = frozenset({"needs_response", "under_review", "lost"})
"""While a dispute is one of these, the money is not the account's to give back."""


@dataclass(frozen=True)
class Claim:
    """What a payer's bank says; an inquiry only asks, and takes nothing yet. No amount means all that was not refunded."""

    reason: str = "fraudulent"
    amount: int | None = None
    inquiry: bool = False


def begin(books: Books, charge: Body, claim: Claim) -> Body:
    """Open a dispute over a charge; its money is withdrawn at once, unless it is an inquiry."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if claim.amount is None else claim.amount
    if charge["status"] != "succeeded" or not 0 < amount <= left:
        raise Refusal(f"Charge {charge['id']} has no {amount} left to dispute.", param="amount")
    if any(each["status"] not in _CLOSED for each in of(books, charge["id"])):
        raise Refusal(f"Charge {charge['id']} is disputed already.")
    name, brand = new_id("du"), charge["payment_method_details"].get("card", {}).get("brand", "visa")
    case = "inquiry" if claim.inquiry else "chargeback"
    dispute = books.add(
        "dispute",
        name,
        {"inquiry": claim.inquiry},
        amount=amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence=dict.fromkeys((*_TEXTS, *_FILES)) | {"enhanced_evidence": {}},
        evidence_details={
            "due_by": int(books.at + books.rules.evidence_for),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=claim.inquiry,
        metadata={},
        network_reason_code="10.4",
        payment_intent=charge["payment_intent"],
        payment_method_details={
            "card": {"brand": brand, "case_type": case, "network_reason_code": "10.4"},
            "type": "card",
        },
        reason=claim.reason,
        status="warning_needs_response" if claim.inquiry else "needs_response",
    )
    books.save(charge | {"disputed": True})
    books.later("due", name, books.rules.evidence_for)
    books.emit("charge.dispute.created", dispute)
    return dispute if claim.inquiry else _withdraw(books, dispute)


def begin_by_card(books: Books, name: str) -> None:
    """Open the dispute that a charge's card stands for, if anything is left to dispute."""
    row = books.row("charge", name)
    method = look_up(row.hidden["number"])
    if method and method.dispute and row.body["amount_refunded"] < row.body["amount"]:
        inquiry = method.dispute == "inquiry"
        begin(books, row.body, Claim("product_not_received" if inquiry else method.dispute, inquiry=inquiry))


def update(books: Books, name: str, params: Body) -> Body:
    """Take evidence, and hand it to the bank unless it is to be kept for later."""
    dispute = books.get("dispute", name, "dispute")
    change: Body = {}
    if "metadata" in params:
        merged = dispute["metadata"] | params["metadata"]
        change["metadata"] = {key: value for key, value in merged.items() if value} if params["metadata"] else {}
    submits = params.get("submit", "evidence" in params)
    if submits or "evidence" in params:
        change |= _evidence(books, dispute, params.get("evidence", {}), submits=submits)
    dispute = dispute | change
    books.save(dispute)
    books.emit("charge.dispute.updated", dispute)
    return dispute


def close(books: Books, name: str) -> Body:
    """Give a dispute up."""
    dispute = books.get("dispute", name, "dispute")
    if dispute["status"] != "needs_response":
        raise Refusal(f"Dispute {name} is {dispute['status']} and cannot be closed.")
    return decide(books, name, "lost")


def escalate(books: Books, name: str) -> Body:
    """Let an inquiry become a dispute."""
    dispute = books.get("dispute", name, "dispute")
    if not dispute["status"].startswith("warning_") or dispute["status"] in _CLOSED:
        raise Refusal(f"Dispute {name} is {dispute['status']}, which is no open inquiry.")
    dispute = dispute | {"status": "needs_response", "is_charge_refundable": False}
    books.save(dispute, {"inquiry": False})
    books.emit("charge.dispute.updated", dispute)
    return _withdraw(books, dispute)


def decide(books: Books, name: str, outcome: str) -> Body:
    """Let the bank decide, `won` or `lost`; an inquiry can only end well, by being closed."""
    row = books.row("dispute", name, "dispute")
    dispute, inquiry = row.body, row.hidden["inquiry"]
    if dispute["status"] in _CLOSED or (inquiry and outcome == "lost"):
        raise Refusal(f"Dispute {name} is {dispute['status']} and cannot be {outcome}.")
    books.storage.clear_timers("due", name)
    books.storage.clear_timers("decide", name)
    status = "warning_closed" if inquiry else outcome
    dispute = dispute | {"status": status, "is_charge_refundable": outcome == "won"}
    if outcome == "won" and not inquiry:
        dispute = _moved(books, dispute, "dispute_reversal", dispute["amount"])
        books.emit("charge.dispute.funds_reinstated", dispute)
    books.save(dispute)
    books.emit("charge.dispute.closed", dispute)
    return dispute


def pass_due(books: Books, name: str) -> None:
    """Let the time for evidence pass: who has not answered has lost."""
    row = books.row("dispute", name, "dispute")
    if row.body["status"] in {"needs_response", "warning_needs_response"}:
        details = row.body["evidence_details"] | {"past_due": True}
        books.save(row.body | {"evidence_details": details})
        decide(books, name, "won" if row.hidden["inquiry"] else "lost")


def of(books: Books, charge: str) -> list[Body]:
    """List the disputes over a charge, newest first."""
    return [row.body for row in books.storage.newest(books.account, "dispute", ("charge", "is", charge))]


def _evidence(books: Books, dispute: Body, given: Body, *, submits: bool) -> Body:
    """Give what evidence changes of a dispute, or refuse it."""
    details = dispute["evidence_details"]
    if not dispute["status"].endswith("needs_response"):
        raise Refusal(f"Dispute {dispute['id']} is {dispute['status']} and takes no more evidence.", param="evidence")
    evidence = dispute["evidence"] | given
    texts = [evidence[name] for name in _TEXTS if evidence[name]]
    if sum(map(len, texts)) > LONGEST:
        raise Refusal(f"Evidence may have up to {LONGEST} characters altogether.", param="evidence")
    if submits and not texts:
        raise Refusal("There is no evidence to submit.", param="evidence")
    change: Body = {"evidence": evidence, "evidence_details": details | {"has_evidence": bool(texts)}}
    if not submits:
        return change
    change["evidence_details"] |= {"submission_count": details["submission_count"] + 1}
    change["status"] = dispute["status"].replace("needs_response", "under_review")
    books.storage.clear_timers("due", dispute["id"])
    if evidence["uncategorized_text"] in {"winning_evidence", "losing_evidence"}:
        books.save(dispute, {**books.row("dispute", dispute["id"]).hidden, "fate": evidence["uncategorized_text"]})
        books.later("decide", dispute["id"], books.settle_after)
    return change


def decided(books: Books, name: str) -> None:
    """Let the bank read evidence that decides."""
    row = books.row("dispute", name, "dispute")
    if row.body["status"] not in _CLOSED:
        won = row.hidden["inquiry"] or row.hidden["fate"] == "winning_evidence"
        decide(books, name, "won" if won else "lost")


def _withdraw(books: Books, dispute: Body) -> Body:
    dispute = _moved(books, dispute, "dispute", -dispute["amount"])
    books.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def _moved(books: Books, dispute: Body, category: str, amount: int) -> Body:
    """Move a dispute's money out of the balance, with a fee, or back into it."""
    what = f"Chargeback {'withdrawal' if amount < 0 else 'reversal'} for {dispute['charge']}"
    fee: Literal["none", "dispute"] = "dispute" if amount < 0 else "none"
    movement = Movement("adjustment", category, amount, dispute["currency"], dispute["id"], what, fee)
    moved = dispute["balance_transactions"] + [record(books, movement)]
    dispute = dispute | {"balance_transactions": moved}
    books.save(dispute)
    return dispute
