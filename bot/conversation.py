"""The door for adapters: what a person said goes in, and a form or a card comes out."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Final, Protocol

from bot.chat import Answers, Card, Choice, Command, Context, Form, Opening, Person, Place, Step, Then
from bot.errors import BadAmount, Refused, TillbotError
from bot.ports import Clock
from bot.retirement import Scope
from bot.sealing import seal, seal_form
from bot.shop import Shop
from bot.till import Till
from bot.tokenise import tokenise
from bot.typed import typed, typed_answers, typed_options
from bot.words import Language, Tongue

_log: Final = logging.getLogger(__name__)

#: What may stand before a command in text: "/buy", "!buy".
_MARKS: Final = "/!"


class Cards(Protocol):
    """The cards that no command makes: refusals, trouble, news. `commands` furnishes them."""

    def refusal(self, ctx: Context, error: Refused | BadAmount) -> Card:
        """Say why something cannot be, and what can."""
        ...

    def trouble(self, ctx: Context, error: Exception) -> Card:
        """Say that something went wrong on our side, and what became of it."""
        ...

    def gone(self, ctx: Context) -> Card:
        """Say that a button is from another time."""
        ...

    def help(self, ctx: Context, typed: str) -> Card:
        """List what can be said; `typed` is what was not understood, or ""."""
        ...

    async def home(self, ctx: Context) -> Sequence[Card]:
        """Give what belongs on a person's own page: their orders, and the causes with their goals."""
        ...

    def missed(self, ctx: Context) -> AbstractAsyncContextManager[Sequence[Card]]:
        """Give what the person has not been told yet, and note it as told when the block ends."""
        ...


