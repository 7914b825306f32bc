"""The read-only shop: after the closing the catalogue can still be looked at, each product with where to buy it instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.chat import Action, Card, Choice, Scene, Select
from bot.retirement import Capability
from commands import notice

#: How many products one list has: what one select of Discord holds, with one for the rest.
_MOST: Final = 24
#: Stands before a number instead of a product's id: the list from there on.
MORE: Final = "+"


def catalogue(scene: Scene, start: int = 0) -> tuple[Action, ...]:
    """Offer the products to look at, from the `start`th on; () where there are none."""
    from commands.buy import look  # it gives the cards of this file

    products = scene.shop.catalogue.products
    shown = products[start : start + _MOST]
    choices = [Choice(product.id, product.name) for product in shown]
    if start + _MOST < len(products):
        choices.append(Choice(f"{MORE}{start + _MOST}", scene.tongue.word("browse.more")))
    return (Select(scene.tongue.word("browse.choose"), tuple(choices), look),) if choices else ()


def looked(scene: Scene, wanted: str) -> Card:
    """Show one product, with its notice where it has retired; or more of the list, "+24"."""
    from commands.posted import posted  # its cards carry the notice, which leads here

    start = wanted.removeprefix(MORE)
    facing = scene.facing()
    if wanted.startswith(MORE) and start.isascii() and start.isdigit() and facing.plan and facing.closed:
        card = notice.buyers(scene, facing.plan)
        if scene.facing(capability=Capability.HISTORY).closed:
            return card
        more = catalogue(scene, int(start[:6]))
        return Card(scene.tongue.word("browse.title"), (scene.tongue.say("browse.text"),), actions=more)
    return replace(posted(scene, f"product:{wanted}"), private=True)
