"""The REST side: what the bot asks of Discord about itself, its commands, channels and messages."""

import json
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.platforms.discord import bodies, refusals
from tests.platforms.discord.gateway import GUILD_MEMBERS, MESSAGE_CONTENT
from tests.platforms.discord.servers import READ_MESSAGE_HISTORY, Channel
from tests.platforms.discord.world import Post

if TYPE_CHECKING:
    from tests.platforms.discord.stand_in import DiscordStandIn

CREATE_FLAGS = bodies.SUPPRESS_EMBEDS | bodies.SUPPRESS_NOTIFICATIONS
JSON = {"Content-Type": "application/json"}  # exactly: discord.py parses nothing that says a charset


def answer(data: object, status: int = 200) -> web.Response:
    """Answer with JSON, labelled as Discord labels it."""
    return web.Response(body=json.dumps(data).encode(), status=status, headers=JSON)


async def body_of(request: web.Request) -> Any:
    """Read a JSON body; files are not taken."""
    if request.content_type != "application/json":
        raise refusals.not_json()
    try:
        return json.loads(await request.text())
    except ValueError:
        raise refusals.not_json() from None


def number_in(request: web.Request, name: str) -> int:
    """Read an id from the path."""
    if not request.match_info[name].isascii() or not request.match_info[name].isdigit():
        raise refusals.not_found()
    return int(request.match_info[name])


