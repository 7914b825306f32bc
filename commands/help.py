"""/help: what can be said here, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.chat import Button, Card, Command, Context
from bot.words import Rich
from commands.buy import buy
from commands.donate import donate
from commands.own import orders

help_ = Command("help")


@help_.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Card:  # noqa: ARG001 - it takes no options
    """List what can be said."""
    return card(ctx)


def card(ctx: Context, typed: str = "") -> Card:
    """List what can be said; `typed` is what was not understood, which comes first."""
    say, word = ctx.tongue.say, ctx.tongue.word
    lines: list[Rich] = [say("help.unknown", typed=typed[:100])] if typed else []
    lines += [_line(ctx, command) for command in _listed(ctx)]
    seller = ctx.shop.settings.seller
    if seller.support:
        lines.append(say("help.support", support=seller.support))
    buttons = tuple(Button(word(f"{command.name}.button"), command) for command in (buy, donate, orders))
    return Card(word("help.title", name=ctx.shop.settings.name), tuple(lines), actions=buttons)


def _line(ctx: Context, command: Command) -> Rich:
    prefix = ctx.shop.settings.slack.prefix if ctx.person.platform == "slack" else ""
    name = ctx.tongue.word(f"command.{command.name}")
    return ctx.tongue.say(
        "help.line", command=f"/{prefix}{name}", summary=ctx.tongue.word(f"command.{command.name}.summary")
    )


def _listed(ctx: Context) -> Sequence[Command]:
    return [command for command in ctx.menu if not command.admin or ctx.person.admin]
