"""Signed deliveries to the app, each of which must be acknowledged in time."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientTimeout, web

from tests.platforms.slack.acknowledgement import ACKNOWLEDGEMENT_SECONDS, Ack, expect_nothing
from tests.platforms.slack.refusal import AppFault
from tests.platforms.slack.socket_mode import Sockets
from tests.platforms.slack.workspace import Json

FORM = "application/x-www-form-urlencoded"
#: Interactions whose acknowledgement may say something (https://docs.slack.dev/apis/events-api/using-socket-mode).
ANSWERABLE = ("view_submission", "block_suggestion")


class Delivery:
    """The end of Slack that posts to an app's request URL, or sends over the sockets that the app has opened."""

    def __init__(self, signing_secret: str, events_url: str | None) -> None:
        self.signing_secret = signing_secret
        self.events_url = events_url
        self.sockets = Sockets()
        self._session: ClientSession | None = None

    def signature(self, body: bytes, timestamp: int) -> str:
        """Return X-Slack-Signature (https://docs.slack.dev/authentication/verifying-requests-from-slack)."""
        base = b"v0:%d:%s" % (timestamp, body)
        return "v0=" + hmac.new(self.signing_secret.encode(), base, hashlib.sha256).hexdigest()

    async def post(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Ack:
        """Send one signed request to the app and return its answer, whatever it is.

        Raises:
            AppFault: `operation_timeout` if the answer takes longer than three seconds.
        """
        if self._session is None or self.events_url is None:
            raise LookupError("the stand-in is not running, or does not know where the app is")
        timestamp = int(time.time())
        sent = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(timestamp),
            "X-Slack-Signature": self.signature(body, timestamp),
            **(headers or {}),
        }
        begun = time.monotonic()
        timeout = ClientTimeout(total=ACKNOWLEDGEMENT_SECONDS)
        try:
            async with self._session.post(self.events_url, data=body, headers=sent, timeout=timeout) as response:
                raw = await response.text()
        except TimeoutError as error:
            raise AppFault("operation_timeout", "no acknowledgement within 3 seconds") from error
        return Ack(time.monotonic() - begun, response.status, response.content_type, raw)

    async def deliver(self, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Ack:
        """Send one signed request to the app, which must be acknowledged with 200."""
        ack = await self.post(body, content_type, headers)
        if ack.status != web.HTTPOk.status_code:
            raise AppFault("dispatch_failed", f"answered {ack.status}: {ack.raw[:200]}")
        return ack

    async def deliver_command(self, fields: Mapping[str, str]) -> Ack:
        """Send a slash command."""
        if self.sockets.used:
            return await self.sockets.deliver("slash_commands", dict(fields), answerable=True)
        return await self.deliver(urlencode(fields).encode(), FORM)

    async def deliver_interaction(self, payload: Json) -> Ack:
        """Send an interaction: the form field `payload` holds its JSON."""
        if self.sockets.used:
            return await self.sockets.deliver("interactive", payload, answerable=payload["type"] in ANSWERABLE)
        return await self.deliver(urlencode({"payload": json.dumps(payload)}).encode(), FORM)

    async def deliver_event(self, payload: Json, retry: int = 0) -> Ack:
        """Send an event; `retry` is the number of the repetition, as after an answer that came too late."""
        if self.sockets.used:
            return await self.sockets.deliver("events_api", payload, answerable=False, retry=retry)
        headers = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        ack = await self.deliver(json.dumps(payload).encode(), "application/json", headers)
        expect_nothing(ack)
        return ack
