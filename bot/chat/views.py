"""The views: forms and cards, as plain data that each adapter draws natively."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from bot.chat.people import Answers
from bot.words import Rich

if TYPE_CHECKING:
    from bot.chat.commands import Command, Step


#: Discord's limit of components in a modal; the smallest of the platforms' (https://docs.discord.com/developers/components/reference).
MOST_FIELDS: Final = 5

#: The longest value a button or form may carry, in characters. It shares Discord's 100 of a custom_id with the step's id.
LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values to choose from, with its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class TextField:
    """A line (or, `long`, some lines) to type. `kind` tells the keyboard; the value stays text."""

    name: str
    label: str
    kind: Literal["text", "integer", "amount"] = "text"
    required: bool = False
    value: str = ""
    hint: str = ""
    #: Values to offer, such as the amounts of a gift; anything else may be typed.
    suggestions: tuple[str, ...] = ()
    long: bool = False
    most: int = 200


@dataclass(frozen=True, slots=True)
class ChoiceField:
    """One of `choices`. With `suggest`, the id of an option, the list is completed while typing where a platform can.

    Where there are more choices than a platform can list and it cannot complete, it becomes a text field, and the step
    answers an ambiguous text with a card of choices.
    """

    name: str
    label: str
    choices: tuple[Choice, ...]
    required: bool = False
    value: str = ""
    hint: str = ""
    suggest: str = ""


@dataclass(frozen=True, slots=True)
class ChecksField:
    """Any number of `choices`."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    chosen: tuple[str, ...] = ()
    hint: str = ""


Field = TextField | ChoiceField | ChecksField


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to fill in, handed to a step. `value` travels with it and comes back among the answers as "value"."""

    title: str
    fields: tuple[Field, ...]
    submit: str
    to: Step
    intro: Rich = ()
    value: str = ""

    def __post_init__(self) -> None:
        if len(self.fields) > MOST_FIELDS:
            raise ValueError(f"form {self.to.id} has {len(self.fields)} fields; platforms show {MOST_FIELDS} at most")
        _check_value(self.value)


@dataclass(frozen=True, slots=True)
class Button:
    """Runs a step, or opens a command, with `value`."""

    label: str
    to: Step | Command
    value: str = ""
    style: Literal["primary", "plain", "danger"] = "plain"

    def __post_init__(self) -> None:
        _check_value(self.value)


@dataclass(frozen=True, slots=True)
class Link:
    """Leads to an address outside the chat."""

    label: str
    url: str
    style: Literal["primary", "plain"] = "plain"


@dataclass(frozen=True, slots=True)
class Select:
    """Runs a step with the value chosen."""

    label: str
    choices: tuple[Choice, ...]
    to: Step


Action = Button | Link | Select


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal is reached; `text` says the same for a screen reader. `value` and `goal` in one unit."""

    value: int
    goal: int
    text: str

    @property
    def ratio(self) -> float:
        """From 0 to 1, never more."""
        return min(1.0, self.value / self.goal) if self.goal > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Card:
    """An answer: a title, paragraphs, facts in two columns, perhaps a progress bar, and what can be done next."""

    title: str
    text: tuple[Rich, ...] = ()
    facts: tuple[tuple[str, Rich], ...] = ()
    progress: Progress | None = None
    actions: tuple[Action, ...] = ()
    tone: Literal["plain", "good", "warn", "bad"] = "plain"
    picture: str = ""
    footer: Rich = ()
    #: A private card is only ever shown to the person it answers.
    private: bool = True
    #: The public number and the state of the order it speaks of.
    order: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Then:
    """From an opener: acknowledge first, then run `step` with `answers`."""

    step: Step
    answers: Answers


Opening = Form | Card | Then


def _check_value(value: str) -> None:
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"a value of {len(value)} characters does not fit a button; {LONGEST_VALUE} at most")