class Conversation:
    """Finds the command or step, calls it, and turns every error into a card. It keeps no state of its own.

    An adapter calls `context` once an interaction, then `hear` (text), `open` (a command with options) or `press` (an
    id of a button or form). Each gives a Form, a Card, or a Then, which is acknowledged first and then `run`.
    """

    def __init__(
        self,
        commands: Sequence[Command],
        *,
        till: Till,
        shop: Callable[[], Shop],
        language: Language,
        clock: Clock,
        cards: Cards,
        aliases: Mapping[str, str] | None = None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self.commands = tuple(commands)
        self.language = language
        self._till = till
        self._shop = shop
        self._clock = clock
        self._cards = cards
        self._failed = failed  # called whenever an answer is only that something went wrong
        self._by_name = {command.name: command for command in commands}
        self._steps = {step.id: step for command in commands for step in command.steps.values()}
        self._steps |= {old: self._steps[new] for old, new in (aliases or {}).items()}

    def context(self, person: Person, place: Place, *, key: str, reply: str = "") -> Context:
        """Begin an interaction. `key` is the platform's own id of it; `reply` lets the adapter edit its answer later."""
        shop = self._shop()
        settings = shop.settings
        locale = self.language.resolve(person.locale or settings.default_locale)
        known = replace(
            person,
            locale=locale,
            admin=person.admin or settings.is_admin(person.platform, person.user, (*person.groups, person.id)),
        )
        tongue = Tongue(self.language, locale, settings.zone)
        asked_by = f"{person.key}:{key}"
        return Context(
            shop=shop,
            tongue=tongue,
            till=self._till,
            now=self._clock.now(),
            where=Scope(person.platform, person.workspace),
            person=known,
            place=place,
            menu=self.commands,
            key=asked_by,
            reply=reply,
        )

    def tongue(self, locale: str) -> Tongue:
        """Speak a locale, for what is written outside an interaction: pages, registered command names."""
        return Tongue(self.language, self.language.resolve(locale), self._shop().settings.zone)

    def find(self, word: str) -> Command | None:
        """Find the command of a name, in any language: "buy", "acheter"."""
        name = word.lstrip(_MARKS).casefold()
        if name in self._by_name:
            return self._by_name[name]
        for command in self.commands:
            for locale in self.language.locales():
                if name == self.language.template(f"command.{command.name}", locale).casefold():
                    return command
        return None

    def step(self, step_id: str) -> Step | None:
        """Find a step by the id that travelled in a button or form."""
        return self._steps.get(step_id)

    def hear(self, ctx: Context, text: str) -> Opening:
        """Answer what a person typed: "/buy mug 2", "!donate 10", "acheter". Unknown words get the help."""
        text = typed(text)
        word, rest = (*text.split(maxsplit=1), "", "")[:2]
        command = self.find(word)
        if command is None or (command.admin and not ctx.person.admin):
            return seal(ctx, self._cards.help(ctx, text.strip()))
        return self._guard(ctx, lambda: command.open(ctx, command.read(ctx, tokenise(rest))))

    def open(self, ctx: Context, command: Command, options: Mapping[str, str]) -> Opening:
        """Answer a command whose options the platform took apart."""
        if command.admin and not ctx.person.admin:
            return seal(ctx, self._cards.help(ctx, ""))
        return self._guard(ctx, lambda: command.open(ctx, typed_options(options)))

    def press(self, ctx: Context, action: str, answers: Answers) -> Opening:
        """Answer a button, a select or a submitted form by its id: a step's ("buy.place") or a command's ("donate")."""
        step = self.step(action)
        if step is not None:
            return Then(step, typed_answers(answers))
        command = self._by_name.get(action)
        if command is None:
            return seal(ctx, self._cards.gone(ctx))
        words = tokenise(typed(answers.value))
        return self.open(ctx, command, command.read(ctx, words) if words else {})

    def wrong(self, ctx: Context, action: str, answers: Answers) -> Mapping[str, str]:
        """Say what is wrong with a submitted form, by field, before it is acknowledged; {} where all is well."""
        step = self.step(action)
        return step.wrong(ctx, typed_answers(answers)) if step else {}

    async def run(self, ctx: Context, then: Then) -> Card:
        """Run a step. It never raises: a refusal, and trouble of any kind, is a card."""
        try:
            card = await then.step(ctx, then.answers)
        except (Refused, BadAmount) as error:
            card = self._cards.refusal(ctx, error)
        except Exception as error:  # noqa: BLE001 - a person is waiting: whatever broke, they get an answer
            _log.exception("step failed", extra={"step": then.step.id})
            self._failed()
            card = self._cards.trouble(ctx, error)
        return seal(ctx, card)

    def suggest(self, ctx: Context, option: str, text: str) -> Sequence[Choice]:
        """Complete an option while it is typed; its id is command and option ("buy.product")."""
        name, _, wanted = option.partition(".")
        command = self._by_name.get(name)
        for known in command.options if command else ():
            if known.name == wanted and known.suggest:
                return known.suggest(ctx, typed(text))
        return ()

    async def home(self, ctx: Context) -> Sequence[Card]:
        """Give what belongs on a person's own page (Slack's App Home): their orders, the causes, the notice."""
        return [seal(ctx, card) for card in await self._cards.home(ctx)]

    async def joined(self, person: Person) -> None:
        """Give somebody who came back to a platform the perks they hold there."""
        try:
            await self._till.granting.again(person.key)
        except TillbotError:
            _log.exception("perks not given again")

    @asynccontextmanager
    async def missed(self, ctx: Context) -> AsyncIterator[Sequence[Card]]:
        """Give the private news that could not be told before, to be shown privately, after the answer, in the block.

        It counts as told when the block ends; where the block raises, the next word brings it again.
        """
        async with AsyncExitStack() as stack:
            kept: Sequence[Card] = ()
            try:
                kept = await stack.enter_async_context(self._cards.missed(ctx))
            except TillbotError:
                _log.exception("kept news not read")
            yield [seal(ctx, card) for card in kept]

    def _guard(self, ctx: Context, opening: Callable[[], Opening]) -> Opening:
        try:
            opened = opening()
        except (Refused, BadAmount) as error:
            opened = self._cards.refusal(ctx, error)
        except Exception as error:  # noqa: BLE001 - a person is waiting: whatever broke, they get an answer
            _log.exception("opener failed")
            self._failed()
            opened = self._cards.trouble(ctx, error)
        match opened:
            case Card():
                return seal(ctx, opened)
            case Form():
                return seal_form(ctx, opened)
            case Then():
                return opened
