"""What people say and read about their own data: take it along as a file, or have it erased."""

from __future__ import annotations

from collections.abc import Sequence

from bot.chat import Button, Card, Context, Link, Step


def words(ctx: Context, key: str) -> frozenset[str]:
    """Give the words of a key in every language, folded; people type what they know."""
    language = ctx.tongue.language
    spoken = (language.template(key, locale) for locale in language.locales())
    return frozenset(word.casefold() for each in spoken for word in each.split())


async def export_card(ctx: Context, erase: Step) -> Card:
    """Lead to one's own file; where this shop has no address that they could open, say whom to ask for it."""
    say, word = ctx.tongue.say, ctx.tongue.word
    public = ctx.shop.settings.web.public_url.rstrip("/")
    if not public and ctx.person.platform != "web":
        seller = ctx.shop.settings.seller
        text = (say("own.no_address", contact=seller.support or seller.name, person=ctx.person.key),)
        return Card(word("own.export_title"), text, actions=(Button(word("own.erase"), erase),))
    path = await ctx.till.own.link(ctx.person.key)
    actions = (
        Link(word("own.export_csv"), f"{public}{path}?form=csv"),
        Link(word("own.export_json"), f"{public}{path}"),
        Button(word("own.erase"), erase),
    )
    return Card(word("own.export_title"), (say("own.export_says"),), actions=actions)


async def erase_card(ctx: Context, to: Step) -> Card:
    """Ask before one's data is erased; where something is open, say what."""
    say, word = ctx.tongue.say, ctx.tongue.word
    numbers = await ctx.till.erasing.standing(ctx.person.key)
    if numbers:
        return _open(ctx, numbers)
    button = Button(word("own.erase_now"), to, style="danger")
    return Card(word("own.erase_title"), (say("own.erase_asks"),), actions=(button,), tone="warn")


async def erased_card(ctx: Context) -> Card:
    """Erase one's data, and say what came of it."""
    outcome = await ctx.till.erasing.ask(ctx.person.key)
    if outcome.stands == "open":
        return _open(ctx, outcome.numbers)
    return Card(ctx.tongue.word("own.erase_title"), (ctx.tongue.say(f"own.erased_{outcome.stands}"),), tone="good")


def _open(ctx: Context, numbers: Sequence[str]) -> Card:
    names = ctx.tongue.language.names(numbers, ctx.tongue.locale)
    return Card(ctx.tongue.word("own.erase_title"), (ctx.tongue.say("own.erase_open", numbers=names),), tone="warn")
