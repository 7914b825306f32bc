"""Countries as people name them: in their language, in English, or by code; with what it costs to ship there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.chat import Choice, Context, Scene
from bot.errors import NotShipped
from bot.shipping import Shipping, ShippingRate, rate_to
from commands.fold import fold

#: What people also call a country, folded, whatever their language.
_ALSO: Final = {"uk": "GB", "britain": "GB", "great britain": "GB", "usa": "US", "turkey": "TR", "holland": "NL"}
_MOST: Final = 25


def country(ctx: Context, typed: str) -> str:
    """Give the code of the country that is named, where the shop ships to it. Raises NotShipped."""
    code = known(ctx, typed)
    if not code or rate_to(ctx.shop.settings.shipping, code) is None:
        raise NotShipped(typed, code)
    return code


def known(ctx: Context, typed: str) -> str:
    """Give the code of the country that is named, wherever it is; "" where none is."""
    wanted = _bare(ctx, typed)
    code = _ALSO.get(wanted, wanted.upper())
    for names in _names(ctx):
        if code in names:
            return code
        exact = [each for each, name in names.items() if fold(name) == wanted]
        begins = [each for each, name in names.items() if fold(name).startswith(f"{wanted} ")]
        found = exact or begins
        if wanted and len(found) == 1:  # "hong kong" is the only one that begins so; "congo" is not
            return found[0]
    return ""


def reached(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete a country that the shop ships to, with the price."""
    wanted = _bare(ctx, typed)
    names = ctx.tongue.language.countries(ctx.tongue.locale)
    found = [
        Choice(code, f"{names[code]} · {priced(ctx, rate)}")
        for rate in ctx.shop.settings.shipping
        for code in rate.countries
        if code in names and (fold(names[code]).startswith(wanted) or code.casefold() == wanted)
    ]
    return found[:_MOST]


def priced(scene: Scene, rate: ShippingRate | Shipping) -> str:
    """Name a region with its price."""
    return f"{scene.tongue.pick(rate.name)} · {scene.tongue.money(rate.price)}"


def _names(ctx: Context) -> tuple[Mapping[str, str], ...]:
    language = ctx.tongue.language
    return language.countries(ctx.tongue.locale), language.countries("en")


def _bare(ctx: Context, typed: str) -> str:
    """Fold what was typed, and leave out an article: "the Netherlands", "l’Allemagne"."""
    folded = fold(typed)
    first, _, rest = folded.partition(" ")
    return rest if rest and first in ctx.tongue.word("buy.articles").split() else folded
