"""The cards of a story: news bears the day it is of, for one who moves days reads many at once."""

from __future__ import annotations

from dataclasses import replace

from bot.chat import Card, Scene
from bot.orders import Order
from bot.ports import News
from commands.replies import Replies


class DatedReplies(Replies):
    """The cards that no command makes, with the day of the story on news."""

    def news(self, scene: Scene, item: News, order: Order | None) -> Card:
        """Tell news, and of which day it is."""
        card, tongue = super().news(scene, item, order), scene.tongue
        day = tongue.language.day(item.at, tongue.zone, tongue.locale)
        return replace(card, facts=((tongue.word("story.news_of"), (day,)), *card.facts))
