"""Tests of the sandbox, through the unmodified Stripe SDK over real sockets."""
