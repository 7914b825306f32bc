"""/buy: find a product, say how many, perhaps a code and where to, and get a pay link; or the notice."""

from __future__ import annotations

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
from bot.selling import wish
from commands import meant
from commands.browse import looked
from commands.countries import country, known, reached
from commands.notice import closed, complained, heard
from commands.on_sale import facing, retired
from commands.order_card import order_card

#: How many choices a card of choices or a form shows at most (Discord's limit of a select).
_MOST: Final = 25
#: How many times as many are looked at next, where what is found is sold out.
_FURTHER: Final = 8
#: How many choices are buttons, side by side; more are a list.
_BUTTONS: Final = 5


def matching(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete a product: what can be bought, best match first, with its price; once Buy has closed, all to be looked at."""
    if ctx.facing().shut:
        return [_offered(ctx, variant) for variant in ctx.shop.search.find(typed, _MOST)]
    gone = retired(ctx)
    most = _MOST
    while True:  # until enough are left of what is found, whatever of it is sold out or has retired
        found = ctx.shop.search.find(typed, most)
        left = [variant for variant in found if ctx.shop.available(variant) != 0 and variant.product.id not in gone]
        if len(left) >= _MOST or len(found) < most:
            return [_offered(ctx, variant) for variant in left[:_MOST]]
        most *= _FURTHER


def _to_be_had(ctx: Context, variant: Variant) -> bool:
    return ctx.shop.available(variant) != 0 and not facing(ctx, variant.product).shut


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


@buy.reads
def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
    """Read `"blue mug" 2 code WELCOME10 to Germany`: a number at either end is how many, the rest follows its word."""
    return meant.read(ctx, words)


@buy.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    """Answer with the order where all is said and clear, with choices where it is not, else with the form."""
    notice = _notice(ctx, typed.get("product", ""), typed.get("country", ""))
    if notice is not None:
        return notice
    if not typed.get("product"):
        return _form(ctx, typed) if matching(ctx, "") else _nothing(ctx)
    if typed.get("country"):
        typed = {**typed, "country": country(ctx, typed["country"])}
    try:
        found = meant.find(ctx, typed["product"])
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
    if _notice(ctx, answers["product"]) is not None:
        return {}  # the step answers with it
    dearest = max(ctx.shop.settings.shipping, key=lambda rate: rate.price, default=None)
    where = dearest.code if dearest else ""  # the step knows where to; here nothing is refused that could be
    try:
        quantity = meant.quantity(answers["quantity"])
    except BadQuantity as error:
        return {"quantity": _say(ctx, error)}
    try:
        found = meant.find(ctx, answers["product"])
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
    notice = _notice(ctx, answers["product"], answers["country"])
    if notice is not None:
        return notice
    found = meant.find(ctx, answers["product"])
    if len(found) > 1:
        return _choices(ctx, found, {name: answers[name] for name in ("quantity", "code", "country")})
    where = country(ctx, answers["country"]) if answers["country"] else await ctx.till.selling.home(ctx)
    notice = closed(ctx, facing(ctx, found[0].product, _ships(ctx, found[0], where)), found[0])
    if notice is not None:
        return notice
    worked_out = wish(ctx, found[0], meant.quantity(answers["quantity"]), answers["code"], where)
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


@buy.step
async def look(ctx: Context, answers: Answers) -> Card:
    """Look at a product that may be sold no more, or at more of the list: "mug", "+24"."""
    return looked(ctx, answers.value)


@buy.step
async def complain(ctx: Context, answers: Answers) -> Card:
    """Count that somebody cannot wait until a brownout is over: "mug", or "" of all that is sold."""
    plan = await ctx.till.brownouts.complain(ctx, answers.value)
    faced = ctx.facing(answers.value)
    if plan is None and faced.closed:  # the button stays where it was said, and Buy has closed since
        return closed(ctx, faced) or complained(ctx, None)
    return complained(ctx, plan)


def _notice(ctx: Context, typed: str, country: str = "") -> Card | None:
    """Give the notice where what is asked for has closed: all that a text names, or, where it names nothing, all of Buy."""
    found = meant.meant(ctx, typed)
    if not found:
        return closed(ctx, ctx.facing())
    region = known(ctx, country) if country else ""
    faced = [facing(ctx, variant.product, region if variant.product.fulfil == "ship" else "") for variant in found]
    if not all(each.shut for each in faced):
        return None
    products = {variant.product.id for variant in found}
    if len(products) > 1:  # of all of these something else may be to be had
        return closed(ctx, ctx.facing()) or closed(ctx, faced[0])
    return closed(ctx, faced[0], found[0] if len(found) == 1 else None)


def _nothing(ctx: Context) -> Card:
    """Say why there is nothing to buy: it is retired product by product, or else sold out."""
    products, gone = ctx.shop.catalogue.products, retired(ctx)
    notice = closed(ctx, facing(ctx, products[0])) if products and len(gone) == len(products) else None
    if notice is None:
        raise SoldOut("")
    return notice


def _ships(ctx: Context, variant: Variant, where: str) -> str:
    """Give the country that a variant would be shipped to (ISO 3166-1 alpha-2), "" where it is not shipped."""
    if variant.product.fulfil != "ship":
        return ""
    first = ctx.shop.settings.shipping[0].code if ctx.shop.settings.shipping else ""
    return where or first


def _say(ctx: Context, error: Refused) -> str:
    from commands.replies import sentence  # the replies offer the choices of this command

    return sentence(ctx, error)


def _form(ctx: Context, typed: Mapping[str, str], found: Sequence[Variant] = ()) -> Form:
    """Ask for product, quantity and code; `found` are the variants already meant, which come first."""
    word = ctx.tongue.word
    left = [variant for variant in found if _to_be_had(ctx, variant)]
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
        intro=heard(ctx, found[0].product.id if found else ""),
    )


def _choices(ctx: Context, found: Sequence[Variant], typed: Mapping[str, str]) -> Card:
    """Ask which of several was meant; quantity, code and country travel in the choice."""
    wanted = {name: typed.get(name, "") for name in ("quantity", "code", "country")}
    left = [variant for variant in found if _to_be_had(ctx, variant)] or found
    buttons = tuple(choice(ctx, variant, **wanted) for variant in left[:_MOST])
    actions: tuple[Action, ...] = buttons
    if len(buttons) > _BUTTONS:
        choices = tuple(Choice(button.value, button.label) for button in buttons)
        actions = (Select(ctx.tongue.word("buy.all"), choices, choose),)
    products = {variant.product.id for variant in left}
    warning = heard(ctx, products.pop() if len(products) == 1 else "")
    text = (warning, ctx.tongue.say("buy.which_text"))
    return Card(ctx.tongue.word("buy.which"), tuple(filter(None, text)), actions=actions)


def _nearest(ctx: Context, error: UnknownProduct, typed: Mapping[str, str]) -> Card:
    """Offer what was perhaps meant, with all else that was typed; where nothing is near, the form."""
    wanted = {name: typed.get(name, "") for name in ("quantity", "code", "country")}
    left = [variant for variant in error.nearest if _to_be_had(ctx, variant)]
    gone = dict.fromkeys(each.product for each in error.nearest if facing(ctx, each.product).shut)
    explained = tuple(Button(product.name, look, product.id) for product in gone)
    actions = (*(choice(ctx, variant, **wanted) for variant in left), *explained)
    form = (Button(ctx.tongue.word("buy.button"), buy),)
    text = tuple(filter(None, (heard(ctx), (_say(ctx, error),))))
    return Card(ctx.tongue.word("refused.title_unknown"), text, actions=actions or form, tone="warn")


def choice(ctx: Context, variant: Variant, quantity: str = "", code: str = "", country: str = "") -> Button:
    """Offer one variant to choose."""
    label = f"{variant.label} · {price(ctx, variant)}"
    return Button(label, choose, wanted(variant.id, quantity or "1", code, country))


def wanted(variant: str, quantity: str, code: str, country: str = "") -> str:
    """Write what is wanted as a button carries it."""
    code = code[:20] or (NO_CODE if country else "")
    return f"{variant} {quantity[:6]} {code} {country}".strip()
