"""Stripe, through its own SDK: checkout sessions, refunds, subscriptions, events and webhooks."""
