"""What we say by ourselves on Discord: news to one person, orders to the staff."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import aiohttp
import discord

from adapters.discord import cards, private
from bot.chat import Card
from bot.errors import Later, Unreachable
from bot.orders import Buyer

#: https://docs.discord.com/developers/resources/message#create-message
MOST_NONCE: Final = 25

_TOO_MANY: Final = 429
_BROKEN: Final = 500
#: The token is refused: nobody there is spoken to any more.
_REFUSED: Final = 401


async def tell(client: discord.Client, buyer: Buyer, card: Card, key: str) -> str:
    """Tell one person privately: edit the answer they hold while its token lives (15 minutes), else write to them."""
    drawn = cards.card(card)
    if buyer.reply and await _edited(client, buyer.reply, drawn):
        return "edited"
    with meaning():
        channel = await client.create_dm(discord.Object(number(buyer.user)))
        await channel.send(embed=drawn.embed, view=drawn.view(), nonce=_nonce(buyer.user, key))
    return "sent"


async def _edited(client: discord.Client, token: str, drawn: cards.Drawn) -> bool:
    try:
        with meaning():
            await private.edit_original(client, token, drawn)
    except Unreachable as error:
        if error.for_good:  # the token is too old, or the person has dismissed the message
            return False
        raise
    return True


async def post(client: discord.Client, channel: str, card: Card, key: str) -> str:
    """Post a card in a channel, and give its id."""
    drawn = cards.card(card)
    place = client.get_partial_messageable(number(channel))
    with meaning():
        message = await place.send(embed=drawn.embed, view=drawn.view(), nonce=_nonce(channel, key))
    return str(message.id)


async def amend(client: discord.Client, channel: str, reference: str, card: Card) -> None:
    """Replace a posted card."""
    drawn = cards.card(card)
    message = client.get_partial_messageable(number(channel)).get_partial_message(number(reference))
    with meaning():
        await message.edit(embed=drawn.embed, view=drawn.view())


def number(text: str) -> int:
    """Read an id. Raises Unreachable where it is none: nobody and no place has it."""
    if not (text.isascii() and text.isdecimal()):
        raise Unreachable("discord: an id is all digits")
    return int(text)


def _nonce(target: str, key: str) -> str:
    """Name a message, so that Discord shows it once where it is sent twice within a few minutes; one key may be for many."""
    return hashlib.sha256(f"{target} {key}".encode()).hexdigest()[:MOST_NONCE]


@contextmanager
def meaning() -> Iterator[None]:
    """Turn the SDK's errors into ours: Later where Discord asks us to wait, else Unreachable, `for_good` or for now."""
    try:
        yield
    except discord.RateLimited as error:
        raise Later(datetime.now(UTC) + timedelta(seconds=error.retry_after)) from error
    except discord.HTTPException as error:
        passing = error.status == _TOO_MANY or error.status >= _BROKEN
        gone = error.status == _REFUSED
        raise Unreachable(f"discord: {error.status} {error.code}", for_good=not passing, gone=gone) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unreachable(f"discord: {type(error).__name__}", for_good=False) from error
