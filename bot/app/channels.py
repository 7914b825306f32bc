"""What goes to channels and comes from them: the shop's catalogue with what is left of its stock, in a channel's form."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adapters.channels import CHANNELS
from adapters.channels.fetching import anywhere, fetch, is_public
from adapters.channels.packing import packed
from adapters.database.database import Database
from bot.catalogue import Catalogue, Product
from bot.channels import Channel, File, Notes, Out, Parcel, Remark, Storefront, left
from bot.errors import Unreachable, UnreadableFile
from bot.reloading import tombstones
from bot.settings import Settings
from config.changes import changes
from config.planting import planted
from config.read import check, read

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


@dataclass(frozen=True, slots=True)
class Plan:
    """An import before it is written: the config as it is and as it would be, and all there is to say of it."""

    file: Path
    was: str
    text: str
    products: int
    remarks: tuple[Remark, ...]
    changes: tuple[str, ...]

    def write(self) -> None:
        """Put the new text in the old one's place, whole. Raises OSError, and Unreachable where the file changed meanwhile."""
        target = self.file.resolve()
        if target.read_bytes().decode() != self.was:
            raise Unreachable(f"{self.file} was changed meanwhile; nothing was written. Say it again.")
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(self.text.encode())
                opened.flush()
                os.fsync(opened.fileno())
            shutil.copymode(target, name)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


async def plan(config: Path, database: str, channel: Channel, source: BinaryIO, currency: str) -> Plan:
    """Read a catalogue, and say what it would make of the shop; nothing is written.

    Raises BadConfig, of the config as it is and as it would be, and UnreadableFile.
    """
    if channel.back is None:
        raise UnreadableFile(0, f"{channel.title} gives no catalogue")
    settings = read(config)
    arrived = channel.back(source, currency or settings.currency)
    notes = Notes(dict.fromkeys(arrived.remarks))
    was = _text(config)
    foreign = [product for product in arrived.catalogue.products if _priced_in(product) != settings.currency]
    for product in foreign:
        says = f"it is priced in {_priced_in(product)}, and the shop sells in {settings.currency}"
        notes.add(product, "left out", "price", says)
    kept = Catalogue.of([product for product in arrived.catalogue.products if product not in foreign])
    text = planted(was, kept, notes)
    async with await Database.open(database) as opened:
        graves = await tombstones(opened.store)
    now = check(text, str(config), tombstones=graves)
    return Plan(config, was, text, len(kept.products), tuple(notes.remarks), tuple(changes(settings, now)))


def _text(file: Path) -> str:
    return file.read_bytes().decode()


def _priced_in(product: Product) -> str:
    return product.variants[0].price.currency


async def fetched(address: str, into: BinaryIO, *, inside: bool) -> None:
    """Fetch a catalogue from an address; `inside` allows private ones too. Raises UnreadableFile."""
    await fetch(address, into, allows=anywhere if inside else is_public)
