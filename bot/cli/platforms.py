"""`tillbot manifest`, `invite` and `register`: what the chat platforms must be told of the shop."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.terminal import ConfigOption, config_path, fail, run_to_end
from bot.errors import BadConfig

if TYPE_CHECKING:
    from bot.chat import Command
    from bot.settings import Settings
    from config.words import Words

manifest = typer.Typer(help="Print an app's manifest.", no_args_is_help=True)
invite = typer.Typer(help="Print the address that invites the bot.", no_args_is_help=True)
register = typer.Typer(help="Register commands with a platform.", no_args_is_help=True)


@manifest.command("slack")
def manifest_slack(
    config: ConfigOption = None,
    many: Annotated[bool, typer.Option("--many", help="Let any workspace install the app, through OAuth.")] = False,
) -> None:
    """Print the Slack app's manifest, to paste at api.slack.com/apps."""
    from bot.app.doors import slack_manifest

    settings, menu, words = _configured(config)
    try:
        made = slack_manifest(settings, menu, words, many=many)
    except ValueError as error:
        fail(str(error))
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


@invite.command("discord")
def invite_discord(
    client_id: Annotated[str, typer.Argument(help="The application's id, from Discord's developer portal.")],
    config: ConfigOption = None,
) -> None:
    """Print the address that invites the bot to a server, with the least permissions it needs."""
    from adapters.discord import invitation
    from bot.app.doors import perks_of

    settings, _, _ = _configured(config)
    typer.echo(invitation(client_id, perks=bool(perks_of(settings, "discord"))))


@register.command("discord")
def register_discord(config: ConfigOption = None) -> None:
    """Register the commands with Discord, where they differ from what it has."""
    from bot.app.doors import discord_register

    settings, menu, words = _configured(config)

    async def push() -> None:
        changed = await discord_register(settings, menu, words, os.environ)
        for line in changed or ("nothing has changed",):
            typer.echo(line)

    run_to_end(push())


def _configured(config: Path | None) -> tuple[Settings, Sequence[Command], Words]:
    """Read what is configured, without opening anything."""
    from bot.app import plugins
    from commands.menu import MENU
    from config.read import read
    from config.words import Words

    try:
        settings = read(config_path(config))
        return settings, plugins.menu(MENU), Words.load(settings.default_locale, more=plugins.locales())
    except BadConfig as error:
        fail(str(error))
