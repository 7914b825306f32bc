"""A group of commands that are imported when they are asked for: what is not said costs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any, ClassVar, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


class Late(MutableMapping[str, Any]):
    """Commands by name, each imported at its first look-up.

    `places` says where each is: "bot.cli.setting_up:check", a function or a group. Further places after it are functions that
    the group has as commands too, under their own names or the one after "=".
    """

    def __init__(self, places: Mapping[str, tuple[str, ...]]) -> None:
        self._places: Final = places
        self._loaded: Final[dict[str, Any]] = {}

    def __getitem__(self, name: str) -> Any:
        """Import a command. Raises KeyError where there is none of that name."""
        if name not in self._loaded:
            self._loaded[name] = _load(name, *self._places[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        """Add a command that is there already."""
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        """Take no command out: the command line is what it is."""
        raise TypeError(name)

    def __iter__(self) -> Iterator[str]:
        """Give the names, in the order of the help."""
        return iter(dict.fromkeys((*self._places, *self._loaded)))

    def __len__(self) -> int:
        """Count the names."""
        return len(list(iter(self)))


class LateGroup(TyperGroup):
    """A group that knows its commands' names, and imports those that are run or explained."""

    #: Where each command is; said by the class of each such group.
    places: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Late(self.places)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - Typer gives it
        """Give the names without importing anything."""
        return list(self.commands)


def _load(name: str, place: str, *further: str) -> Any:
    found = _at(place)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        return get_command(alone)
    for each in further:
        where, _, called = each.partition("=")
        found.command(called or None)(_at(where))
    command = get_group(found)  # also where it has one command alone
    command.name = name
    return command


def _at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
