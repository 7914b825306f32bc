"""The command line. Each command imports what it needs when it runs: a cold `tillbot check` loads no SDK."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console

from bot.errors import BadConfig, StoreUnavailable, Unreachable

if TYPE_CHECKING:
    from bot.app.demo import Demo
    from bot.chat import Command
    from bot.settings import Settings
    from config.words import Words

app = typer.Typer(help="A till that lives in your chat.", no_args_is_help=True, pretty_exceptions_enable=False)
manifest = typer.Typer(help="Print an app's manifest.", no_args_is_help=True)
invite = typer.Typer(help="Print the address that invites the bot.", no_args_is_help=True)
register = typer.Typer(help="Register commands with a platform.", no_args_is_help=True)
app.add_typer(manifest, name="manifest")
app.add_typer(invite, name="invite")
app.add_typer(register, name="register")

#: Where orders are kept unless DATABASE_URL says otherwise.
DATABASE: Final = "sqlite:///var/tillbot.sqlite3"

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The shop's config file.", dir_okay=False)]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="The server's port; 0 takes a free one.")
]
HostOption = Annotated[str, typer.Option("--host", help="The address to listen on.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def demo(
    port: PortOption = 8080,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: forget orders, news and the closing.")] = False,
) -> None:
    """Open a shop in the browser with nothing to set up: web chat, sandbox Stripe, sample shop."""
    from bot.app.demo import demo as opened
    from bot.logs import set_up
    from config.find import find

    found = find(None, os.environ)
    usual = found.exists()
    folder = Path("var") if usual else _data_folder() / "demo"
    set_up()

    async def shop() -> None:
        async with opened(config=found if usual else None, folder=folder, port=port, fresh=fresh) as running:
            _introduce(running)
            await running.app.run(_until_told())

    _run(shop())


@app.command()
def run(
    config: ConfigOption = None,
    port: PortOption = None,
    host: HostOption = "",
    test: Annotated[bool, typer.Option("--test", help="Take Stripe's test money, and a sandbox in its place.")] = False,
) -> None:
    """Serve with the platforms that the config switches on."""
    from bot.app import App, Plan
    from bot.logs import set_up
    from config.secrets import Secrets

    set_up()

    async def shop() -> None:
        database = Secrets(os.environ).get("DATABASE_URL") or DATABASE
        plan = Plan(config=_config(config), database=database, environ=os.environ, host=host, port=port, sandbox=test)
        async with App.open(plan) as running:
            Console(stderr=True).print(f"Tillbot serves at {running.address}. Ctrl-C stops it.", highlight=False)
            await running.run(_until_told())

    _run(shop())


@app.command()
def sandbox(
    port: PortOption = 12111,
    host: HostOption = "127.0.0.1",
    webhook: Annotated[
        str, typer.Option("--webhook", help="Where events are sent; signed with STRIPE_WEBHOOK_SECRET.")
    ] = "",
    key: Annotated[str, typer.Option("--key", help="The test key that is accepted.")] = "sk_test_sandbox",
    file: Annotated[Path, typer.Option("--file", help="Where its state is kept.")] = Path("var/sandbox.sqlite3"),
) -> None:
    """Run the sandbox Stripe alone, for development and tests."""
    from adapters.sandbox.server import serve
    from adapters.sandbox.webhooks import Endpoint
    from config.secrets import Secrets

    file.parent.mkdir(parents=True, exist_ok=True)

    async def serving() -> None:
        endpoint = Endpoint(webhook, Secrets(os.environ).need("STRIPE_WEBHOOK_SECRET")) if webhook else None
        work = asyncio.create_task(
            serve(path=file, accounts={key: endpoint}, host=host, port=port or 0, started=_say_sandbox)
        )
        stop = asyncio.create_task(_until_told().wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        for task in (work, stop):
            task.cancel()
        for ended in await asyncio.gather(work, stop, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended

    _run(serving())


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path("config")) -> None:
    """Write a config folder and .env.example to begin with."""
    from config.initial import write_initial

    try:
        written = write_initial(folder)
    except FileExistsError as error:
        _fail(f"{error.filename or error.args[0]} is there already; nothing was written. Name another folder.")
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"Edit {folder / 'shop.toml'}, then: tillbot check {folder / 'shop.toml'}")


@app.command()
def check(file: Annotated[Path | None, typer.Argument(help="The config to check.")] = None) -> None:
    """Check the config; exact errors and exit 1 if it is bad."""
    from config.read import read

    path = _config(file)
    try:
        settings = read(path)
    except BadConfig as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None
    products, causes = len(settings.catalogue.products), len(settings.causes)
    typer.echo(f"{path} is good. Products: {products}, causes: {causes}, retirements: {len(settings.plans)}.")


@app.command()
def staff() -> None:
    """Print the link that makes a browser the staff's, for the web chat; it can be opened for an hour."""
    from bot.staff import staff_path
    from bot.tokens import Signer
    from config.read import read
    from config.secrets import Secrets

    try:
        settings = read(_config(None))
        path = staff_path(Signer(Secrets(os.environ).need("TILLBOT_SECRET")))
    except BadConfig as error:
        _fail(str(error))
    base = settings.web.public_url.rstrip("/") or f"http://{settings.web.host}:{settings.web.port}"
    typer.echo(base + path)


