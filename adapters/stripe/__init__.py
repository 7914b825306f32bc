"""Stripe, through its own SDK: checkout sessions, refunds, subscriptions, events and webhooks."""

import os

# With it the SDK, which reads it once, prints whole requests and answers: people's names and addresses.
os.environ.pop("STRIPE_LOG", None)
