"""A small conversation to hold over Discord: example commands of every shape, and the words they need."""

# ruff: noqa: D102, ARG002 - the docstrings of the ports say what each method does, and need not of what they are given

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from bot.catalogue import Catalogue, Variant
from bot.chat import (
    Answers,
    Button,
    Card,
    ChecksField,
    Choice,
    ChoiceField,
    Command,
    Context,
    Form,
    Link,
    Opening,
    Option,
    Select,
    TextField,
    Then,
)
from bot.conversation import Conversation
from bot.errors import BadAmount, Refused, SoldOut
from bot.settings import Seller, Settings
from bot.shop import Shop
from bot.till import Till
from config.words import Words

NOW = datetime(2017, 1, 20, 12, 0, tzinfo=UTC)
VARIANTS = (Choice("mug/blue", "Mug, blue"), Choice("mug/red", "Mug, red"), Choice("cap", "Cap"))

_OWN = {
    "en": {"command.hello": "hello", "command.boom": "boom", "command.hello.summary": "Say hello"},
    "fr": {"command.hello": "bonjour", "command.boom": "boum", "command.hello.summary": "Dire bonjour"},
}


class Spoken(Words):
    """The shipped words, and those of the example commands, in English where nobody wrote others."""

    def template(self, key: str, locale: str, count: int | None = None) -> str:
        own = _OWN["en"] | _OWN.get(self.resolve(locale), {})
        return own[key] if key in own else super().template(key, locale, count)


class Nothing:
    """The port `Search` over an empty catalogue."""

    def find(self, typed: str, most: int = 25) -> Sequence[Variant]:
        return ()

    def exact(self, typed: str) -> Sequence[Variant]:
        return ()


class Stopped:
    """The port `Clock`, standing still."""

    def now(self) -> datetime:
        return NOW

    def shows(self, instant: datetime) -> datetime:
        return instant


@dataclass
class Answered:
    """The port `Cards`, and what was kept for people's next word."""

    kept: list[Card] = field(default_factory=list)

    def refusal(self, ctx: Context, error: Refused | BadAmount) -> Card:
        return Card("Sorry", ((type(error).__name__,),), tone="warn")

    def trouble(self, ctx: Context, error: Exception) -> Card:
        return Card("Trouble", tone="bad")

    def gone(self, ctx: Context) -> Card:
        return Card("From another time")

    def help(self, ctx: Context, typed: str) -> Card:
        actions = (Button("Buy something", commands(ctx)["buy"]), Button("Buy a cap", commands(ctx)["buy"], "cap 1"))
        return Card("Help", ((f"You said: {typed}",),), actions=actions, private=False)

    async def home(self, ctx: Context) -> Sequence[Card]:
        return ()

    @asynccontextmanager
    async def missed(self, ctx: Context) -> AsyncIterator[Sequence[Card]]:
        kept = self.kept
        yield kept
        self.kept = []


