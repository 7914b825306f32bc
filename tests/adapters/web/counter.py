"""A shop counter to talk to over the web: example commands of every shape, and the conversation that holds them."""
# ruff: noqa: D102, ARG002 - the ports' own docstrings say what each method does, and what it is given

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
    Progress,
    Select,
    TextField,
    Then,
)
from bot.conversation import Conversation
from bot.errors import BadAmount, Refused
from bot.settings import Seller, Settings
from bot.shop import Shop
from bot.till import Till
from bot.words import Ref
from tests.adapters.web.words import Words

NOW = datetime(2017, 1, 20, 12, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
THINGS = (
    Choice("mug/blue", "Mug, blue"),
    Choice("mug/red", "Mug, red"),
    Choice("print", "A print of the harbour at dawn, signed and numbered"),
)

greet = Command("greet", options=(Option("name"),))


def matching(ctx: Context, typed: str) -> Sequence[Choice]:
    return [thing for thing in THINGS if typed.casefold() in thing.label.casefold()]


order = Command("order", options=(Option("product", suggest=matching), Option("quantity", "integer")))
desk = Command("desk", admin=True)


@greet.opens
def hello(ctx: Context, typed: Mapping[str, str]) -> Opening:
    name = typed.get("name", "")
    return Card(
        f"Hello {name}",
        (("It is ", ctx.tongue.moment(ctx.now), "; see ", Ref("the shop", "https://shop.example/?a=1&b=2"), "."),),
        facts=(("Key", (ctx.key,)), ("Address", (ctx.person.address,)), ("Staff", (str(ctx.person.admin),))),
        progress=Progress(24, 100, "24% of the goal"),
        actions=(
            Button("Order", order, style="primary"),
            Button("Cancel", cancel, "T7K3M9QX", style="danger"),
            Link("Pay", "/pay/token"),
            Select("Which?", THINGS, chosen),
        ),
        tone="good",
        footer=("Thank you",),
        order="T7K3M9QX",
        state="awaiting",
    )


@order.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    if typed.get("product") and typed.get("quantity"):
        return Then(place, Answers.of(**typed))
    return Form(
        "What would you like?",
        (
            ChoiceField(
                "product", "Product", THINGS, required=True, value=typed.get("product", ""), suggest="order.product"
            ),
            TextField("quantity", "How many", "integer", required=True, value="1"),
            TextField("amount", "Tip", "amount", suggestions=("1", "2.50"), hint="If you like"),
            TextField("note", "A word for us", long=True),
            ChecksField("extras", "Extras", (Choice("wrap", "Wrapped"), Choice("fast", "Quickly")), chosen=("wrap",)),
        ),
        "Order",
        place,
        intro=("Until ", ctx.tongue.moment(ctx.now), "."),
        value="basket-1",
    )


@order.step
async def place(ctx: Context, answers: Answers) -> Card:
    text = "; ".join(f"{name}={','.join(values)}" for name, values in sorted(answers.values.items()))
    return Card("Ordered", ((text,),), order="T7K3M9QX", state="awaiting", actions=(Button("Cancel", cancel, "x"),))


@place.check
def check(ctx: Context, answers: Answers) -> Mapping[str, str]:
    return {} if answers["quantity"].isdecimal() else {"quantity": "a whole number, please"}


@order.step
async def cancel(ctx: Context, answers: Answers) -> Card:
    return Card("Cancelled", ((answers.value,),), order="T7K3M9QX", state="cancelled")


@order.step
async def chosen(ctx: Context, answers: Answers) -> Card:
    return Card("Chosen", ((answers.value,),))


@order.step
async def wrapped(ctx: Context, answers: Answers) -> Card:
    return Card("Wrapped", ((answers["paper"],),))


@wrapped.check
def check_paper(ctx: Context, answers: Answers) -> Mapping[str, str]:
    return {} if answers["paper"] == "brown" else {"paper": "brown only"}


@order.step
async def broken(ctx: Context, answers: Answers) -> Card:
    raise RuntimeError("a secret detail")


@desk.opens
def sit(ctx: Context, typed: Mapping[str, str]) -> Opening:
    return Card("At the desk", ((ctx.person.id,),))


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
class Spoken:
    """The port `Cards`, and what was kept for people's next word."""

    kept: list[Card] = field(default_factory=list)

    def refusal(self, ctx: Context, error: Refused | BadAmount) -> Card:
        return Card("Sorry", ((repr(error),),), tone="warn")

    def trouble(self, ctx: Context, error: Exception) -> Card:
        return Card("Trouble", tone="bad")

    def gone(self, ctx: Context) -> Card:
        return Card("From another time")

    def help(self, ctx: Context, typed: str) -> Card:
        return Card("Help", (("You said: ", typed),), actions=(Button("Greet", greet),))

    async def home(self, ctx: Context) -> Sequence[Card]:
        return ()

    @asynccontextmanager
    async def missed(self, ctx: Context) -> AsyncIterator[Sequence[Card]]:
        kept = self.kept
        yield kept
        self.kept = []


def settings() -> Settings:
    return Settings(
        name="The Harbour Shop",
        homepage="https://shop.example/",
        default_locale="en",
        zone=PARIS,
        currency="EUR",
        seller=Seller("The Harbour Shop"),
        catalogue=Catalogue(()),
        causes={},
    )


def conversation(spoken: Spoken) -> Conversation:
    shop = Shop(settings(), Nothing(), test_money=True)
    return Conversation(
        (greet, order, desk),
        till=cast("Till", None),  # no example command goes to the till
        shop=lambda: shop,
        language=Words(),
        clock=Stopped(),
        cards=spoken,
    )
