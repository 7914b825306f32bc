"""The ports: what the house needs of the world outside. The docstrings are the contract; tests/contracts holds each to it."""

from __future__ import annotations

from bot.ports.clock import Clock
from bot.ports.declines import DeclineBook
from bot.ports.jobs import Handler, Jobs, Json, Parked, Tick
from bot.ports.links import Links
from bot.ports.memory import Memory
from bot.ports.news import (
    News,
    NewsBook,
    Told,
)
from bot.ports.orders import (
    OrderBook,
    Taking,
)
from bot.ports.payments import (
    Checkout,
    Dispute,
    Event,
    Invoice,
    Payment,
    Payments,
    Refund,
    Session,
    ShippingChoice,
    Subject,
    Subscription,
    Transaction,
)
from bot.ports.people import PeopleBook
from bot.ports.perks import Perks
from bot.ports.returns import DisputeBook, RefundBook
from bot.ports.rounds import RoundBook
from bot.ports.store import (
    AuditBook,
    Facts,
    Inbox,
    LeaseBook,
    PledgeBook,
    StockBook,
    Store,
    Unit,
)
from bot.ports.tallies import Counted, Tally
from bot.ports.voice import Voice

__all__ = [
    "AuditBook",
    "Checkout",
    "Clock",
    "Counted",
    "DeclineBook",
    "Dispute",
    "DisputeBook",
    "Event",
    "Facts",
    "Handler",
    "Inbox",
    "Invoice",
    "Jobs",
    "Json",
    "LeaseBook",
    "Links",
    "Memory",
    "News",
    "NewsBook",
    "OrderBook",
    "Parked",
    "Payment",
    "Payments",
    "PeopleBook",
    "Perks",
    "PledgeBook",
    "Refund",
    "RefundBook",
    "RoundBook",
    "Session",
    "ShippingChoice",
    "StockBook",
    "Store",
    "Subject",
    "Subscription",
    "Taking",
    "Tally",
    "Tick",
    "Told",
    "Transaction",
    "Unit",
    "Voice",
]
