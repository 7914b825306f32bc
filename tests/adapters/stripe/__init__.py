"""Tests of the Stripe adapter beyond the contract of Payments: failures, webhooks, currencies, and Stripe itself."""