class Rest:
    """The routes that need the bot's token."""

    def __init__(self, stand_in: "DiscordStandIn") -> None:
        self._world = stand_in
        #: Messages by nonce: sent again by the same author with `enforce_nonce`, wherever to, the first one is the answer
        #: (https://docs.discord.com/developers/resources/message#create-message).
        self._sent: dict[str | None, Post] = {}

    def routes(self) -> list[web.RouteDef]:
        """Give the routes, without the version prefix."""
        return [
            web.get("/users/@me", self.me),
            web.get("/users/@me/guilds", self.my_guilds),
            web.get("/oauth2/applications/@me", self.application),
            web.get("/applications/@me", self.application),
            web.get("/gateway", self.where),
            web.get("/gateway/bot", self.gateway),
            web.get("/applications/{application}/commands", self.list_commands),
            web.put("/applications/{application}/commands", self.put_commands),
            web.post("/applications/{application}/commands", self.post_command),
            web.delete("/applications/{application}/commands/{command}", self.delete_command),
            web.get("/applications/{application}/guilds/{guild}/commands", self.list_commands),
            web.put("/applications/{application}/guilds/{guild}/commands", self.put_commands),
            web.post("/users/@me/channels", self.open_direct_messages),
            web.get("/users/{user}", self.user),
            web.get("/channels/{channel}", self.channel),
            web.post("/channels/{channel}/messages", self.post_message),
            web.get("/channels/{channel}/messages/{message}", self.get_message),
            web.patch("/channels/{channel}/messages/{message}", self.edit_message),
            web.delete("/channels/{channel}/messages/{message}", self.delete_message),
        ]

    async def me(self, _: web.Request) -> web.Response:
        """Say who the bot is."""
        return answer(self._world.bot)

    async def my_guilds(self, _: web.Request) -> web.Response:
        """List the guilds the bot is in."""
        return answer([{**guild.partial(), "name": guild.name} for guild in self._world.guilds])

    async def application(self, _: web.Request) -> web.Response:
        """Describe the application."""
        return answer(
            {
                "id": str(self._world.application_id),
                "name": self._world.bot["username"],
                "icon": None,
                "description": "",
                "bot_public": True,
                "bot_require_code_grant": False,
                "verify_key": self._world.endpoint.public_key,
                "interactions_endpoint_url": self._world.endpoint.url or None,
                "flags": self._flags(),
                "owner": self._world.owner,
                "team": None,
            }
        )

    def _flags(self) -> int:
        """Give the application's flags: the limited form of each privileged intent that is not forbidden."""
        forbidden = self._world.gateway.forbidden_intents
        flags = {GUILD_MEMBERS: 1 << 15, MESSAGE_CONTENT: 1 << 19}
        return sum(flag for intent, flag in flags.items() if not forbidden & intent)

    async def where(self, _: web.Request) -> web.Response:
        """Say where the gateway is, to anybody, and what time it is."""
        response = answer({"url": self._world.gateway_url})
        response.headers["Date"] = formatdate(time.time() + self._world.skew, usegmt=True)
        return response

    async def gateway(self, _: web.Request) -> web.Response:
        """Say where the gateway is."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return answer(
            {"url": self._world.gateway_url, "shards": self._world.gateway.shards, "session_start_limit": limit}
        )

    def _commands_of(self, request: web.Request) -> tuple[int | None, list[dict[str, Any]]]:
        if number_in(request, "application") != self._world.application_id:
            raise refusals.missing_access()
        guild = number_in(request, "guild") if "guild" in request.match_info else None
        return guild, self._world.commands.setdefault(guild, [])

    def _registered(self, command: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": 1,
            "contexts": None,
            "integration_types": [0],
            "default_member_permissions": None,
            "nsfw": False,
            **command,
            "id": str(self._world.clock.snowflake()),
            "version": str(self._world.clock.snowflake()),
            "application_id": str(self._world.application_id),
        }

    async def list_commands(self, request: web.Request) -> web.Response:
        """List the application's commands; their localised words only where they are asked for."""
        listed = self._commands_of(request)[1]
        if request.query.get("with_localizations") != "true":
            listed = [_unlocalised(command) for command in listed]
        return answer(listed)

    async def put_commands(self, request: web.Request) -> web.Response:
        """Replace all of the application's commands."""
        guild, _ = self._commands_of(request)
        read = bodies.commands(await body_of(request))
        self._world.commands[guild] = [self._registered(command) for command in read]
        self._world.changes.notify()
        return answer(self._world.commands[guild])

    async def post_command(self, request: web.Request) -> web.Response:
        """Add one command, or replace the one of that name."""
        guild, known = self._commands_of(request)
        command = self._registered(bodies.commands([await body_of(request)])[0])
        self._world.commands[guild] = [other for other in known if other["name"] != command["name"]] + [command]
        self._world.changes.notify()
        return answer(command, 201)

    async def delete_command(self, request: web.Request) -> web.Response:
        """Remove one command."""
        guild, known = self._commands_of(request)
        left = [command for command in known if command["id"] != request.match_info["command"]]
        if len(left) == len(known):
            raise refusals.unknown_command()
        self._world.commands[guild] = left
        self._world.changes.notify()
        return web.Response(status=204)

    async def open_direct_messages(self, request: web.Request) -> web.Response:
        """Open the channel to one person; it opens even where messages are then refused."""
        body = await body_of(request)
        person = self._world.person_by_id(int(body.get("recipient_id", 0)))
        if person is None:
            raise refusals.RefusedError(400, 50033, "Invalid Recipient(s)")
        return answer(person.dm.wire())

    async def user(self, request: web.Request) -> web.Response:
        """Describe a person."""
        person = self._world.person_by_id(number_in(request, "user"))
        if person is None:
            raise refusals.unknown_user()
        return answer(person.wire())

    def _channel(self, request: web.Request) -> Channel:
        channel = self._world.channel_by_id(number_in(request, "channel"))
        if channel is None:
            raise refusals.unknown_channel()
        if channel.forbidden:
            raise refusals.missing_access()
        return channel

    async def channel(self, request: web.Request) -> web.Response:
        """Describe a channel."""
        return answer(self._channel(request).wire())

    async def post_message(self, request: web.Request) -> web.Response:
        """Post a message."""
        channel = self._channel(request)
        if channel.recipient is not None and channel.recipient.dms_closed:
            raise refusals.direct_messages_closed()
        if channel.muted:
            raise refusals.missing_permissions()
        body = bodies.message(await body_of(request), flags=CREATE_FLAGS)
        nonce = str(body.get("nonce")) if body.get("enforce_nonce") else None
        if nonce in self._sent:
            return answer(self._sent[nonce].wire())
        post = Post(
            id=self._world.clock.snowflake(), channel=channel, author=self._world.bot, at=self._world.clock.now()
        )
        post.flags = body.get("flags") or 0
        post.reference = self._reference(body.get("message_reference"), channel)
        post.change(body)
        if post.empty:
            raise refusals.empty_message()
        if nonce is not None:
            self._sent[nonce] = post
        await self._world.publish(post)
        return answer(post.wire())

    def _reference(self, reference: dict[str, Any] | None, channel: Channel) -> dict[str, Any] | None:
        if reference is None:
            return None
        if channel.guild and not channel.guild.bot_permissions(self._world.permissions) & READ_MESSAGE_HISTORY:
            raise refusals.no_history()
        known = any(str(post.id) == str(reference.get("message_id")) for post in channel.posts)
        if not known and reference.get("fail_if_not_exists", True):
            fault = {"code": "REPLIES_UNKNOWN_MESSAGE", "message": "Unknown message"}
            errors = {"message_reference": {"_errors": [fault]}}
            raise refusals.RefusedError(400, 50035, "Invalid Form Body", errors)
        return {"message_id": str(reference.get("message_id")), "channel_id": str(channel.id)}

    def _message(self, request: web.Request, *, own: bool) -> Post:
        wanted = number_in(request, "message")
        for post in self._channel(request).posts:
            if post.id == wanted and not post.deleted and post.viewer is None:
                if own and post.author["id"] != self._world.bot["id"]:
                    raise refusals.not_the_author()
                return post
        raise refusals.unknown_message()

    async def get_message(self, request: web.Request) -> web.Response:
        """Give one message."""
        return answer(self._message(request, own=False).wire())

    async def edit_message(self, request: web.Request) -> web.Response:
        """Edit one of the bot's messages."""
        post = self._message(request, own=True)
        self._world.edit(post, bodies.message(await body_of(request), flags=bodies.SUPPRESS_EMBEDS))
        return answer(post.wire())

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete one of the bot's messages."""
        self._message(request, own=True).deleted = True
        self._world.changes.notify()
        return web.Response(status=204)


def _unlocalised(command: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in command.items() if not key.endswith("_localizations")}
    if "options" in kept:
        kept["options"] = [_unlocalised(option) for option in kept["options"]]
    return kept
