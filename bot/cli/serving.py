"""`tillbot demo`, `run` and `sandbox`: what serves until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.cli.terminal import ConfigOption, HostOption, PortOption, config_path, database_url, run_to_end

if TYPE_CHECKING:
    from bot.app.demo import Demo
    from bot.app.story import Opened


def demo(
    port: PortOption = 8080,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: forget orders, news and the closing.")] = False,
    story: Annotated[
        str, typer.Option("--story", help="Play a story, whose clock you move in the browser. There is one: twitter.")
    ] = "",
) -> None:
    """Open a shop in the browser with nothing to set up: web chat, sandbox Stripe, sample shop."""
    from bot.app.demo import demo as opened
    from bot.logs import set_up
    from config.find import find

    found = find(None, os.environ)
    usual = found.exists()
    folder = Path("var") if usual else _data_folder() / "demo"
    set_up()
    if story:
        run_to_end(_tell(story, folder, port))
        return

    async def shop() -> None:
        async with opened(config=found if usual else None, folder=folder, port=port, fresh=fresh) as running:
            _introduce(running)
            await running.app.run(_until_told())

    run_to_end(shop())


def run(
    config: ConfigOption = None,
    port: PortOption = None,
    host: HostOption = "",
    test: Annotated[bool, typer.Option("--test", help="Take Stripe's test money, and a sandbox in its place.")] = False,
) -> None:
    """Serve with the platforms that the config switches on."""
    from bot.app import App, Plan
    from bot.logs import set_up

    set_up()

    async def shop() -> None:
        database = database_url()
        plan = Plan(
            config=config_path(config), database=database, environ=os.environ, host=host, port=port, sandbox=test
        )
        async with App.open(plan) as running:
            Console(stderr=True).print(f"Tillbot serves at {running.address}. Ctrl-C stops it.", highlight=False)
            await running.run(_until_told())

    run_to_end(shop())


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

    run_to_end(serving())


async def _tell(story: str, folder: Path, port: int | None) -> None:
    from bot.app.story import tell

    await tell(story, folder=folder / "story", port=port, stop=_until_told(), started=_introduce_story)


def _introduce_story(opened: Opened) -> None:
    """Say on the terminal where the story is told, once."""
    if opened.travelling.turn > 1:
        return
    console = Console(highlight=False)
    console.print(f"\n[bold]The story begins:[/bold] {opened.app.address}", soft_wrap=True)
    console.print("Move its clock beside the chat: a day, to the announcement, to the closing.", soft_wrap=True)
    console.print("Going back, or starting it again, begins it anew. Ctrl-C stops it.\n", soft_wrap=True)


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


def _data_folder() -> Path:
    """Where a person's programs keep their data (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "tillbot"
