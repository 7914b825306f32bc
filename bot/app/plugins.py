"""Plugins: commands and adapters that other distributions bring, found by their entry points.

`tillbot.commands` names a `bot.chat.Command` (or a sequence of them); `tillbot.adapters` names a function that takes an
`Opening` and gives a `Door`. A plugin's words stand in .po files in a folder `locales` beside its module.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

from bot.app.doors import Door
from bot.chat import Command
from bot.conversation import Conversation
from bot.errors import BadConfig, Problem
from bot.ports import Memory
from bot.shop import Shop

_log: Final = logging.getLogger(__name__)

COMMANDS: Final = "tillbot.commands"
ADAPTERS: Final = "tillbot.adapters"


@dataclass(frozen=True, slots=True)
class Opening:
    """What an adapter is given to open its door."""

    conversation: Conversation
    shop: Callable[[], Shop]
    memory: Memory
    #: The environment, for its secrets.
    environ: Mapping[str, str] = field(repr=False)


def menu(own: Sequence[Command]) -> Sequence[Command]:
    """Give our own commands and those of all plugins.

    Raises BadConfig where one cannot be loaded, is no command, or takes a name that is taken.
    """
    found = list(own)
    for entry in _entries(COMMANDS):
        loaded = _load(entry)
        brought = list(loaded) if isinstance(loaded, Iterable) else [loaded]
        some = [command for command in brought if isinstance(command, Command)]
        if len(some) < len(brought):
            raise _bad(entry, "is no bot.chat.Command")
        taken = {command.name for command in found} & {command.name for command in some}
        if taken:
            raise _bad(entry, f"takes the name /{min(taken)}, which is taken")
        found += some
        _log.info("plugin", extra={"group": entry.group, "name_of_plugin": entry.name})
    return found


def doors(opening: Opening) -> Iterator[Door]:
    """Open the doors of all plugins. Raises BadConfig where one cannot be loaded, or opens no door."""
    for entry in _entries(ADAPTERS):
        opener = _load(entry)
        door = opener(opening) if callable(opener) else None
        if not isinstance(door, Door):
            raise _bad(entry, "opens no bot.app.doors.Door")
        _log.info("plugin", extra={"group": entry.group, "name_of_plugin": entry.name})
        yield door


def locales() -> Sequence[Path]:
    """Give the folders in which plugins keep their words."""
    modules = {entry.module for group in (COMMANDS, ADAPTERS) for entry in _entries(group)}
    files = (import_module(name).__file__ for name in sorted(modules))
    folders = (Path(file).parent / "locales" for file in files if file)
    return [folder for folder in folders if folder.is_dir()]


def _entries(group: str) -> Sequence[EntryPoint]:
    return _installed(group, tuple(sys.path))


@cache
def _installed(group: str, path: tuple[str, ...]) -> Sequence[EntryPoint]:  # noqa: ARG001 - where Python looks
    """Look through what is installed, once: nothing is installed into a process that runs."""
    return sorted(entry_points(group=group), key=lambda entry: entry.name)


def _load(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        raise _bad(entry, f"cannot be loaded: {error}") from error


def _bad(entry: EntryPoint, what: str) -> BadConfig:
    return BadConfig([Problem(entry.group, 0, entry.name, what, "mend the plugin, or uninstall it")])
