"""What a feature lets people do: each of these ends at an instant of its own, and `donate` is not among them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Capability(StrEnum):
    """One thing that people can do with a feature until it ends."""

    LIST_NEW = "list_new"  # post new cards for it in channels
    SUBSCRIBE_NEW = "subscribe_new"  # begin a monthly purchase
    CHECKOUT_NEW = "checkout_new"  # begin a purchase
    COMPLETE_OPEN = "complete_open"  # pay what was begun before
    RENEW = "renew"  # a monthly purchase goes on for another month
    FULFIL = "fulfil"  # deliver what was paid
    REFUND = "refund"  # give money back from here
    HISTORY = "history"  # look one's orders up, and browse what was sold
    EXPORT = "export"  # take one's orders along as a file
    DELETE = "delete"  # have one's orders kept here; only what the operator gives an instant for ends


#: How long after `closes` each ends unless the operator says otherwise; what is not among them ends only if they do.
#: Nobody begins a monthly purchase of what is known to end: `subscribe_new` ends when the end is announced.
AFTER: Final[Mapping[Capability, timedelta]] = MappingProxyType(
    {
        Capability.LIST_NEW: timedelta(0),
        Capability.CHECKOUT_NEW: timedelta(0),  # this one *is* `closes`, and is never given apart from it
        Capability.COMPLETE_OPEN: timedelta(0),
        Capability.RENEW: timedelta(0),
        Capability.FULFIL: timedelta(days=60),
        Capability.REFUND: timedelta(days=180),
        Capability.HISTORY: timedelta(days=365),
        Capability.EXPORT: timedelta(days=730),
    }
)

#: What may not end before what: nobody may be asked for money that could then not be taken, delivered or given back,
#: and whoever can no longer look could still take a copy.
NOT_BEFORE: Final[tuple[tuple[Capability, Capability], ...]] = (
    (Capability.CHECKOUT_NEW, Capability.LIST_NEW),
    (Capability.CHECKOUT_NEW, Capability.SUBSCRIBE_NEW),
    (Capability.COMPLETE_OPEN, Capability.CHECKOUT_NEW),
    (Capability.RENEW, Capability.SUBSCRIBE_NEW),
    (Capability.FULFIL, Capability.COMPLETE_OPEN),
    (Capability.FULFIL, Capability.RENEW),
    (Capability.REFUND, Capability.FULFIL),
    (Capability.HISTORY, Capability.REFUND),
    (Capability.EXPORT, Capability.HISTORY),
    (Capability.DELETE, Capability.EXPORT),
)

_FIXED: Final = frozenset({Capability.CHECKOUT_NEW})


def instants(
    announced: datetime, closes: datetime, given: Mapping[Capability, datetime]
) -> Mapping[Capability, datetime]:
    """Give when each capability ends: what is `given`, else what follows from the two dates; all of them in UTC.

    `delete` is among them only where it is given: without that nothing is deleted.
    `checkout_new` is `closes`. What is derived keeps the order of `NOT_BEFORE`: it moves with what is given, to the later
    side.
    """
    found = {capability: closes + after for capability, after in AFTER.items()}
    found[Capability.SUBSCRIBE_NEW] = min(announced, closes)
    found |= given
    for later, earlier in NOT_BEFORE:  # each is behind those that it waits for, so that one pass is enough
        if later in found and later not in _FIXED | given.keys() and found[later] < found[earlier]:
            found[later] = found[earlier]
    return found


def disorder(found: Mapping[Capability, datetime]) -> tuple[tuple[Capability, Capability], ...]:
    """Name the pairs (later, earlier) of which the first ends before the second although it must not."""
    return tuple((later, earlier) for later, earlier in NOT_BEFORE if later in found and found[later] < found[earlier])
