"""`tillbot export` and `import`: the catalogue to and from shops elsewhere, with a report before anything is written."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer
from rich.console import Console
from rich.filesize import decimal as size
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.cli.listing import STRIPE, listed
from bot.cli.order_options import TestOption
from bot.cli.terminal import ConfigOption, config_path, database_url, fail, run_to_end
from bot.cli.watching import bar, counted, size_of, watched

if TYPE_CHECKING:
    from bot.app.importing import Plan
    from bot.channels import Channel, File, Parcel


def to_channel(
    channel: Annotated[str, typer.Argument(help="Where it goes: google, meta, pinterest, …", metavar="CHANNEL")],
    out: Annotated[Path | None, typer.Option("--out", help="The file to write.", dir_okay=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object a line.")] = False,
    config: ConfigOption = None,
) -> None:
    """Put the catalogue into a channel's form. Says first what is missing, cut or left out; without --out only that."""
    from bot.app.channels import channels, form, offered, one_file, storefront
    from bot.cli.channel_tables import show

    chosen = channels.get(channel)
    takers = [name for name, each in channels.items() if each.forms]
    if chosen is None or channel not in takers:
        fail(f"There is no channel {channel!r} to export to. There are: {', '.join(takers)}.")
    if out is not None and out.exists():
        fail(f"{out} is there already; nothing was written. Name another file.")

    async def pack() -> None:
        settings, catalogue = await offered(config_path(config), database_url())
        products = catalogue.products
        with bar("looking at products", len(products), Console(stderr=True), shown=not as_json) as told:
            watching = replace(catalogue, products=counted(products, told))
            parcel = form(chosen, str(out or ""))(watching, storefront(settings))
        file = one_file(parcel, chosen)
        if as_json:
            _print_json(parcel, chosen, out)
        else:
            show(parcel.remarks, Console(highlight=False))
            typer.echo(_summary(parcel, chosen))
        if out is not None:
            written = _write(out, file, shown=not as_json)
            typer.echo(f"wrote {out}: {written} bytes", err=as_json)
        elif not as_json:
            typer.echo(f"Nothing was written. To write it: tillbot export {channel} --out {file.path}")

    run_to_end(pack())


def import_(  # noqa: PLR0917 - Typer reads each parameter as an option, by its name
    channel: Annotated[str, typer.Argument(help="Where it comes from: shopify, google, …", metavar="CHANNEL")],
    source: Annotated[
        str, typer.Argument(help="A file, or an http(s) address; for stripe none is needed.", metavar="[FILE-or-URL]")
    ] = "",
    currency: Annotated[
        str, typer.Option("--currency", help="What prices are in, where the file names none; else the shop's.")
    ] = "",
    into: Annotated[
        str,
        typer.Option(
            "--into", help="A new CSV beside shop.toml for what is new, such as products.csv.", metavar="FILE"
        ),
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as one JSON object a line.")] = False,
    inside: Annotated[bool, typer.Option("--allow-private", help="Fetch from private addresses too.")] = False,
    account: Annotated[
        str, typer.Option("--account", help="Of stripe: the cause whose own account is listed; else the shop's.")
    ] = "",
    test: TestOption = False,
    config: ConfigOption = None,
) -> None:
    """Take a catalogue into shop.toml. Says first what would change, and what is lost; asks before it writes."""
    from bot.app.channels import channels
    from bot.app.importing import plan

    chosen = channels.get(channel)
    givers = [name for name, each in channels.items() if each.back is not None]
    if chosen is None or channel not in givers:
        fail(f"There is no channel {channel!r} to import from. There are: {', '.join(givers)}.")

    if not source and channel != STRIPE:
        fail("Name a file, or an http(s) address, to take it from.")
    if source and account:
        fail("--account is of stripe, without a file.")

    async def take() -> None:
        with tempfile.TemporaryFile() as held:
            if source:
                opened = await _opened(source, held, inside=inside)
            else:
                opened = await listed(config, held, account=account, test=test)
            with opened, bar("reading", size_of(opened), Console(stderr=True), shown=not as_json) as told:
                reading = watched(opened, told)
                planned = await plan(config_path(config), database_url(), chosen, reading, currency.upper(), into=into)
        try:
            _show_plan(planned, as_json=as_json)
            if not planned.changes:
                return
            if not yes:
                _ask(planned)
            planned.write()
        finally:
            planned.discard()
        for name in filter(None, (planned.into, str(planned.file))):
            typer.echo(f"wrote {name}", err=as_json)

    run_to_end(take())


async def _opened(source: str, held: BinaryIO, *, inside: bool) -> BinaryIO:
    """Open a file, or fetch it into `held`."""
    from bot.app.channels import fetched

    if "://" not in source:
        return _local(source)
    console = Console(stderr=True)
    with console.status(f"fetching {source}") if console.is_terminal else nullcontext():
        await fetched(source, held, inside=inside)
    held.seek(0)
    return held


def _local(source: str) -> BinaryIO:
    try:
        return Path(source).open("rb")
    except OSError as error:
        fail(f"{source} cannot be read: {error.strerror or error}")


def _show_plan(planned: Plan, *, as_json: bool) -> None:
    from bot.cli.channel_tables import show

    if as_json:
        for remark in planned.remarks:
            typer.echo(json.dumps(asdict(remark), ensure_ascii=False))
        whole = {
            "products": planned.products,
            "changes": planned.changes,
            "file": str(planned.file),
            "into": planned.into,
            "listed": planned.listed,
        }
        typer.echo(json.dumps(whole, ensure_ascii=False))
        return
    show(planned.remarks, Console(highlight=False))
    for sentence in planned.changes:
        typer.echo(sentence)
    differences = len(planned.changes)
    typer.echo(f"{planned.products} products, {differences} differences from {planned.file}.")
    if planned.into:
        typer.echo(f"{planned.listed} of them go into {planned.into}.")


def _ask(planned: Plan) -> None:
    if not sys.stdin.isatty():
        fail("Nothing was written. Say --yes where nobody can be asked.")
    into = f"{planned.into} and {planned.file}" if planned.into else planned.file
    typer.confirm(f"Write them into {into}?", abort=True)


def _summary(parcel: Parcel, channel: Channel) -> str:
    missing = parcel.products - parcel.ready
    less = f", {missing} wholly or partly left out" if missing else ""
    return f"{parcel.ready} of {parcel.products} products ready for {channel.title}{less}."


def _print_json(parcel: Parcel, channel: Channel, out: Path | None) -> None:
    for remark in parcel.remarks:
        typer.echo(json.dumps(asdict(remark), ensure_ascii=False))
    whole = {
        "channel": channel.name,
        "products": parcel.products,
        "ready": parcel.ready,
        "files": [file.path for file in parcel.files],
        "out": str(out) if out else None,
    }
    typer.echo(json.dumps(whole, ensure_ascii=False))


def _write(out: Path, file: File, *, shown: bool) -> int:
    """Write a new file; one that could not be written whole is taken away again. Gives its bytes."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[size]}"),
        TimeElapsedColumn(),
        console=console,
        disable=not (shown and console.is_terminal),
        transient=True,
    )
    written = 0
    descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with bar, os.fdopen(descriptor, "wb") as opened:
            task = bar.add_task(str(out), total=None, size="")
            for piece in file.write():
                written += opened.write(piece)
                bar.update(task, size=size(written))
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return written
