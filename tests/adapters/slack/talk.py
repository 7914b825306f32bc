"""A small conversation to hold over Slack: example commands of every shape, and the words they need."""

# ruff: noqa: D102, ARG002 - the docstrings of the ports say what each method does, and need not of what they are given

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
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
from bot.money import Money
from bot.settings import Seller, Settings
from bot.shop import Shop
from bot.till import Till
from bot.words import Direction

NOW = datetime(2017, 1, 20, 12, 0, tzinfo=UTC)
VARIANTS = (Choice("mug/blue", "Mug, blue"), Choice("mug/red", "Mug, red"), Choice("cap", "Cap"))

WORDS = {
    "en": {"command.buy": "buy", "hello": "Hello"},
    "fr": {"command.buy": "acheter", "hello": "Bonjour"},
}


class Words:
    """The port `Language` with a handful of words."""

    def template(self, key: str, locale: str, count: int | None = None) -> str:
        return WORDS[locale].get(key, key)

    def resolve(self, locale: str) -> str:
        return "fr" if locale.startswith("fr") else "en"

    def locales(self) -> Sequence[str]:
        return ("en", "fr")

    def direction(self, locale: str) -> Direction:
        return "ltr"

    def money(self, amount: Money, locale: str) -> str:
        return f"{amount.minor} {amount.currency}"

    def number(self, value: int, locale: str) -> str:
        return str(value)

    def percent(self, ratio: float, locale: str) -> str:
        return f"{ratio:.0%}"

    def day(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        return at.astimezone(zone).date().isoformat()

    def instant(self, at: datetime, zone: ZoneInfo, locale: str) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"

    def countries(self, locale: str) -> Mapping[str, str]:
        return {"DE": "Germany", "FR": "France"}

    def names(self, items: Sequence[str], locale: str) -> str:
        return ", ".join(items)


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
    #: The orders on everybody's App Home.
    orders: list[str] = field(default_factory=list)

    def refusal(self, ctx: Context, error: Refused | BadAmount) -> Card:
        return Card("Sorry", ((repr(error),),), tone="warn")

    def trouble(self, ctx: Context, error: Exception) -> Card:
        return Card("Trouble", tone="bad")

    def gone(self, ctx: Context) -> Card:
        return Card("From another time")

    def help(self, ctx: Context, typed: str) -> Card:
        return Card("Help", ((f"You said: {typed}",),), actions=(Button("Buy something", buy),))

    async def home(self, ctx: Context) -> Sequence[Card]:
        orders = [Card(f"Order {number}", actions=(Button("Cancel", cancel, number),)) for number in self.orders]
        return [Card(ctx.tongue.word("hello"), actions=(Button("Buy something", buy),)), *orders]

    @asynccontextmanager
    async def missed(self, ctx: Context) -> AsyncIterator[Sequence[Card]]:
        kept = self.kept
        yield kept
        self.kept = []


def matching(ctx: Context, typed: str) -> Sequence[Choice]:
    return [choice for choice in VARIANTS if typed.casefold() in choice.label.casefold()]


buy = Command("buy", options=(Option("product", suggest=matching), Option("quantity", kind="integer")))
hello = Command("hello")
donate = Command("donate")
boom = Command("boom")
COMMANDS = (buy, hello, donate, boom)

#: Every context that a step of `buy` was given, for the tests to look at.
SEEN: list[Context] = []


@buy.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    if "quantity" in typed:
        return Then(place, Answers.of(**typed))
    if typed.get("product") == "which":
        return Then(choose, Answers())
    return Form(
        "Buy",
        (
            ChoiceField("product", "Product", (), required=True, suggest="buy.product"),
            TextField("quantity", "Quantity", "integer", required=True, value="1"),
            TextField("code", "Code", hint="If you have one"),
        ),
        "Buy",
        place,
        intro=("What would you like?",),
        value="asked",
    )


@buy.step
async def place(ctx: Context, answers: Answers) -> Card:
    SEEN.append(ctx)
    product = answers["product"] or answers.value
    if product == "gone":
        raise SoldOut("gone")
    pay = Link("Pay", "https://pay.test/T7", style="primary")
    return Card(
        f"{answers['quantity'] or 1} × {product}",
        ((f"Code {answers['code']!r}, value {answers.value!r}",),),
        actions=(pay, Button("Cancel", cancel, "T7", style="danger")),
        order="T7",
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
    SEEN.append(ctx)
    if answers.value == "late":
        raise SoldOut("late")
    return Card(f"Cancelled {answers.value}", order=answers.value, tone="warn")


@hello.opens
def greet(ctx: Context, typed: Mapping[str, str]) -> Opening:
    return Card(ctx.tongue.word("hello"), ((f"{ctx.person.key} in {ctx.place.channel}",),))


@donate.opens
def give(ctx: Context, typed: Mapping[str, str]) -> Opening:
    fields = (
        ChoiceField("cause", "Cause", (Choice("water", "Clean water"), Choice("trees", "Trees")), value="trees"),
        TextField("amount", "Amount", "amount", required=True, suggestions=("5 €", "10 €")),
        ChecksField("options", "Options", (Choice("anonymous", "Anonymous"), Choice("fees", "Cover the fees"))),
    )
    return Form("Give", fields, "Give", thank)


@donate.step
async def thank(ctx: Context, answers: Answers) -> Card:
    return Card("Thank you", ((f"{answers['amount']} for {answers['cause']} {answers.many('options')}",),))


@boom.opens
def explode(ctx: Context, typed: Mapping[str, str]) -> Opening:
    return Then(burst, Answers())


@boom.step
async def burst(ctx: Context, answers: Answers) -> Card:
    raise RuntimeError("burst")


def conversation(cards: Answered) -> Conversation:
    """Make the conversation; nothing of it reaches the till."""
    settings = Settings(
        name="Shop",
        homepage="https://shop.test",
        default_locale="en",
        zone=ZoneInfo("Europe/Paris"),
        currency="EUR",
        seller=Seller("Shop"),
        catalogue=Catalogue.of(()),
        causes={},
    )
    shop = Shop(settings, Nothing())
    return Conversation(
        COMMANDS, till=cast("Till", None), shop=lambda: shop, language=Words(), clock=Stopped(), cards=cards
    )
