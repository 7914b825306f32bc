"""The REST side of guilds: who is in them, and who has which role."""

from typing import TYPE_CHECKING

from aiohttp import web

from tests.platforms.discord import refusals
from tests.platforms.discord.rest import answer, number_in
from tests.platforms.discord.servers import MANAGE_ROLES, Guild, Role

if TYPE_CHECKING:
    from tests.platforms.discord.people import Person
    from tests.platforms.discord.stand_in import DiscordStandIn


class Members:
    """Routes that need the bot's token."""

    def __init__(self, stand_in: "DiscordStandIn") -> None:
        self._world = stand_in

    def routes(self) -> list[web.RouteDef]:
        """Give the routes, without the version prefix."""
        return [
            web.get("/guilds/{guild}", self.guild),
            web.get("/guilds/{guild}/members/{user}", self.member),
            web.put("/guilds/{guild}/members/{user}/roles/{role}", self.add_role),
            web.delete("/guilds/{guild}/members/{user}/roles/{role}", self.remove_role),
        ]

    def _guild(self, request: web.Request) -> Guild:
        for guild in self._world.guilds:
            if guild.id == number_in(request, "guild"):
                return guild
        raise refusals.unknown_guild()

    async def guild(self, request: web.Request) -> web.Response:
        """Describe a guild."""
        guild = self._guild(request)
        return answer(guild.wire(self._world.bot, self._world.owner, self._world.permissions))

    def _member(self, request: web.Request) -> "Person":
        person = self._world.person_by_id(number_in(request, "user"))
        if person is None:
            raise refusals.unknown_user()
        if person.guild is not self._guild(request):
            raise refusals.unknown_member()
        return person

    async def member(self, request: web.Request) -> web.Response:
        """Describe a guild's member, or the bot as one."""
        if number_in(request, "user") == self._world.bot_id:
            return answer(self._guild(request).bot_member(self._world.bot))
        return answer(self._member(request).member())

    def _role(self, request: web.Request) -> Role:
        """Find a role that the bot may give and take."""
        guild, wanted = self._guild(request), number_in(request, "role")
        role = guild.role(wanted)
        if wanted == guild.id or (role and role.managed):
            raise refusals.invalid_role()
        if role is None:
            raise refusals.unknown_role()
        if not guild.bot_permissions(self._world.permissions) & MANAGE_ROLES or guild.above_bot(role):
            raise refusals.missing_permissions()
        return role

    async def add_role(self, request: web.Request) -> web.Response:
        """Give a member a role; once more changes nothing."""
        member, role = self._member(request), self._role(request)
        if role.id not in member.roles:
            member.roles.append(role.id)
        self._world.changes.notify()
        return web.Response(status=204)

    async def remove_role(self, request: web.Request) -> web.Response:
        """Take a role from a member; once more changes nothing."""
        member, role = self._member(request), self._role(request)
        if role.id in member.roles:
            member.roles.remove(role.id)
        self._world.changes.notify()
        return web.Response(status=204)
