"""What goes to channels and comes from them: the shop's catalogue with what is left of its stock, in a channel's form."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from adapters.channels import CHANNELS
from adapters.channels.fetching import anywhere, fetch, is_public
from adapters.channels.packing import packed
from adapters.database.database import Database
from bot.catalogue import Catalogue, Product
from bot.channels import Channel, File, Notes, Out, Parcel, Remark, Storefront, left
from bot.errors import Unreachable, UnreadableFile
from bot.reloading import tombstones
from bot.settings import Settings
from config.beside import unfit
from config.changes import changes
from config.listed_out import fits, write_rows
from config.planting import planted
from config.read import check, read

#: Products that an import puts into shop.toml at most; more are listed in a file beside it.
MOST_TABLES: Final = 1000

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
    #: The catalogue file that is new, "" where there is none, and how many products it lists.
    into: str = ""
    listed: int = 0
    #: Where that is written already, under a name that nobody looks for.
    ready: Path | None = None

    def write(self) -> None:
        """Put the new text in the old one's place, whole, and before it the catalogue file.

        Raises OSError, and Unreachable where the config changed meanwhile, or the catalogue file is there.
        """
        target = self.file.resolve()
        if target.read_bytes().decode() != self.was:
            raise Unreachable(f"{self.file} was changed meanwhile; nothing was written. Say it again.")
        beside = target.parent / self.into
        if self.ready is not None:
            try:
                os.link(self.ready, beside)  # never over a file that is there
            except FileExistsError:
                raise Unreachable(f"{beside} is there already; nothing was written. Name a new file.") from None
        try:
            self._write(target)
        except BaseException:
            if self.ready is not None:
                beside.unlink(missing_ok=True)
            raise

    def discard(self) -> None:
        """Take away what was only made ready."""
        if self.ready is not None:
            self.ready.unlink(missing_ok=True)

    def _write(self, target: Path) -> None:
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


async def plan(
    config: Path, database: str, channel: Channel, source: BinaryIO, currency: str, *, into: str = ""
) -> Plan:
    """Read a catalogue, and say what it would make of the shop; nothing that anybody looks for is written.

    What is new goes `into` a catalogue file beside the config, as far as rows can say it; else into the config. Raises
    BadConfig, of the config as it is and as it would be, and UnreadableFile.
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
    away = {product.id for product in foreign}
    kept = [product for product in arrived.catalogue.products if product.id not in away]
    ships, known = bool(settings.shipping), settings.catalogue.named
    rows = [product for product in kept if product.id not in known and fits(product, ships=ships)] if into else []
    inside = {product.id for product in rows}
    tables = [product for product in kept if product.id not in inside]
    fresh = sum(product.id not in known for product in tables)
    if fresh > MOST_TABLES:
        says = f"{fresh} products are new: nobody edits so many tables by hand. Say --into products.csv to list them beside it"
        raise UnreadableFile(0, says)
    tables_here = tomllib.loads(was.removeprefix("\ufeff")).get("product", {})
    listed = {name: product for name, product in known.items() if name not in tables_here}
    ready = _ready(config, into, rows, ships=ships) if rows else None

    def text_with(file: str) -> str:
        return planted(was, Catalogue.of(tables), notes, listed=listed, file=file)

    try:
        async with await Database.open(database) as opened:
            graves = await tombstones(opened.store)
        now = check(text_with(ready.name if ready else ""), str(config), tombstones=graves)
        text = text_with(into if ready else "")
        remarks, said = tuple(notes.remarks), tuple(changes(settings, now))
        return Plan(config, was, text, len(kept), remarks, said, into if ready else "", len(rows), ready)
    except BaseException:
        if ready is not None:
            ready.unlink(missing_ok=True)
        raise


def _ready(config: Path, into: str, products: Sequence[Product], *, ships: bool) -> Path:
    """Write a catalogue file beside the config, under a name that nobody looks for. Raises UnreadableFile where it is there."""
    folder = config.resolve().parent
    why = unfit(into) or ("is there already: name a new file" if (folder / into).exists() else "")
    if why or "/" in into:
        raise UnreadableFile(0, f"{into} {why or 'does not lie beside the config'}")
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{Path(into).stem}.", suffix=".csv")
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
        write_rows(out, products, ships=ships)
        out.flush()
        os.fsync(out.fileno())
    shutil.copymode(config.resolve(), name)
    return Path(name)


def _text(file: Path) -> str:
    return file.read_bytes().decode()


def _priced_in(product: Product) -> str:
    return product.variants[0].price.currency


async def fetched(address: str, into: BinaryIO, *, inside: bool) -> None:
    """Fetch a catalogue from an address; `inside` allows private ones too. Raises UnreadableFile."""
    await fetch(address, into, allows=anywhere if inside else is_public)
