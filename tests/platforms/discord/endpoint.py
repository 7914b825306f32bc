"""The application's interactions endpoint: what people do is posted there, signed, and answered in the response or by REST.

As in https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint and
.../interactions/receiving-and-responding#interaction-callback.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from nacl.signing import SigningKey

from tests.platforms.discord import refusals
from tests.platforms.discord.traffic import Request
from tests.platforms.discord.world import Interaction

if TYPE_CHECKING:
    from tests.platforms.discord.stand_in import DiscordStandIn

PING, PONG = 1, 1
_OK: Final = 200
_ACCEPTED: Final = 202
_UNAUTHORIZED: Final = 401
_JSON: Final = "application/json"
#: Seconds of real time after which nobody waits for a response.
_PATIENCE: Final = 10.0


class NotVerifiedError(AssertionError):
    """The Developer Portal says "The specified interactions endpoint url could not be verified"."""


@dataclass(frozen=True)
class Response:
    """What the endpoint responded."""

    status: int
    body: bytes
    type: str

    @property
    def json(self) -> Any:
        """The body, read; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Endpoint:
    """Posts interactions once it has a `url`; until then they go by the gateway."""

    def __init__(self, stand_in: DiscordStandIn) -> None:
        self._world = stand_in
        self._key = SigningKey.generate()
        self._session: aiohttp.ClientSession | None = None
        self._delivering: set[asyncio.Task[None]] = set()
        self.url = ""

    @property
    def public_key(self) -> str:
        """The application's public key, in hexadecimal."""
        return bytes(self._key.verify_key).hex()

    async def verify(self, url: str) -> None:
        """Take an address, as the Developer Portal does: it must answer a PING, and refuse a wrong signature."""
        ping = json.dumps({**self._world.ping(), "type": PING}).encode()
        ponged = await self.post(ping, url=url)
        if (ponged.status, ponged.type, ponged.json) != (_OK, _JSON, {"type": PONG}):
            raise NotVerifiedError(f"a PING was answered with {ponged}")
        refused = await self.post(ping, url=url, signature="00" * 64)
        if refused.status != _UNAUTHORIZED:
            raise NotVerifiedError(f"a wrong signature was answered with {refused}")
        self.url = url

    async def post(
        self,
        body: bytes,
        *,
        url: str = "",
        signature: str | None = None,
        timestamp: str | None = None,
        signed: bytes | None = None,
    ) -> Response:
        """Post a body, signed unless told otherwise; `signed` is what is signed in its place."""
        at = str(int(time.time())) if timestamp is None else timestamp
        proof = self._key.sign(at.encode() + (body if signed is None else signed)).signature.hex()
        headers = {
            "Content-Type": _JSON,
            "User-Agent": "Discord-Interactions/1.0 (+https://discord.com)",
            "X-Signature-Ed25519": proof if signature is None else signature,
            "X-Signature-Timestamp": at,
        }
        self._session = self._session or aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE))
        present = {name: value for name, value in headers.items() if value}
        async with self._session.post(url or self.url, data=body, headers=present) as response:
            return Response(response.status, await response.read(), response.content_type)

    def deliver(self, interaction: Interaction) -> None:
        """Post an interaction; the response is its first answer, unless that is a 202."""
        task = asyncio.create_task(self._deliver(interaction))
        self._delivering.add(task)
        task.add_done_callback(self._delivering.discard)

    async def _deliver(self, interaction: Interaction) -> None:
        body = json.dumps(interaction.wire(self._world.permissions)).encode()
        try:
            response = await self.post(body)
        except (aiohttp.ClientError, TimeoutError) as error:
            interaction.failed = f"the endpoint did not answer: {type(error).__name__}"
        else:
            self._read(interaction, response)
        self._world.changes.notify()

    def _read(self, interaction: Interaction, response: Response) -> None:
        refusal: object = None
        if response.status == _ACCEPTED:
            refusal = "202 comes with no body" if response.body else None
        elif response.status != _OK or response.type != _JSON:
            refusal = f"a response of {response.status}, {response.type}"
        else:
            try:
                self._world.answers.first(interaction, response.json)
            except refusals.RefusedError as refused:
                refusal = refused.body
        if refusal and interaction.answered is None:
            interaction.failed = str(refusal)
        made = Request("INLINE", "/interactions/callback", response.json, response.status, refusal)
        self._world.requests.append(made)

    async def aclose(self) -> None:
        """Deliver nothing more."""
        for task in self._delivering:
            task.cancel()
        await asyncio.gather(*self._delivering, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
