"""What goes to channels: the shop's catalogue with what is left of its stock, in a channel's form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from adapters.channels import CHANNELS
from adapters.channels.fetching import anywhere, fetch
from adapters.channels.packing import packed
from adapters.database.database import Database
from bot.catalogue import Catalogue
from bot.channels import Channel, File, Out, Parcel, Storefront, left
from bot.public_addresses import is_public
from bot.settings import Settings
from config.read import read

#: By name, for the command line.
channels = CHANNELS


async def offered(config: Path, database: str) -> tuple[Settings, Catalogue]:
    """Read the shop, and what can still be bought of it. Raises BadConfig, StoreUnavailable, ValueError."""
    settings = read(config)
    async with await Database.open(database) as opened, opened.store.reading() as unit:
        stock = await unit.stock.all()
    return settings, left(settings.catalogue, stock)


def storefront(settings: Settings) -> Storefront:
    """Give what a channel is told of the shop."""
    return Storefront(settings.name, settings.homepage, settings.currency, settings.default_locale, settings.amazon)


def form(channel: Channel, name: str) -> Out:
    """Choose the form that a file's name asks for by its ending, else the usual one. KeyError where it takes none."""
    usual = next(iter(channel.forms))
    return channel.forms.get(Path(name).suffix.lower(), channel.forms[usual])


def packing(settings: Settings) -> Callable[[str, Catalogue], Parcel]:
    """Give what puts a catalogue of this shop into a channel's usual form, by the channel's name."""

    def pack(name: str, catalogue: Catalogue) -> Parcel:
        return form(CHANNELS[name], "")(catalogue, storefront(settings))

    return pack


def one_file(parcel: Parcel, channel: Channel) -> File:
    """Give a parcel as one file."""
    return packed(parcel, channel.name)


async def fetched(address: str, into: BinaryIO, *, inside: bool) -> None:
    """Fetch a catalogue from an address; `inside` allows private ones too. Raises UnreadableFile."""
    await fetch(address, into, allows=anywhere if inside else is_public)
