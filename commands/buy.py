"""/buy: find a product, say how many, perhaps a code and where to, and get a pay link; or the notice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from bot.catalogue import Variant
from bot.chat import (
    Action,
    Answers,
    Button,
    Card,
    Choice,
    ChoiceField,
    Command,
    Context,
    Form,
    Opening,
    Option,
    Scene,
    Select,
    TextField,
    Then,
)
from bot.errors import BadQuantity, Refused, SoldOut, UnknownProduct
from bot.retirement import Capability, allows
from bot.selling import wish
from commands.countries import country, known, reached
from commands.notice import banner, buyers
from commands.order_card import order_card

#: How many choices a card of choices or a form shows at most (Discord's limit of a select).
_MOST: Final = 25
#: How many choices are buttons, side by side; more are a list.
_BUTTONS: Final = 5
#: A quantity among the words: "2", "x2", "2×".
_MANY: Final = re.compile(r"[x×]?(-?\d+)[x×]?", re.IGNORECASE)
#: How many near names are offered for an unknown one.
_NEAREST: Final = 3


def matching(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete a product: what can be bought, best match first, with its price."""
    found = [variant for variant in ctx.shop.search.find(typed, _MOST) if ctx.shop.available(variant) != 0]
    return [_offered(ctx, variant) for variant in found]


def _offered(ctx: Context, variant: Variant) -> Choice:
    return Choice(variant.id, f"{variant.label} · {price(ctx, variant)}")


def price(scene: Scene, variant: Variant) -> str:
    """Say what a variant costs, and how often."""
    return scene.tongue.word("buy.monthly" if variant.product.every else "order.amount", amount=variant.price)


buy = Command(
    "buy",
    options=(
        Option("product", suggest=matching),
        Option("quantity", "integer"),
        Option("code"),
        Option("country", suggest=reached),
    ),
)


#: Stands for no code in a choice that names a country; no code looks like it.
NO_CODE: Final = "-"
#: After a product's name, it asks for the form instead of going straight to the order: `/buy mug ?`.
ASK: Final = "?"


@buy.reads
def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
    """Read `"blue mug" 2 code WELCOME10 to Germany`: a number at either end is how many, the rest follows its word."""
    left, typed = list(words), {}
    code_words = {"code", ctx.tongue.word("buy.code_word").casefold()}
    for at, word in enumerate(left):
        if word.casefold() in code_words and at + 1 < len(left):
            typed["code"] = left[at + 1]
            del left[at : at + 2]
            break
    _take_quantity(left, typed)
    _take_country(ctx, left, typed)
    _take_quantity(left, typed)
    if left and left[-1] == ASK:
        left.pop()
        typed["ask"] = ASK
    if left:
        typed["product"] = " ".join(left)
    return typed


def _take_quantity(left: list[str], typed: dict[str, str]) -> None:
    """Take the number at either end, if none was taken before."""
    for at in (-1, 0):
        many = _MANY.fullmatch(left[at]) if len(left) > 1 and "quantity" not in typed else None
        if many:
            typed["quantity"] = many[1]
            del left[at]


def _take_country(ctx: Context, left: list[str], typed: dict[str, str]) -> None:
    """Take what follows "to" at the end; a product that has such words in its name keeps them ("Back to school")."""
    clear, *more = ctx.tongue.word("buy.to_words").casefold().split()
    for at in range(len(left) - 2, 0, -1):
        word, place = left[at].casefold(), " ".join(left[at + 1 :])
        if word not in {"to", clear, *more} or ctx.shop.search.exact(" ".join(left)):
            continue
        before = [*left[:at]]
        _take_quantity(before, {})
        names_goods = word in {"to", clear} and ctx.shop.search.exact(" ".join(before))
        if known(ctx, place) or names_goods:
            typed["country"] = place
            del left[at:]
            return


