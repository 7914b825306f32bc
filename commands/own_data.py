"""What people say and read about their own data: take it along as a file."""

from __future__ import annotations

from bot.chat import Card, Context, Link


def words(ctx: Context, key: str) -> frozenset[str]:
    """Give the words of a key in every language, folded; people type what they know."""
    language = ctx.tongue.language
    spoken = (language.template(key, locale) for locale in language.locales())
    return frozenset(word.casefold() for each in spoken for word in each.split())


async def export_card(ctx: Context) -> Card:
    """Lead to one's own file; where this shop has no address that they could open, say whom to ask for it."""
    say, word = ctx.tongue.say, ctx.tongue.word
    public = ctx.shop.settings.web.public_url.rstrip("/")
    if not public and ctx.person.platform != "web":
        seller = ctx.shop.settings.seller
        text = (say("own.no_address", contact=seller.support or seller.name, person=ctx.person.key),)
        return Card(word("own.export_title"), text)
    path = await ctx.till.own.link(ctx.person.key)
    links = (
        Link(word("own.export_csv"), f"{public}{path}?form=csv"),
        Link(word("own.export_json"), f"{public}{path}"),
    )
    return Card(word("own.export_title"), (say("own.export_says"),), actions=links)
