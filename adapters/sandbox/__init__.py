"""A small Stripe on its own port, which the unmodified SDK talks to over HTTP, for the demo, development and tests."""

from adapters.sandbox.server import Sandbox, serve
from adapters.sandbox.webhooks import Endpoint

__all__ = ["Endpoint", "Sandbox", "serve"]