@buy.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    """Answer with the order where all is said and clear, with choices where it is not, else with the form."""
    plan = ctx.shop.plan("buy")
    if plan and _closed(ctx):
        return buyers(ctx, plan, _product(ctx, typed.get("product", "")))
    if not typed.get("product"):
        if not matching(ctx, ""):
            raise SoldOut("")
        return _form(ctx, typed)
    if typed.get("country"):
        typed = {**typed, "country": country(ctx, typed["country"])}
    try:
        found = _find(ctx, typed["product"])
    except UnknownProduct as error:
        return _nearest(ctx, error, typed)
    if typed.get("ask"):
        return _form(ctx, typed, found)
    if len(found) > 1:
        return _choices(ctx, found, typed)
    said = {name: typed.get(name, "") for name in ("code", "country")}
    return Then(place, Answers.of(product=found[0].id, quantity=typed.get("quantity", "1"), **said))


@buy.step
async def place(ctx: Context, answers: Answers) -> Card:
    """Reserve it, open the checkout session, and answer with the pay link.

    It ships to the country that was named, else where this person's newest order went, else to the first region.
    """
    return await _place(ctx, answers)


@place.check
def wrong(ctx: Context, answers: Answers) -> Mapping[str, str]:
    """Say in place what is wrong with the form, as far as the snapshot tells."""
    if _closed(ctx):
        return {}  # the step answers with the notice
    dearest = max(ctx.shop.settings.shipping, key=lambda rate: rate.price, default=None)
    where = dearest.code if dearest else ""  # the step knows where to; here nothing is refused that could be
    try:
        quantity = _quantity(answers["quantity"])
    except BadQuantity as error:
        return {"quantity": _say(ctx, error)}
    try:
        found = _find(ctx, answers["product"])
        if len(found) == 1:
            wish(ctx, found[0], quantity, "", where)
    except UnknownProduct as error:
        return {"product": _say(ctx, error)}
    except Refused as error:
        return {"quantity": _say(ctx, error)}
    try:
        if answers["code"] and len(found) == 1:
            wish(ctx, found[0], quantity, answers["code"], where)
    except Refused as error:
        return {"code": _say(ctx, error)}
    return {}


async def _place(ctx: Context, answers: Answers, *, again: bool = False) -> Card:
    known = await ctx.till.selling.known(ctx)
    if known is not None:  # it may have taken the last one, or come as the door was closing
        return order_card(ctx, known)
    plan = ctx.shop.plan("buy")
    if plan and _closed(ctx):
        return buyers(ctx, plan, _product(ctx, answers["product"]))
    found = _find(ctx, answers["product"])
    if len(found) > 1:
        return _choices(ctx, found, {name: answers[name] for name in ("quantity", "code", "country")})
    where = country(ctx, answers["country"]) if answers["country"] else await ctx.till.selling.home(ctx)
    worked_out = wish(ctx, found[0], _quantity(answers["quantity"]), answers["code"], where)
    return order_card(ctx, await ctx.till.selling.place(ctx, worked_out, again=again))


@buy.step
async def choose(ctx: Context, answers: Answers) -> Card:
    """Take the choice made on a card of choices: "mug/blue 2 WELCOME10", "mug/blue 2 - DE"."""
    return await place(ctx, _chosen(answers))


@buy.step
async def another(ctx: Context, answers: Answers) -> Card:
    """Buy another one, although one of the same is paid already and not settled: "mug/blue 2 WELCOME10"."""
    return await _place(ctx, _chosen(answers), again=True)


def _chosen(answers: Answers) -> Answers:
    product, quantity, code, where = (*answers.value.split(" "), "", "", "")[:4]
    code = "" if code == NO_CODE else code
    return Answers.of(product=product, quantity=quantity or "1", code=code, country=where)


def _closed(ctx: Context) -> bool:
    return not allows(ctx.shop.plan("buy"), Capability.CHECKOUT_NEW, ctx.now)


def _say(ctx: Context, error: Refused) -> str:
    from commands.replies import sentence  # the replies offer the choices of this command

    return sentence(ctx, error)


