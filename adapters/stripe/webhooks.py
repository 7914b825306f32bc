"""Stripe's webhooks: verified by their signature before anything else is looked at; 200 once stored, 400 if not authentic."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from stripe import SignatureVerificationError, WebhookSignature

from adapters.stripe import shapes
from bot.errors import StoreUnavailable, Unauthentic, WrongAccount
from bot.ports import Event

_log: Final = logging.getLogger(__name__)

#: Seconds a signature may be old, or in the future: https://docs.stripe.com/webhooks#replay-attacks
TOLERANCE: Final = 300
#: Bytes of the largest event that is read; Stripe's own are far smaller.
MOST_BYTES: Final = 512 * 1024
#: Seconds that an event, which is a few kilobytes, may take to arrive.
PATIENCE: Final = 10.0


def _logged(_: web.Request, why: str) -> None:
    _log.warning("refused", extra={"why": why})


class Webhooks:
    """`POST /stripe/webhook` for the shop's account, `/stripe/webhook/{account}` for a cause's own."""

    def __init__(
        self,
        receive: Callable[[Event], Awaitable[bool]],
        signing_secrets: Callable[[], Mapping[str, str]],
        noted: Callable[[str, bool], Awaitable[None]],
        refused: Callable[[web.Request, str], None] = _logged,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """Hand authentic events to `receive`, once it returns they are stored; `signing_secrets` by account.

        `noted` is told of each account's webhooks whether they were authentic, for whoever looks for a wrong secret.
        `refused` is told why a request was; a server that writes a line of each request says it there.
        `patience` is how many seconds an event may take to arrive.
        """
        self._receive = receive
        self._refused = refused
        self._patience = patience
        self._noted = noted
        self._secrets = signing_secrets

    def routes(self) -> list[web.RouteDef]:
        """Give the routes to serve."""
        return [web.post("/stripe/webhook", self._take), web.post("/stripe/webhook/{account}", self._take)]

    async def _take(self, request: web.Request) -> web.Response:
        account = request.match_info.get("account", "")
        try:
            body = await _body(request, self._patience)
            event = understood(
                body, request.headers.get("Stripe-Signature", ""), account, self._secrets().get(account, "")
            )
            await self._noted(account, True)
            if event.type in shapes.TYPES:  # the endpoint may be subscribed to more than Tillbot has a use for
                await self._receive(event)
        except (Unauthentic, WrongAccount) as error:
            self._refused(request, f"webhook: {error.why if isinstance(error, Unauthentic) else 'livemode'}")
            if account in self._secrets() and request.headers.get("Stripe-Signature"):
                await self._noted(account, False)
            return web.json_response({"error": "not authentic"}, status=400)
        except StoreUnavailable:
            _log.exception("webhook not stored; Stripe sends it again")
            return web.json_response({"error": "try again"}, status=503)
        return web.json_response({"received": True})


def understood(body: bytes, signature: str, account: str, secret: str) -> Event:
    """Verify a webhook and take from it what is believed: ids, type and livemode. Raises Unauthentic."""
    if not secret:
        raise Unauthentic("no such account")
    try:
        WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
        signed = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    except (SignatureVerificationError, ValueError, TypeError, StopIteration) as error:
        raise Unauthentic("signature") from error
    if signed > time.time() + TOLERANCE:  # the SDK takes any time in the future
        raise Unauthentic("signed in the future")
    try:
        return shapes.event(json.loads(body), account)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise Unauthentic("not an event") from error


async def _body(request: web.Request, seconds: float) -> bytes:
    if "Content-Encoding" in request.headers:  # Stripe packs nothing; a little that is packed may be very much
        raise Unauthentic("packed")
    if (request.content_length or 0) > MOST_BYTES:
        raise Unauthentic("too large")
    try:
        async with asyncio.timeout(seconds):
            body = await request.content.read(MOST_BYTES + 1)
            while len(body) <= MOST_BYTES and (more := await request.content.read(MOST_BYTES + 1 - len(body))):
                body += more
    except TimeoutError as error:  # so too where the pieces of a body turn out not to be what HTTP calls so
        raise Unauthentic("too slow") from error
    if len(body) > MOST_BYTES:
        raise Unauthentic("too large")
    return body