@dataclass
class Shelf:
    """The example commands, and every context and answers that a step was given."""

    seen: list[tuple[Context, Answers]] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)
    closed: bool = False
    #: Ids of people and roles that are admins.
    admins: tuple[str, ...] = ()
    #: Whose perks were to be given again.
    returned: list[str] = field(default_factory=list)

    def menu(self) -> tuple[Command, ...]:
        return self.buy(), self.donate(), hello(), boom()

    def buy(self) -> Command:
        buy = Command("buy", options=(Option("product", suggest=matching), Option("quantity", kind="integer")))

        @buy.opens
        def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
            if self.closed:
                return Card("Buy has ended")
            if "quantity" in typed:
                return Then(place, Answers.of(**typed))
            if typed.get("product") == "which":
                return Then(choose, Answers())
            return Form(
                "Buy",
                (
                    ChoiceField("product", "Product", VARIANTS, required=True, value=typed.get("product", "")),
                    TextField("quantity", "Quantity", "integer", required=True, value="1", most=4),
                    TextField("code", "Code", hint="If you have one"),
                ),
                "Buy",
                place,
                intro=("What would you like?",),
                value="asked",
            )

        @buy.step
        async def place(ctx: Context, answers: Answers) -> Card:
            self.seen.append((ctx, answers))
            product = answers["product"] or answers.value
            if product == "gone":
                raise SoldOut("gone")
            order = self.orders.setdefault(ctx.key, f"T{len(self.orders) + 1}")
            pay = Link("Pay", "https://pay.test/T7", style="primary")
            return Card(
                f"{answers['quantity'] or 1} × {product}",
                (("Until ", ctx.tongue.moment(ctx.now)),),
                facts=(("Order", (order,)),),
                actions=(pay, Button("Cancel", cancel, order, style="danger")),
                order=order,
                state="awaiting",
            )

        @place.check
        def check(ctx: Context, answers: Answers) -> Mapping[str, str]:
            return {"quantity": "At least one"} if answers["quantity"] == "0" else {}

        @buy.step
        async def choose(ctx: Context, answers: Answers) -> Card:
            return Card("Which one?", actions=(Select("Choose", VARIANTS, place),))

        @buy.step
        async def cancel(ctx: Context, answers: Answers) -> Card:
            self.seen.append((ctx, answers))
            return Card(f"Cancelled {answers.value}", order=answers.value)

        return buy

    def donate(self) -> Command:
        donate = Command("donate")

        @donate.opens
        def give(ctx: Context, typed: Mapping[str, str]) -> Opening:
            fields = (
                ChoiceField(
                    "cause", "Cause", (Choice("water", "Clean water"), Choice("trees", "Trees")), value="trees"
                ),
                TextField("amount", "Amount", "amount", required=True, suggestions=("5 €", "10 €")),
                ChoiceField(
                    "rhythm", "How often", (Choice("once", "Once"), Choice("monthly", "Monthly")), value="once"
                ),
                TextField("dedication", "Dedication", long=True),
                ChecksField("options", "Options", (Choice("anonymous", "Anonymous"), Choice("fees", "Cover the fees"))),
            )
            return Form("Give", fields, "Give", thank, intro=("Thank you for giving.",))

        @donate.step
        async def thank(ctx: Context, answers: Answers) -> Card:
            self.seen.append((ctx, answers))
            return Card("Thank you", ((answers["dedication"],),))

        return donate


def hello() -> Command:
    hello = Command("hello")

    @hello.opens
    def greet(ctx: Context, typed: Mapping[str, str]) -> Opening:
        lines = ((f"{ctx.person.key} in {ctx.person.locale}",), ("Only for you",))
        return Card(ctx.tongue.word("command.hello").capitalize(), lines)

    return hello


def boom() -> Command:
    boom = Command("boom")

    @boom.opens
    def explode(ctx: Context, typed: Mapping[str, str]) -> Opening:
        return Then(burst, Answers())

    @boom.step
    async def burst(ctx: Context, answers: Answers) -> Card:
        raise RuntimeError("burst")

    return boom


def matching(ctx: Context, typed: str) -> Sequence[Choice]:
    found = [choice for choice in VARIANTS if typed.casefold() in choice.label.casefold()]
    many = [Choice(f"many/{number}", f"Many {number} " + "x" * 100) for number in range(40)]
    return many if typed == "many" else found


def commands(ctx: Context) -> dict[str, Command]:
    """Give the commands of the conversation a context belongs to, by name."""
    menu: dict[str, Command] = cast("Any", ctx.till)
    return menu


class Behind(dict[str, Command]):
    """In place of the till: the menu, for the help, and who has come back."""

    def __init__(self, menu: Sequence[Command], returned: list[str]) -> None:
        super().__init__({command.name: command for command in menu})
        self._returned = returned

    @property
    def granting(self) -> "Behind":
        return self

    async def again(self, person: str) -> None:
        self._returned.append(person)


def conversation(cards: Answered, shelf: Shelf, menu: Sequence[Command] = ()) -> Conversation:
    """Make the conversation, of other commands where some are given.

    No example command goes to the till: in its place travels the menu, for the help.
    """
    settings = Settings(
        name="Shop",
        homepage="https://shop.test",
        default_locale="en",
        zone=ZoneInfo("Europe/Paris"),
        currency="EUR",
        seller=Seller("Shop"),
        catalogue=Catalogue.of(()),
        causes={},
        admins={"discord": shelf.admins},
    )
    shop = Shop(settings, Nothing())
    menu = menu or shelf.menu()
    till = cast("Till", Behind(menu, shelf.returned))
    return Conversation(menu, till=till, shop=lambda: shop, language=Spoken.load(), clock=Stopped(), cards=cards)
