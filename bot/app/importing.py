"""An import before it is written: what a catalogue from elsewhere would make of the shop, and putting that in place."""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from adapters.database.database import Database
from bot.catalogue import Catalogue, Product
from bot.channels import Arrival, Channel, Notes, Remark
from bot.errors import Unreachable, UnreadableFile
from bot.placing import place
from bot.reloading import tombstones
from bot.settings import Settings
from config.beside import unfit
from config.changes import changes
from config.listed_out import fits, write_rows
from config.planting import planted
from config.read import check, read

#: Products that an import puts into shop.toml at most; more are listed in a file beside it.
MOST_TABLES: Final = 1000


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
        beside = self.file.parent / self.into
        if self.ready is not None:
            try:
                place(self.ready, beside)
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


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What arrived, taken apart: products for the config's tables, and how many are ready in a catalogue file."""

    tables: Sequence[Product]
    products: int
    listed: int
    ready: Path | None


async def plan(
    config: Path, database: str, channel: Channel, source: BinaryIO, currency: str, *, into: str = ""
) -> Plan:
    """Read a catalogue, and say what it would make of the shop; nothing that anybody looks for is written.

    What is new goes `into` a catalogue file beside the config, as far as rows can say it; else into the config. Raises
    BadConfig, of the config as it is and as it would be, and UnreadableFile.
    """
    settings, notes, was = read(config), Notes(), _text(config)
    read_back = channel.back
    if read_back is None:
        raise UnreadableFile(0, f"{channel.title} gives no catalogue")
    found = _sorted(config, settings, into, notes, lambda: read_back(source, currency or settings.currency))
    tables_here = tomllib.loads(was.removeprefix("\ufeff")).get("product", {})
    listed = {name: product for name, product in settings.catalogue.named.items() if name not in tables_here}

    def text_with(file: str) -> str:
        return planted(was, Catalogue.of(found.tables), notes, listed=listed, file=file)

    try:
        async with await Database.open(database) as opened:
            graves = await tombstones(opened.store)
        now = check(text_with(found.ready.name if found.ready else ""), str(config), tombstones=graves)
        text = text_with(into if found.ready else "")
        remarks, said = tuple(notes.remarks), tuple(changes(settings, now))
    except BaseException:
        if found.ready is not None:
            found.ready.unlink(missing_ok=True)
        raise
    return Plan(
        config, was, text, found.products, remarks, said, into if found.ready else "", found.listed, found.ready
    )


def _sorted(config: Path, settings: Settings, into: str, notes: Notes, arrive: Callable[[], Arrival]) -> _Sorted:
    """Read what arrives, and make the catalogue file ready: what that lists is not held any longer. Raises UnreadableFile."""
    arrived = arrive()
    notes.remarks |= dict.fromkeys(arrived.remarks)
    ships, known = bool(settings.shipping), settings.catalogue.named
    tables: list[Product] = []
    rows: list[Product] = []
    for product in arrived.catalogue.products:
        if _priced_in(product) != settings.currency:
            says = f"it is priced in {_priced_in(product)}, and the shop sells in {settings.currency}"
            notes.add(product, "left out", "price", says)
        elif into and product.id not in known and fits(product, ships=ships):
            rows.append(product)
        else:
            tables.append(product)
    fresh = sum(product.id not in known for product in tables)
    if fresh > MOST_TABLES:
        says = f"{fresh} products are new: nobody edits so many tables by hand. Say --into products.csv to list them beside it"
        raise UnreadableFile(0, says)
    ready = _ready(config, into, rows, ships=ships) if rows else None
    return _Sorted(tables, len(tables) + len(rows), len(rows), ready)


def _ready(config: Path, into: str, products: Sequence[Product], *, ships: bool) -> Path:
    """Write a catalogue file beside the config, under a name that nobody looks for. Raises UnreadableFile where it is there."""
    folder = config.parent  # where the config is read by that name, wherever a link leads
    why = unfit(into) or ("is there already: name a new file" if (folder / into).exists() else "")
    if why or "/" in into:
        raise UnreadableFile(0, f"{into} {why or 'does not lie beside the config'}")
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{Path(into).stem}.", suffix=".csv")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            write_rows(out, products, ships=ships)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(config.resolve(), name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _text(file: Path) -> str:
    return file.read_bytes().decode()


def _priced_in(product: Product) -> str:
    return product.variants[0].price.currency
