"""The list of events that Tillbot has a use for."""

from __future__ import annotations

import re
from pathlib import Path

import stripe

from adapters.stripe.shapes import TYPES

#: https://docs.stripe.com/api/events/list#list_events-types
MOST = 20
README = Path(__file__).parents[3] / "README.md"
#: Where the SDK has every event that an endpoint can be subscribed to.
SOURCE = Path(stripe.__file__).with_name("params") / "_webhook_endpoint_create_params.py"


def test_stripe_has_them() -> None:
    """They are no more than Stripe filters by, none twice, and each is an event of Stripe's."""
    assert len(TYPES) == len(set(TYPES)) <= MOST
    assert set(TYPES) <= set(re.findall(r'"([a-z_.]+)"', SOURCE.read_text(encoding="utf-8")))


def test_readme_lists_them() -> None:
    """The README tells an operator to subscribe to exactly these."""
    block = README.read_text(encoding="utf-8").split("says which are missing):\n\n```\n")[1].split("```")[0]
    assert sorted(block.split()) == sorted(TYPES)
