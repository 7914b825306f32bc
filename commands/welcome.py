"""The first screen of the web chat: one card that sells and one that gives, beside the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from bot.catalogue import Product
from bot.chat import Button, Card, Context
from bot.words import Rich
from commands.buy import buy, price
from commands.donate import donate
from commands.notice import banner, closed
from commands.on_sale import retired
from commands.order_card import goal

#: How many products the first screen lists.
_SHOWN: Final = 6


def welcome(ctx: Context) -> Sequence[Card]:
    """Show what can be bought, or the notice where selling has ended, and what can be given to."""
    cards = [_buy(ctx)] if ctx.shop.catalogue.products or ctx.shop.plan("buy") else []
    return [*cards, *_donate(ctx)]


def _buy(ctx: Context) -> Card:
    notice = closed(ctx, ctx.facing())
    if notice is not None:
        return notice
    say, word = ctx.tongue.say, ctx.tongue.word
    gone, products = retired(ctx), ctx.shop.catalogue.products
    more = len(products) - len(gone) - _SHOWN
    shown = islice((product for product in products if product.id not in gone), _SHOWN)
    facts = tuple((product.name, _price(ctx, product)) for product in shown)
    warning = banner(ctx)
    return Card(
        word("welcome.buy", name=ctx.shop.settings.name),
        (*((warning,) if warning else ()), *((say("welcome.more", count=more),) if more > 0 else ())),
        facts,
        actions=(Button(word("buy.button"), buy, style="primary"),),
    )


def _price(ctx: Context, product: Product) -> Rich:
    cheapest = min(product.variants, key=lambda variant: variant.price.minor)
    several = len({variant.price for variant in product.variants}) > 1
    return ctx.tongue.say("welcome.from" if several else "order.amount", amount=price(ctx, cheapest))


def _donate(ctx: Context) -> Sequence[Card]:
    causes = tuple(ctx.shop.settings.causes.values())
    if not causes:
        return ()
    cause = causes[0]
    others = ctx.tongue.language.names([other.name for other in causes], ctx.tongue.locale)
    text = ((cause.description,), ctx.tongue.say("welcome.causes", causes=others) if len(causes) > 1 else ())
    return [
        Card(
            cause.name,
            tuple(paragraph for paragraph in text if any(paragraph)),
            progress=goal(ctx, cause.id),
            actions=(Button(ctx.tongue.word("donate.button"), donate, style="primary"),),
            picture=cause.picture,
        )
    ]


def other_causes(ctx: Context) -> Sequence[Card]:
    """Show the causes that the first screen only names, each with its goal and a button of its own."""
    button = ctx.tongue.word("donate.button")
    return [
        Card(
            cause.name,
            ((cause.description,),) if cause.description else (),
            progress=goal(ctx, cause.id),
            actions=(Button(button, donate, f"to {cause.id}"),),
            picture=cause.picture,
        )
        for cause in tuple(ctx.shop.settings.causes.values())[1:]
    ]
