"""One Discord on a loopback port: its state, its people, its faults on demand, and the server in front of them."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import yarl
from aiohttp import web

from tests.platforms.discord import refusals
from tests.platforms.discord.answers import Answers
from tests.platforms.discord.client import NotOnScreenError
from tests.platforms.discord.endpoint import Endpoint
from tests.platforms.discord.gateway import GUILD_MEMBERS, Gateway
from tests.platforms.discord.members import Members
from tests.platforms.discord.people import Person
from tests.platforms.discord.rest import Rest
from tests.platforms.discord.servers import Channel, Guild, Role
from tests.platforms.discord.traffic import API, Failure, Request, Traffic
from tests.platforms.discord.world import PATIENCE, Changes, Clock, Interaction, Post


@dataclass(eq=False)
class DiscordStandIn:
    """Start it with `async with DiscordStandIn() as discord`; then point discord.py at `api_base` and `gateway_url`."""

    token: str = "stand-in-token"
    clock: Clock = field(default_factory=Clock)
    changes: Changes = field(default_factory=Changes)
    guilds: list[Guild] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    commands: dict[int | None, list[dict[str, Any]]] = field(default_factory=dict)
    #: What the bot and everybody may do: see, post, embed, read what was said, use commands.
    permissions: int = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 16) | (1 << 31)
    #: By how many seconds the platform's clock is ahead of ours.
    skew: float = 0.0
    api_base: str = ""
    gateway_url: str = ""

    def __post_init__(self) -> None:
        """Make the application, its bot and its owner."""
        self.application_id = self.bot_id = self.clock.snowflake()
        self.bot = {
            "id": str(self.bot_id),
            "username": "tillbot",
            "discriminator": "0000",
            "avatar": None,
            "bot": True,
            "public_flags": 0,
        }
        self.owner = {"id": str(self.clock.snowflake()), "username": "owner", "discriminator": "0", "avatar": None}
        self.gateway = Gateway(token=self.token, ready=self._ready, guilds=self._guild_objects)
        self.gateway.changed = self.changes.notify
        self._traffic = Traffic(self.token, notify=self.changes.notify)
        self.answers = Answers(self)
        self.endpoint = Endpoint(self)
        self._posts: list[Post] = []
        self._runner: web.AppRunner | None = None

    # Starting and stopping.

    async def __aenter__(self) -> Self:
        """Listen on a free loopback port."""
        api = web.Application(middlewares=[self._traffic.middleware])
        api.add_routes([*Rest(self).routes(), *Members(self).routes(), *self.answers.routes()])
        app = web.Application()
        app.add_subapp(API, api)
        app.router.add_get("/gateway/", self.gateway.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_base = f"http://127.0.0.1:{port}{API}"
        self.gateway_url = str(yarl.URL(f"ws://127.0.0.1:{port}/gateway/"))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up on everybody and stop listening."""
        await self.endpoint.aclose()
        await self.gateway.drop(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    # What a test sets up.

    def guild(
        self, name: str = "The Shop", *, locale: str = "en-US", channels: tuple[str, ...] = ("general",)
    ) -> Guild:
        """Make a guild with the bot in it; clients that connect later hear of it."""
        guild = Guild(self.clock.snowflake(), name, locale)
        guild.channels = [Channel(self.clock.snowflake(), channel, guild) for channel in channels]
        self.guilds.append(guild)
        return guild

    def person(
        self, name: str, *, locale: str = "en-US", guild: Guild | None = None, roles: tuple[int, ...] = ()
    ) -> Person:
        """Make a person, in a guild or in none."""
        identity = self.clock.snowflake()
        dm = Channel(self.clock.snowflake(), f"@{name}")
        person = Person(self, identity, name, locale, guild, dm, list(roles))
        dm.recipient = person
        self.people.append(person)
        if guild is not None:
            guild.members.append(person)
        return person

    def role(
        self, guild: Guild, name: str, position: int, *, permissions: int = 0, managed: bool = False, bot: bool = False
    ) -> Role:
        """Make a role, the bot's own where it says so."""
        role = Role(self.clock.snowflake(), name, position, permissions, managed)
        guild.roles.append(role)
        if bot:
            guild.bot_roles.append(role.id)
        return role

    def leave(self, person: Person) -> None:
        """Let a member leave their guild, and lose their roles."""
        if person.guild is not None:
            person.guild.members.remove(person)
        person.guild, person.roles = None, []

    async def join(self, person: Person, guild: Guild) -> None:
        """Let somebody join a guild (again), and tell the clients that asked to be told."""
        person.guild, person.joined_at = guild, datetime.fromtimestamp(self.clock.now(), UTC).isoformat()
        guild.members.append(person)
        data = {**person.member(), "guild_id": str(guild.id)}
        await self.gateway.dispatch("GUILD_MEMBER_ADD", data, guild=guild.id, intent=GUILD_MEMBERS)

    def fail(
        self,
        method: str,
        path: str,
        *,
        status: int = 503,
        code: int = 0,
        headers: dict[str, str] | None = None,
        times: int = 1,
        after: bool = False,
        **more: object,
    ) -> None:
        """Let the next matching requests fail; `path` is a regular expression, `after` does the thing all the same."""
        body = {"message": f"{status}: made to fail", "code": code, **more}
        self._traffic.failures.append(Failure(method, re.compile(path), status, body, headers or {}, times, after))

    def rate_limit(self, method: str, path: str, retry_after: float, *, times: int = 1) -> None:
        """Answer the next matching requests with 429, as Discord does (discord.py looks for the Via header)."""
        self.fail(
            method,
            path,
            status=429,
            headers={"Via": "1.1 stand-in"},
            times=times,
            retry_after=retry_after,
            **{"global": False},
        )

    def advance(self, seconds: float) -> None:
        """Skip some seconds: interactions grow old, tokens expire."""
        self.clock.advance(seconds)
        self.changes.notify()

    async def connected(self, clients: int = 1, patience: float = PATIENCE) -> None:
        """Wait until this many clients have identified themselves."""
        await self.changes.until(
            lambda: len(self.gateway.connected) == clients,
            lambda: f"{len(self.gateway.connected)} clients are connected, not {clients}",
            patience,
        )

    async def registered(self, *names: str, guild: Guild | None = None) -> None:
        """Wait until these application commands are registered."""
        scope = guild.id if guild else None
        await self.changes.until(
            lambda: set(names) <= {command["name"] for command in self.commands.get(scope, [])},
            lambda: f"not registered: {names}; only {[c['name'] for c in self.commands.get(scope, [])]}",
        )

    # What is there to see.

    @property
    def requests(self) -> list[Request]:
        """Every request the bot has made, oldest first."""
        return self._traffic.requests

    def posts(self) -> list[Post]:
        """Give every post, deleted and ephemeral ones too, oldest first."""
        return list(self._posts)

    def public_posts(self, channel: Channel | None = None) -> list[Post]:
        """Give the bot's posts that more than one person can see: the ones that must hold nothing private."""
        return [
            post
            for post in self._posts
            if not post.private and post.author is self.bot and (channel is None or post.channel is channel)
        ]

    def person_by_id(self, identity: int) -> Person | None:
        """Find a person."""
        return next((person for person in self.people if person.id == identity), None)

    def channel_by_id(self, identity: int) -> Channel | None:
        """Find a channel, of a guild or a person's."""
        channels = [channel for guild in self.guilds for channel in guild.channels]
        channels += [person.dm for person in self.people]
        return next((channel for channel in channels if channel.id == identity), None)

    def command(self, name: str, guild: Guild | None, locale: str) -> dict[str, Any]:
        """Find a registered command by its name, in a person's language too."""
        known = [*self.commands.get(None, []), *(self.commands.get(guild.id, []) if guild else [])]
        for command in known:
            if name in (command["name"], (command.get("name_localizations") or {}).get(locale)):
                return command
        raise NotOnScreenError(f"there is no /{name}; there are {[command['name'] for command in known]}")

    # What happens.

    async def interact(
        self,
        kind: int,
        *,
        person: Person,
        data: dict[str, Any],
        channel: Channel,
        source: Post | None = None,
        option_type: int | None = None,
    ) -> Interaction:
        """Create an interaction and hand it to the bot."""
        interaction = Interaction(
            id=self.clock.snowflake(),
            token=secrets.token_urlsafe(48),
            type=kind,
            application_id=self.application_id,
            person=person,
            channel=channel,
            born=self.clock.now(),
            data=data,
            source=source,
            option_type=option_type,
        )
        self.interactions[interaction.token] = interaction
        if self.endpoint.url:
            self.endpoint.deliver(interaction)
            return interaction
        guild = channel.guild.id if channel.guild else 0
        await self.gateway.dispatch("INTERACTION_CREATE", interaction.wire(self.permissions), guild=guild)
        return interaction

    def ping(self) -> dict[str, Any]:
        """Give what a PING holds besides its type."""
        return {
            "id": str(self.clock.snowflake()),
            "application_id": str(self.application_id),
            "token": secrets.token_urlsafe(48),
            "version": 1,
            "entitlements": [],
            "user": self.owner,
        }

    def add(self, post: Post) -> None:
        """Put a post on the screens."""
        post.channel.posts.append(post)
        self._posts.append(post)
        self.changes.notify()

    def edit(self, post: Post, body: dict[str, Any]) -> None:
        """Change a post; it may not become empty."""
        before = (post.content, post.embeds, post.components, post.flags)
        post.change(body)
        if post.empty:
            post.content, post.embeds, post.components, post.flags = before
            raise refusals.empty_message()
        post.edits += 1
        self.changes.notify()

    async def publish(self, post: Post, *, member: dict[str, Any] | None = None) -> None:
        """Put a post on the screens and tell the bot of it."""
        self.add(post)
        data = post.wire()
        if post.channel.guild is not None:
            data["guild_id"] = str(post.channel.guild.id)
        if member is not None:
            data["member"] = {key: value for key, value in member.items() if key != "user"}
        await self.gateway.message(data, bot_id=self.bot_id)

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.bot,
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in self.guilds],
            "resume_gateway_url": self.gateway_url,
            "application": {"id": str(self.application_id), "flags": 0},
        }

    def _guild_objects(self) -> list[dict[str, Any]]:
        return [guild.wire(self.bot, self.owner, self.permissions) for guild in self.guilds]
