"""`tillbot export`: what is taken along as a file; its subjects are named in `bot.cli`."""

from __future__ import annotations

from typing import Any, Final

import typer
from typer.core import TyperGroup

#: The command that takes whatever is no command's name for the name of a channel; so the help shows it.
CHANNEL: Final = "CHANNEL"


class _Channels(TyperGroup):
    """A group whose further commands are the channels, of which it knows no names before they are asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands:
            return CHANNEL, self.commands[CHANNEL], args
        return super().resolve_command(ctx, args)


export: Final = typer.Typer(
    cls=_Channels, help="Take the catalogue to a shop elsewhere, or the orders along, as a file.", no_args_is_help=True
)


@export.callback()
def exported() -> None:
    """Take the catalogue to a shop elsewhere, or the orders along, as a file."""
