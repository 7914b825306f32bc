"""Perks on Discord: roles, given and taken by REST."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import discord

from adapters.discord import private
from adapters.discord.voice import meaning, number
from bot.errors import Unreachable
from bot.orders import Buyer
from bot.perks import Perk

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
_UNKNOWN_GUILD: Final = 10004
_UNKNOWN_MEMBER: Final = 10007
_UNKNOWN_ROLE: Final = 10011
_UNKNOWN_USER: Final = 10013
_MISSING_ACCESS: Final = 50001
_MISSING_PERMISSIONS: Final = 50013
_INVALID_ROLE: Final = 50028

_NOTHING_TO_LOSE: Final = (_UNKNOWN_MEMBER, _UNKNOWN_USER, _UNKNOWN_ROLE)
_INVITE: Final = "invite the bot to that server (tillbot invite discord)"
_WHY: Final = {
    _UNKNOWN_GUILD: f"there is no such server for the bot; {_INVITE}",
    _MISSING_ACCESS: f"the bot is not in the server; {_INVITE}",
    _UNKNOWN_MEMBER: "the person is not a member of the server; it is given when they join",
    _UNKNOWN_USER: "there is no such person any more",
    _UNKNOWN_ROLE: "the server has no such role; name one that it has",
    _INVALID_ROLE: "nobody can be given this role; name one that was made for people",
    _MISSING_PERMISSIONS: (
        "the bot may not give this role; let it manage roles, and drag its own role above this one "
        "(Server Settings, Roles)"
    ),
}


async def grant(client: discord.Client, buyer: Buyer, perk: Perk) -> None:
    """Give somebody a role. Raises Unreachable, `for_good` with what an admin can do, or Later."""
    with _explained(perk):
        await private.add_role(client, *_which(buyer, perk))


async def revoke(client: discord.Client, buyer: Buyer, perk: Perk) -> None:
    """Take a role away; whoever has left, and a role that is gone, are no error. Raises as `grant` does."""
    with _explained(perk):
        try:
            await private.remove_role(client, *_which(buyer, perk))
        except discord.HTTPException as error:
            if error.code not in _NOTHING_TO_LOSE:
                raise


def _which(buyer: Buyer, perk: Perk) -> tuple[int, int, int]:
    server = perk.workspace or buyer.workspace
    if perk.kind != "role" or not server:
        wrong = "it names no server" if perk.kind == "role" else f"Discord has roles, no {perk.kind}"
        raise Unreachable(f'discord: perk "{perk.id}": {wrong}')
    return number(server), number(buyer.user), number(perk.target)


@contextmanager
def _explained(perk: Perk) -> Iterator[None]:
    with meaning():
        try:
            yield
        except discord.HTTPException as error:
            if error.code not in _WHY:
                raise
            raise Unreachable(f'discord: perk "{perk.id}": {_WHY[error.code]}') from error
