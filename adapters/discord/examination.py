"""What a doctor tries on Discord: token, clock, key, endpoint, commands, intents, channels, and the order of roles."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp
import discord
from aiohttp import web

from adapters.discord import commands, private, servers
from adapters.discord.endpoint import PATH
from adapters.discord.servers import bad, good
from adapters.discord.signatures import TOLERANCE
from adapters.discord.signing_in import signed_in
from bot.findings import Finding
from bot.perks import Perk

#: Seconds that the clock may be off before the doctor says so, well before requests are refused for it.
MOST_SKEW: Final = TOLERANCE // 10

_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_PORTAL: Final = "https://discord.com/developers/applications"
_AWAY: Final = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What should be so."""

    #: The body that registers the commands, from `listing`.
    listing: list[private.Json]
    #: Whether interactions come over HTTP; then the application's key, and where the shop is reached from outside.
    http: bool = False
    public_key: str = ""
    public_url: str = ""
    #: Ids of the channels that are posted to.
    channels: Sequence[str] = ()
    perks: Sequence[Perk] = ()


async def examine(expected: Expected, *, token: str, api_base: str = "") -> Sequence[Finding]:
    """Try everything, and say how it is. It changes nothing, and raises nothing: what cannot be tried is a finding."""
    try:
        async with signed_in(token, api_base) as client:
            return [good("token", "Discord takes DISCORD_TOKEN"), *[each async for each in _examined(client, expected)]]
    except discord.LoginFailure:
        todo = f"copy the bot's token from {_PORTAL} (Bot, Reset Token) into DISCORD_TOKEN"
        return [bad("token", "Discord refuses DISCORD_TOKEN", todo)]
    except _AWAY as error:
        return [_away("connection", error)]


async def _examined(client: discord.Client, expected: Expected) -> AsyncIterator[Finding]:
    yield await _tried("clock", _clock())
    application = await client.application_info()
    for finding in (*_keys(expected, application), *_intents(expected, application)):
        yield finding
    if expected.http and expected.public_url:
        yield await _reached(_address(expected))
    yield await _tried("commands", _commands(client, expected.listing))
    for channel in expected.channels:
        yield await _tried(f"channel {channel}", servers.channel(client, channel))
    for perk in expected.perks:
        yield await _tried(f"perk {perk.id}", servers.perk(client, perk))


async def _tried(subject: str, trying: Awaitable[Finding]) -> Finding:
    try:
        return await trying
    except _AWAY as error:
        return _away(subject, error)


def _away(subject: str, error: Exception) -> Finding:
    said = f"{error.status} {error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__
    return bad(subject, f"Discord did not answer as it should: {said}", "try again; see https://discordstatus.com")


async def _clock() -> Finding:
    async with (
        aiohttp.ClientSession(timeout=_PATIENCE) as session,
        session.get(private.api_base() + "/gateway") as response,
    ):
        told = response.headers.get("Date", "")
    try:
        off = round((datetime.now(UTC) - parsedate_to_datetime(told)).total_seconds())
    except ValueError:
        return good("clock", "Discord does not tell the time")
    if abs(off) <= MOST_SKEW:
        return good("clock", "the clock is right")
    says = f"the clock is {abs(off)} s {'ahead of' if off > 0 else 'behind'} Discord's"
    return bad("clock", says, f"let the system set its clock (NTP): requests are refused when it is {TOLERANCE} s off")


def _address(expected: Expected) -> str:
    return expected.public_url.rstrip("/") + PATH


def _keys(expected: Expected, application: discord.AppInfo) -> Sequence[Finding]:
    """See that the key is the application's, and that Discord sends interactions to where they are heard."""
    subject, url = "interactions endpoint", application.interactions_endpoint_url or ""
    where = f"{_PORTAL}/{application.id}/information"
    if not expected.http:
        if not url:
            return (good(subject, "none is set: interactions come by the gateway"),)
        todo = f'empty "Interactions Endpoint URL" at {where}, or write http = true under [discord]'
        return (bad(subject, f"Discord sends interactions to {url}, not by the gateway", todo),)
    if expected.public_key.strip().casefold() == application.verify_key.casefold():
        key = good("public key", "DISCORD_PUBLIC_KEY is the application's")
    else:
        todo = f'copy "Public Key" from {where} into DISCORD_PUBLIC_KEY'
        key = bad("public key", "DISCORD_PUBLIC_KEY is not the application's", todo)
    if not expected.public_url:
        todo = "set public_url under [web] to the https address at which this server is reached"
        return key, bad(subject, "the shop has no address of its own", todo)
    if url.rstrip("/") == _address(expected):
        return key, good(subject, f"Discord has verified {url}")
    todo = f'while the shop runs, set "Interactions Endpoint URL" to {_address(expected)} at {where}'
    return key, bad(subject, f"Discord sends interactions to {url or 'the gateway'}", todo)


async def _reached(url: str) -> Finding:
    """Knock with a wrong signature, as Discord itself does now and then: the right answer is 401."""
    subject = "endpoint reachable"
    headers = {"X-Signature-Ed25519": "00" * 64, "X-Signature-Timestamp": "0"}
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.post(url, data=b"{}", headers=headers) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        todo = "start the shop, and let public_url lead to it"
        return bad(subject, f"{url} cannot be reached: {type(error).__name__}", todo)
    if status == web.HTTPUnauthorized.status_code:
        return good(subject, f"{url} answers, and refuses a wrong signature")
    todo = "see what answers there: a proxy must hand POST requests on to the shop as they are"
    return bad(subject, f"{url} answers {status} to a wrong signature, not 401", todo)


async def _commands(client: discord.Client, listing: list[private.Json]) -> Finding:
    changes = commands.differences(await private.registered(client), listing)
    if changes:
        return bad("commands", f"not as they should be: {', '.join(changes)}", "run tillbot register discord")
    return good("commands", f"all {len(listing)} are registered as they should be")


def _intents(expected: Expected, application: discord.AppInfo) -> Sequence[Finding]:
    if expected.http:
        return (good("message content", "over HTTP text such as !buy is not heard; slash commands are"),)
    flags = application.flags
    switch = f'switch on "{{}}" at {_PORTAL}/{application.id}/bot'
    found = []
    if flags.gateway_message_content or flags.gateway_message_content_limited:
        found.append(good("message content", "text such as !buy is heard"))
    else:
        says = "text such as !buy is heard only in direct messages and where the bot is mentioned"
        found.append(bad("message content", says, switch.format("Message Content Intent")))
    if expected.perks and not (flags.gateway_guild_members or flags.gateway_guild_members_limited):
        says = "whoever joins again is given their perks only at their first word"
        found.append(bad("members", says, switch.format("Server Members Intent")))
    elif expected.perks:
        found.append(good("members", "whoever joins again is given their perks at once"))
    return found
