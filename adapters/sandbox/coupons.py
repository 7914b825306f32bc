"""Coupons: an amount or a percentage off (https://docs.stripe.com/api/coupons)."""

from adapters.sandbox.books import Books, new_id
from adapters.sandbox.errors import Refusal, exclusive, missing
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Choice, Currency, Hash, Integer, Metadata, Percent, Text

CREATE = Hash(
    {
        "id": Text(200),
        "name": Text(40),
        "amount_off": Integer(1),
        "percent_off": Percent(),
        "currency": Currency(),
        "duration": Choice(("forever", "once", "repeating")),
        "duration_in_months": Integer(1),
        "max_redemptions": Integer(1),
        "redeem_by": Integer(),
        "metadata": Metadata(),
    }
)


def create(books: Books, params: Body) -> Body:
    """Create a coupon."""
    if "amount_off" in params and "percent_off" in params:
        raise exclusive("amount_off", "percent_off")
    if "amount_off" not in params and "percent_off" not in params:
        raise missing("percent_off")
    if "amount_off" in params and "currency" not in params:
        raise Refusal("You must pass currency when passing amount_off", code="parameter_missing", param="currency")
    duration = params.get("duration", "once")
    if (duration == "repeating") != ("duration_in_months" in params):
        raise Refusal(
            "`duration_in_months` must be given if, and only if, `duration` is `repeating`.",
            param="duration_in_months",
        )
    if params.get("redeem_by", books.at + 1) <= books.at:
        raise Refusal("The `redeem_by` timestamp must be in the future.", param="redeem_by")
    return books.add(
        "coupon",
        params.get("id") or new_id("", 8)[1:],
        amount_off=params.get("amount_off"),
        currency=params.get("currency") if "amount_off" in params else None,
        duration=duration,
        duration_in_months=params.get("duration_in_months"),
        max_redemptions=params.get("max_redemptions"),
        metadata=params.get("metadata", {}),
        name=params.get("name"),
        percent_off=params.get("percent_off"),
        redeem_by=params.get("redeem_by"),
        times_redeemed=0,
        valid=True,
    )


def delete(books: Books, name: str) -> Body:
    """Delete a coupon: nobody can use it from now on."""
    books.get("coupon", name, "coupon")
    books.storage.remove(books.account, name)
    return {"id": name, "object": "coupon", "deleted": True}


def usable(books: Books, name: str, currency: str, param: str) -> Body:
    """Give a coupon that may be used now for that currency, or refuse it."""
    coupon = books.row("coupon", name, param, status=400).body
    spent = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
    over = coupon["redeem_by"] is not None and coupon["redeem_by"] <= books.at
    if spent or over:
        raise Refusal(
            f"Coupon {name} is used up or expired and cannot be redeemed.", code="coupon_expired", param=param
        )
    if coupon["currency"] not in {None, currency}:
        raise Refusal(
            f"Coupon {name} is in {coupon['currency']} and cannot be applied to prices in {currency}.", param=param
        )
    return coupon


def redeem(books: Books, name: str) -> None:
    """Count one use of a coupon."""
    row = books.find(name, "coupon")
    if row is not None:
        used = row.body["times_redeemed"] + 1
        books.save(row.body | {"times_redeemed": used, "valid": used != row.body["max_redemptions"]})


def discount_on(coupon: Body, subtotal: int) -> int:
    """Give how much a coupon takes off, rounded half up to a minor unit, never more than there is."""
    if coupon["amount_off"] is not None:
        return min(int(coupon["amount_off"]), subtotal)
    # In ten-thousandths of a percent, so that no binary fraction is ever rounded.
    share = round(coupon["percent_off"] * 10_000)
    return int((subtotal * share + 500_000) // 1_000_000)
