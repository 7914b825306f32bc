"""What travels in a custom_id, so that a button in an old message still works after a restart or an upgrade."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.chat import LONGEST_VALUE, Command

#: https://docs.discord.com/developers/components/reference#anatomy-of-a-component
MOST_CUSTOM_ID: Final = 100
#: What is left for the id of a step or command beside the kind, two bars and the longest value.
MOST_ID: Final = MOST_CUSTOM_ID - LONGEST_VALUE - len("a00||")


@dataclass(frozen=True, slots=True)
class Act:
    """A button or a select that runs a step, or opens a command, with a value."""

    id: str
    value: str = ""

    def packed(self, number: int) -> str:
        """Write it down; `number` is the component's place, for no two in a message may be the same."""
        return f"a{number}|{self.id}|{self.value}"


@dataclass(frozen=True, slots=True)
class Fill:
    """A modal, whose fields go to a step with a value."""

    id: str
    value: str = ""

    def packed(self) -> str:
        """Write it down."""
        return f"f|{self.id}|{self.value}"


@dataclass(frozen=True, slots=True)
class Mend:
    """A button that opens a refused form again, with what was typed."""

    id: str
    value: str = ""

    def packed(self) -> str:
        """Write it down."""
        return f"m|{self.id}|{self.value}"


@dataclass(frozen=True, slots=True)
class PickUp:
    """A button that answers, privately, what one person said in a text message."""

    user: int
    message: int
    text: str

    def packed(self) -> str:
        """Write it down. A text that is too long to travel is cut to its first word, and asked for again in the form."""
        packed = f"p|{self.user}.{self.message}|{self.text}"
        if len(packed) <= MOST_CUSTOM_ID:
            return packed
        return f"p|{self.user}.{self.message}|{self.text.split()[0]}"[:MOST_CUSTOM_ID]


Identifier = Act | Fill | Mend | PickUp


def read(custom_id: str) -> Identifier | None:
    """Read a custom_id; None where it is none of ours."""
    kind, _, rest = custom_id.partition("|")
    name, bar, value = rest.partition("|")
    if not bar or not name:
        return None
    if kind.startswith("a"):
        return Act(name, value)
    if kind == "f":
        return Fill(name, value)
    if kind == "m":
        return Mend(name, value)
    user, _, message = name.partition(".")
    if kind == "p" and user.isdecimal() and message.isdecimal():
        return PickUp(int(user), int(message), value)
    return None


def check(commands: Iterable[Command]) -> None:
    """See that the id of every command and step fits. Raises ValueError."""
    for command in commands:
        for name in (command.id, *command.steps):
            if len(name) > MOST_ID or "|" in name:
                raise ValueError(
                    f"the id {name!r} does not fit Discord's custom_id; {MOST_ID} characters at most, no |"
                )
