"""Accounts: each API key is an account of its own (https://docs.stripe.com/api/accounts)."""

import hashlib

from adapters.sandbox.books import Books
from adapters.sandbox.rows import Body


def account_id(key: str) -> str:
    """Give the account that a key belongs to; the same key gives the same account after a restart."""
    return f"acct_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def account(books: Books) -> Body:
    """Show the account."""
    return {
        "id": books.account,
        "object": "account",
        "business_profile": {"name": "Sandbox", "support_email": None, "support_url": None, "url": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Sandbox", "timezone": "Etc/UTC"}},
        "type": "standard",
    }


def webhook_endpoint(name: str, url: str, created: int) -> Body:
    """Show where events are sent (https://docs.stripe.com/api/webhook_endpoints/object); the sandbox sends all kinds."""
    return {
        "id": name,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": created,
        "description": None,
        "enabled_events": ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
