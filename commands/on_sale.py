"""What is on sale to whoever asks, of all that the catalogue has: goods retire one by one, and what is monthly first."""

from __future__ import annotations

from bot.catalogue import Product
from bot.chat import Scene
from bot.facing import Facing
from bot.retirement import Capability


def facing(scene: Scene, product: Product, region: str = "") -> Facing:
    """Tell what somebody faces who wants a product: what is paid monthly may close before the rest."""
    begin = Capability.SUBSCRIBE_NEW if product.every else Capability.CHECKOUT_NEW
    return scene.facing(product.id, region, begin)


def retired(scene: Scene) -> frozenset[str]:
    """Give the products that have closed although Buy has not: those that a plan names, or that are paid monthly."""
    plans = scene.shop.settings.plans.values()
    if not plans:
        return frozenset()
    named = {product for plan in plans for product in plan.products}
    named |= {part.scope.product for plan in plans for part in plan.overrides}
    catalogue = scene.shop.catalogue
    listed = (product for name in named if (product := catalogue.named.get(name)))
    return frozenset(product.id for product in (*listed, *catalogue.monthly) if facing(scene, product).shut)
