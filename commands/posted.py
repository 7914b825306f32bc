"""The cards that stand in a channel for everybody: one product, or one cause, with the button that opens the form."""

from __future__ import annotations

from dataclasses import replace

from bot.catalogue import Product
from bot.chat import Button, Card, Scene
from bot.donations import Cause
from bot.words import Rich
from commands.buy import buy, price
from commands.donate import donate
from commands.meant import ASK
from commands.notice import banner, closed
from commands.on_sale import facing
from commands.order_card import goal
from commands.told import product_of


def posted(scene: Scene, subject: str) -> Card:
    """Draw "product:ID" or "cause:ID"; its notice where that product or all of Buy has closed; or that it is gone."""
    kind, _, name = subject.partition(":")
    if kind == "cause":
        cause = scene.shop.settings.causes.get(name)
        return _cause(scene, cause) if cause else _gone(scene, "cause")
    product = product_of(scene, name)
    notice = closed(scene, facing(scene, product) if product else scene.facing(name))
    if notice is not None:
        return replace(notice, private=False)
    return _product(scene, product) if product else _gone(scene, "product")


def _product(scene: Scene, product: Product) -> Card:
    say, word = scene.tongue.say, scene.tongue.word
    rows: list[tuple[str, Rich]] = []
    for variant in product.variants:
        left = scene.shop.available(variant)
        label = variant.name or word("posted.one")
        key = "posted.price" if left is None else "posted.sold_out" if left == 0 else "posted.left"
        rows.append((label, say(key, left if key == "posted.left" else None, price=price(scene, variant))))
    warning = banner(scene, product.id)
    text = tuple(paragraph for paragraph in (warning, (product.description,)) if any(paragraph))
    sold_out = all(scene.shop.available(variant) == 0 for variant in product.variants)
    buttons = () if sold_out else (Button(word("buy.button"), buy, f"{product.id} {ASK}", style="primary"),)
    return Card(product.name, text, tuple(rows), actions=buttons, picture=product.picture, private=False)


def _cause(scene: Scene, cause: Cause) -> Card:
    say, word = scene.tongue.say, scene.tongue.word
    text = ((cause.description,), say("posted.recipient", name=cause.recipient, registration=cause.registration))
    return Card(
        cause.name,
        tuple(paragraph for paragraph in text if any(paragraph)),
        progress=goal(scene, cause.id),
        actions=(Button(word("donate.button"), donate, f"to {cause.id}", style="primary"),),
        picture=cause.picture,
        private=False,
    )


def _gone(scene: Scene, kind: str) -> Card:
    """Say of what the config names no more that it is not to be had, so that no button stands that leads nowhere."""
    return Card(scene.shop.settings.name, (scene.tongue.say(f"posted.gone_{kind}"),), private=False)
