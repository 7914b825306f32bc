"""How a subscription stands: changed with an event that says what was before, or ended."""

from adapters.sandbox.books import Books
from adapters.sandbox.rows import Body


def change(books: Books, subscription: Body, to: Body) -> Body:
    """Change a subscription, and say so if that changes anything."""
    previous = {key: subscription[key] for key, value in to.items() if subscription[key] != value}
    if not previous:
        return subscription
    subscription = subscription | to
    books.save(subscription)
    books.emit("customer.subscription.updated", subscription, previous)
    return subscription


def end(books: Books, subscription: Body) -> Body:
    """End a subscription now; what is still open of it is not tried again."""
    books.storage.clear_timers("renew", subscription["id"])
    owed = (("parent.subscription_details.subscription", "is", subscription["id"]), ("status", "is", "open"))
    for row in books.storage.newest(books.account, "invoice", *owed):
        books.storage.clear_timers("retry", row.id)
        books.save(row.body | {"next_payment_attempt": None})
    subscription = subscription | {
        "status": "canceled",
        "ended_at": books.at,
        "canceled_at": subscription["canceled_at"] or books.at,
        "cancel_at_period_end": False,
    }
    books.save(subscription)
    books.emit("customer.subscription.deleted", subscription)
    return subscription
