"""What is said in a chat, as plain data: commands that people type, and the forms and cards they get.

A command is written once. Each adapter draws these views natively, with one pure function a kind. What *opens* is a plain
function, because a modal must be on screen within three seconds and cannot follow a deferral: it returns a Form, a Card
or a Then. Every *step* is async and returns a Card.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from bot.words import Rich, Tongue

if TYPE_CHECKING:
    from bot.shop import Shop
    from bot.till import Till

#: Discord's limit of components in a modal; the smallest of the platforms' (https://docs.discord.com/developers/components/reference).
MOST_FIELDS: Final = 5

#: The longest value a button or form may carry, in characters. It shares Discord's 100 of a custom_id with the step's id.
LONGEST_VALUE: Final = 80


@dataclass(frozen=True, slots=True)
class Person:
    """Who speaks. `id` is unique on the platform (Slack: "T1/U1"); `user` is the bare id that a config would list."""

    platform: str
    id: str
    user: str
    workspace: str = ""
    locale: str = ""
    admin: bool = False
    #: Ids of the platform's groups the person is in (Discord roles, Slack user groups), where the adapter knows them.
    groups: tuple[str, ...] = ()
    #: Where requests come from (an IP address), where the platform shows it; used for limits only, never logged.
    address: str = ""

    @property
    def key(self) -> str:
        """The name under which orders of this person are kept: "slack:T1/U1"."""
        return f"{self.platform}:{self.id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was said: a channel of a platform, or `private` between the person and the bot."""

    platform: str
    workspace: str = ""
    channel: str = ""
    private: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person filled in, chose or pressed: names to one or many values. A button's value is named "value"."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        """Give the one value of a field, or "" where it was left empty."""
        return next(iter(self.values.get(name, ())), "").strip()

    def many(self, name: str) -> tuple[str, ...]:
        """Give every value of a field of many choices."""
        return self.values.get(name, ())

    @property
    def value(self) -> str:
        """The value that the pressed button, or the form, carried."""
        return self["value"]

    @classmethod
    def of(cls, **values: str | Sequence[str]) -> Answers:
        """Make answers by name: Answers.of(product="mug", options=["anonymous"])."""
        return cls({name: (value,) if isinstance(value, str) else tuple(value) for name, value in values.items()})


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a card is made from: the shop as it is, the reader's language, the calendar's now, the door to the use cases."""

    shop: Shop
    tongue: Tongue
    till: Till
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Context(Scene):
    """One interaction: a scene, with who speaks and where."""

    person: Person
    place: Place
    #: Every command that can be said.
    menu: tuple[Command, ...] = ()
    #: The interaction's own id: the same twice (a platform's retry) is the same wish, and makes one order.
    key: str
    #: Opaque to us: with it the adapter can edit what it answers here, while the platform lets it.
    reply: str = ""


# ---------------------------------------------------------------------------------------------------------------- views


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
Opener = Callable[[Context, Mapping[str, str]], Opening]
Stepper = Callable[[Context, Answers], Awaitable[Card]]
Checker = Callable[[Context, Answers], Mapping[str, str]]
Suggester = Callable[[Context, str], Sequence[Choice]]
Reader = Callable[[Context, Sequence[str]], Mapping[str, str]]


def _check_value(value: str) -> None:
    if len(value) > LONGEST_VALUE:
        raise ValueError(f"a value of {len(value)} characters does not fit a button; {LONGEST_VALUE} at most")


# ------------------------------------------------------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be typed after a command. Its words are the keys "option.NAME" and "option.NAME.hint"."""

    name: str
    kind: Literal["text", "integer"] = "text"
    suggest: Suggester | None = None


class Step:
    """A function that answers a form, a button or a select. Its id, "buy.place", travels in the platform's own id."""

    def __init__(self, id: str, run: Stepper) -> None:  # noqa: A002 - the field's own word
        self.id = id
        self._run = run
        self._check: Checker | None = None

    def __repr__(self) -> str:
        return f"Step({self.id!r})"

    async def __call__(self, ctx: Context, answers: Answers) -> Card:
        """Run the step."""
        return await self._run(ctx, answers)

    def check(self, checker: Checker) -> Checker:
        """Register a plain function that says what is wrong, by field, before the step is acknowledged."""
        self._check = checker
        return checker

    def wrong(self, ctx: Context, answers: Answers) -> Mapping[str, str]:
        """Give the errors by field name, {} where all is well."""
        return self._check(ctx, answers) if self._check else {}


class Command:
    """What a person can say. Its words are the keys "command.NAME" (the name in a language) and "command.NAME.summary"."""

    def __init__(self, name: str, *, options: Sequence[Option] = (), admin: bool = False) -> None:
        self.name = name
        self.id = name
        self.options = tuple(options)
        self.admin = admin
        self.steps: dict[str, Step] = {}
        self._open: Opener | None = None
        self._read: Reader | None = None

    def __repr__(self) -> str:
        return f"Command({self.name!r})"

    def opens(self, opener: Opener) -> Opener:
        """Register the plain function that answers the command itself."""
        self._open = opener
        return opener

    def reads(self, reader: Reader) -> Reader:
        """Register the plain function that turns typed words into options: ["mug", "2"] -> {"product": "mug", ...}."""
        self._read = reader
        return reader

    def step(self, run: Stepper) -> Step:
        """Register a step; the function's name is the second half of its id, so it must not be renamed without an alias."""
        name = getattr(run, "__name__", "")
        step = Step(f"{self.name}.{name}", run)
        if step.id in self.steps:
            raise ValueError(f"step {step.id} exists already")
        self.steps[step.id] = step
        return step

    def open(self, ctx: Context, typed: Mapping[str, str]) -> Opening:
        """Answer the command with what was typed or chosen for its options."""
        if self._open is None:
            raise TypeError(f"command {self.name} has no opener")
        return self._open(ctx, typed)

    def read(self, ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
        """Turn typed words into options; without a reader of its own, a word an option, in their order."""
        if self._read is not None:
            return self._read(ctx, words)
        return dict(zip((option.name for option in self.options), words, strict=False))
