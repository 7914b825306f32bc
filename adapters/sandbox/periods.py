"""When a subscription's next period begins."""

from datetime import UTC, datetime, timedelta


def after(anchor: int, interval: str, steps: int) -> int:
    """Give the instant `steps` intervals after `anchor`, in seconds since the epoch.

    Months and years keep the anchor's day, or take the month's last where there is no such day, as Stripe does
    (https://docs.stripe.com/billing/subscriptions/billing-cycle).
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval == "day":
        return int((start + timedelta(days=steps)).timestamp())
    if interval == "week":
        return int((start + timedelta(weeks=steps)).timestamp())
    months = start.month - 1 + steps * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return int(start.replace(year=year, month=month, day=min(start.day, _days(year, month))).timestamp())


def _days(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (following - timedelta(days=1)).day
