"""Step ids travel in messages that people keep: none is lost without an alias."""

from __future__ import annotations

from bot.chat import Command
from commands.menu import ALIASES, MENU

#: Every id that was ever sent. One is added with its step, and never taken away: where a step goes, an alias stays.
SENT = {
    "buy.another",
    "buy.choose",
    "buy.complain",
    "buy.look",
    "buy.place",
    "donate.give",
    "orders.cancel",
    "orders.change",
    "orders.claim",
    "orders.erase",
    "orders.export",
    "orders.forget",
    "orders.manage",
    "orders.reroute",
    "orders.quiet",
    "orders.receipt",
    "orders.remind",
    "orders.show",
    "orders.stop",
    "shop.address",
    "shop.approve",
    "shop.config",
    "shop.decline",
    "shop.evidence",
    "shop.export",
    "shop.history",
    "shop.post",
    "shop.problem",
    "shop.refund",
    "shop.retire",
    "shop.sales",
    "shop.ship",
    "shop.status",
}
COMMANDS = {"buy", "donate", "orders", "help", "shop"}


def _steps() -> set[str]:
    return {step for command in MENU for step in command.steps}


def test_every_id_that_was_sent_still_answers() -> None:
    """Each id of the list is a step, or an alias of one; and each step stands in the list."""
    assert _steps() <= SENT, "a new step: add its id to the list"
    assert _steps() | set(ALIASES) >= SENT, "a step is gone: leave an alias"
    assert set(ALIASES.values()) <= _steps()
    assert not set(ALIASES) & _steps()


def test_every_command_that_buttons_open_is_there() -> None:
    """Buttons may lead to a command by its name."""
    assert {command.name for command in MENU} >= COMMANDS


def test_an_id_is_its_command_and_its_function() -> None:
    """The function's name is the second half of its id."""
    for command in MENU:
        assert isinstance(command, Command)
        assert all(step.startswith(f"{command.name}.") for step in command.steps)
