"""What a shop is on the web: its chat, where that is on, and the pages that everybody can come to."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.web.chat import WebChat
from adapters.web.pages import BuyerPages
from bot.app.doors import Door
from bot.app.plan import Plan
from bot.house import House
from bot.sealing import seal
from bot.settings import Settings
from bot.tokens import Signer
from commands.welcome import welcome


def pages(house: House, signer: Signer, settings: Settings) -> BuyerPages:
    """Give the pages that links lead to: an order's, a file of one's own, what retires."""
    return BuyerPages(
        house.conversation,
        signer,
        house.pages,
        home="/" if settings.web.chat else settings.homepage,
        chat=settings.web.chat,
        trusted_proxies=settings.web.trusted_proxies,
    )


def chat(house: House, signer: Signer, plan: Plan, settings: Settings) -> Sequence[Door]:
    """Give the door of the web chat; none where it is off."""
    if not settings.web.chat:
        return ()
    door = WebChat(
        house.conversation,
        signer,
        house.newsroom,
        keep=house.newsroom.keep,
        opening=lambda ctx: [seal(ctx, card) for card in welcome(ctx)],
        hints=plan.hints,
        beside=plan.beside,
        public_url=settings.web.public_url,
        trusted_proxies=settings.web.trusted_proxies,
    )
    return (Door(door.voice, door.routes()),)