@app.command()
def doctor(
    config: ConfigOption = None,
    test: Annotated[bool, typer.Option("--test", help="A sandbox may stand in Stripe's place.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Try every credential, permission, webhook and registration, and say what to do; exit 1 if something is not well."""
    from dataclasses import asdict

    from bot.app.doctor import findings
    from config.secrets import Secrets

    ills = 0

    async def examine() -> None:
        nonlocal ills
        database = Secrets(os.environ).get("DATABASE_URL") or DATABASE
        async for found in findings(_config(config), database, os.environ, sandbox=test):
            ills += not found.well
            if as_json:
                typer.echo(json.dumps(asdict(found), ensure_ascii=False))
                continue
            mark = typer.style("well", fg="green") if found.well else typer.style("ILL ", fg="red")
            typer.echo(f"{mark}  {found.subject}: {found.says}" + (f"\n      {found.todo}" if found.todo else ""))

    _run(examine())
    if ills:
        raise typer.Exit(1)


@manifest.command("slack")
def manifest_slack(
    config: ConfigOption = None,
    many: Annotated[bool, typer.Option("--many", help="Let any workspace install the app, through OAuth.")] = False,
) -> None:
    """Print the Slack app's manifest, to paste at api.slack.com/apps."""
    from bot.app.doors import slack_manifest

    settings, menu, words = _shop(config)
    try:
        made = slack_manifest(settings, menu, words, many=many)
    except ValueError as error:
        _fail(str(error))
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


@invite.command("discord")
def invite_discord(
    client_id: Annotated[str, typer.Argument(help="The application's id, from Discord's developer portal.")],
    config: ConfigOption = None,
) -> None:
    """Print the address that invites the bot to a server, with the least permissions it needs."""
    from adapters.discord import invitation
    from bot.app.doors import perks_of

    settings, _, _ = _shop(config)
    typer.echo(invitation(client_id, perks=bool(perks_of(settings, "discord"))))


@register.command("discord")
def register_discord(config: ConfigOption = None) -> None:
    """Register the commands with Discord, where they differ from what it has."""
    from bot.app.doors import discord_register

    settings, menu, words = _shop(config)

    async def push() -> None:
        changed = await discord_register(settings, menu, words, os.environ)
        for line in changed or ("nothing has changed",):
            typer.echo(line)

    _run(push())


def _shop(config: Path | None) -> tuple[Settings, Sequence[Command], Words]:
    """Read what is configured, without opening anything."""
    from bot.app import plugins
    from commands.menu import MENU
    from config.read import read
    from config.words import Words

    try:
        settings = read(_config(config))
        return settings, plugins.menu(MENU), Words.load(settings.default_locale, more=plugins.locales())
    except BadConfig as error:
        _fail(str(error))


def _introduce(running: Demo) -> None:
    """Say on the terminal where the shop is, and what to try."""
    console = Console(highlight=False)
    console.print(f"\n[bold]The shop is open:[/bold] {running.app.address}", soft_wrap=True)
    console.print(f"The staff's desk:  {running.staff}", soft_wrap=True)
    console.print(f"Its Stripe:        {running.sandbox} (a sandbox: test money only)", soft_wrap=True)
    console.print(
        "\nTry /buy mug 2, pay with the card that is filled in, then /donate 12.50 to kitchen, and /orders.",
        soft_wrap=True,
    )
    if running.lines:
        first, last = running.lines
        console.print(
            f"Last of all, close Buy: uncomment lines {first} to {last} of {running.config} and save.", soft_wrap=True
        )
    console.print("Ctrl-C stops it; what you did is kept until --fresh.\n")


def _say_sandbox(base: str) -> None:
    Console(stderr=True).print(f"The sandbox Stripe serves at {base}. Ctrl-C stops it.", highlight=False)


def _until_told() -> asyncio.Event:
    """Give an event that Ctrl-C or a service manager's TERM sets."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except BadConfig as error:
        _fail(str(error))
    except Unreachable as error:
        _fail(error.why)
    except ValueError as error:
        _fail(f"Cannot begin: {error}")
    except StoreUnavailable as error:
        _fail(f"The database cannot be used: {error}")
    except OSError as error:
        _fail(f"Cannot serve: {error.strerror or error}. Is the port taken? --port 0 takes a free one.")


def _config(named: Path | None) -> Path:
    from config.find import find

    return find(str(named) if named else None, os.environ)


def _data_folder() -> Path:
    """Where a person's programs keep their data (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tillbot"


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(1)
