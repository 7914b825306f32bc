"""The menu: every command there is, in the order in which help lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.chat import Command
from commands.buy import buy
from commands.donate import donate
from commands.help import help_
from commands.own import orders
from commands.shop import shop

MENU: Final[tuple[Command, ...]] = (buy, donate, orders, help_, shop)

#: Ids of steps that are gone, to the steps that took their place: buttons in old messages still work.
ALIASES: Final[Mapping[str, str]] = {}