def _find(ctx: Context, typed: str) -> Sequence[Variant]:
    """Give the variants that a text names for certain; more than one where it is not certain. Raises UnknownProduct."""
    known = ctx.shop.catalogue.variants.get(typed)
    if known is not None:
        return (known,)
    found = ctx.shop.search.exact(typed)
    if not found:
        raise UnknownProduct(typed, tuple(ctx.shop.search.find(typed, _NEAREST)))
    return found


def _product(ctx: Context, typed: str) -> str:
    """Give the id of the product that is meant, "" where that is not clear; for the alternatives of the notice."""
    known = ctx.shop.catalogue.variants.get(typed)
    found = (known,) if known else ctx.shop.search.exact(typed) if typed else ()
    ids = {variant.product.id for variant in found}
    return ids.pop() if len(ids) == 1 else ""


def _quantity(typed: str) -> int:
    text = typed or "1"
    if not (text.isascii() and text.isdigit()) or int(text[:9]) < 1:
        raise BadQuantity(typed)
    return int(text[:9])


def _form(ctx: Context, typed: Mapping[str, str], found: Sequence[Variant] = ()) -> Form:
    """Ask for product, quantity and code; `found` are the variants already meant, which come first."""
    word = ctx.tongue.word
    left = [variant for variant in found if ctx.shop.available(variant) != 0]
    first = [_offered(ctx, variant) for variant in left]
    rest = [choice for choice in matching(ctx, "") if choice not in first]
    return Form(
        title=word("buy.form"),
        fields=(
            ChoiceField(
                "product",
                word("option.product"),
                tuple([*first, *rest][:_MOST]),
                required=True,
                value=left[0].id if left else "",
                suggest="buy.product",
                hint=word("option.product.hint"),
            ),
            TextField(
                "quantity", word("option.quantity"), "integer", required=True, value=typed.get("quantity", "1"), most=4
            ),
            TextField("code", word("option.code"), value=typed.get("code", ""), hint=word("option.code.hint"), most=40),
        ),
        submit=word("buy.submit"),
        to=place,
        intro=banner(ctx),
    )


def _choices(ctx: Context, found: Sequence[Variant], typed: Mapping[str, str]) -> Card:
    """Ask which of several was meant; quantity, code and country travel in the choice."""
    wanted = {name: typed.get(name, "") for name in ("quantity", "code", "country")}
    left = [variant for variant in found if ctx.shop.available(variant) != 0] or found
    buttons = tuple(choice(ctx, variant, **wanted) for variant in left[:_MOST])
    actions: tuple[Action, ...] = buttons
    if len(buttons) > _BUTTONS:
        choices = tuple(Choice(button.value, button.label) for button in buttons)
        actions = (Select(ctx.tongue.word("buy.all"), choices, choose),)
    return Card(ctx.tongue.word("buy.which"), (ctx.tongue.say("buy.which_text"),), actions=actions)


def _nearest(ctx: Context, error: UnknownProduct, typed: Mapping[str, str]) -> Card:
    """Offer what was perhaps meant, with all else that was typed; where nothing is near, the form."""
    wanted = {name: typed.get(name, "") for name in ("quantity", "code", "country")}
    left = [variant for variant in error.nearest if ctx.shop.available(variant) != 0]
    actions = tuple(choice(ctx, variant, **wanted) for variant in left)
    form = (Button(ctx.tongue.word("buy.button"), buy),)
    return Card(ctx.tongue.word("refused.title_unknown"), ((_say(ctx, error),),), actions=actions or form, tone="warn")


def choice(ctx: Context, variant: Variant, quantity: str = "", code: str = "", country: str = "") -> Button:
    """Offer one variant to choose."""
    label = f"{variant.label} · {price(ctx, variant)}"
    return Button(label, choose, wanted(variant.id, quantity or "1", code, country))


def wanted(variant: str, quantity: str, code: str, country: str = "") -> str:
    """Write what is wanted as a button carries it."""
    code = code[:20] or (NO_CODE if country else "")
    return f"{variant} {quantity[:6]} {code} {country}".strip()
