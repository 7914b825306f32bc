"""Socket Mode: what Slack would post to us comes over a connection that we open, so that no public address is needed."""

import asyncio
import logging
import re
from typing import Final

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

_ADDRESS: Final = re.compile(r"wss?://\S+")


class _Discreet(logging.Filter):
    """Keeps the ticket, which the address of a connection carries, out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a record pass without addresses and tracebacks."""
        record.msg, record.args = _ADDRESS.sub("…", record.getMessage()), ()
        record.exc_info = record.exc_text = None
        return True


_log: Final = logging.getLogger(__name__)
_log.addFilter(_Discreet())


class Socket:
    """The connection of an app to Slack, opened by `start` and kept up until `aclose`: the SDK opens it again when it ends.

    What arrives after `aclose` began is not acknowledged, so that Slack gives it to the next connection.
    """

    def __init__(self, app: AsyncApp, *, app_token: str, api_base: str) -> None:
        self._app = app
        self._app_token = app_token
        self._api_base = api_base
        self._handler: _Handler | None = None
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect, and to connect again; Slack being gone for now is no error."""
        self._handler = _Handler(
            self._app, self._app_token, logger=_log, web_client=AsyncWebClient(base_url=self._api_base)
        )
        self._connecting = asyncio.create_task(self._handler.client.connect())  # type: ignore[no-untyped-call]

    async def hold(self) -> None:
        """Take nothing more, and let what was taken be acknowledged."""
        if self._handler is not None:
            await self._handler.hold()

    async def aclose(self) -> None:
        """Close the connection."""
        if self._handler is None or self._connecting is None:
            return
        client: SocketModeClient = self._handler.client
        client.closed = True
        self._connecting.cancel()
        await client.close()  # type: ignore[no-untyped-call]
        running = [client.message_processor, client.current_session_monitor, client.message_receiver, self._connecting]
        await asyncio.gather(*(each for each in running if each is not None), return_exceptions=True)
        self._handler = None


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler, which knows what it is at, and when to stop."""

    def __init__(self, app: AsyncApp, app_token: str, *, logger: logging.Logger, web_client: AsyncWebClient) -> None:
        super().__init__(app, app_token, logger=logger, web_client=web_client)
        self._held = False
        self._at = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]
        """Hand one envelope to Bolt, and acknowledge it with what Bolt answers."""
        if self._held:
            return
        self._at += 1
        self._idle.clear()
        try:
            await super().handle(client, req)
        finally:
            self._at -= 1
            if not self._at:
                self._idle.set()

    async def hold(self) -> None:
        """Take nothing more, and wait until everything taken is acknowledged."""
        self._held = True
        await self._idle.wait()
