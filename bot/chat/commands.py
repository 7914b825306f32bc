"""Commands: what a person can say, what opens, and the steps that follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.chat.people import Answers, Context
from bot.chat.views import Card, Choice, Opening

Opener = Callable[[Context, Mapping[str, str]], Opening]
Stepper = Callable[[Context, Answers], Awaitable[Card]]
Checker = Callable[[Context, Answers], Mapping[str, str]]
Suggester = Callable[[Context, str], Sequence[Choice]]
Reader = Callable[[Context, Sequence[str]], Mapping[str, str]]


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
