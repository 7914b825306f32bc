"""News that later news overtakes: who is told of an order late is shown it once, as it stands, not once for each step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from bot.ports import News, Told

#: How news counts as told that was not shown, since later news of its order shows all that it would.
OVERTAKEN: Final = "overtaken"
#: Kinds of news that are their order's own card as it stands, whenever they are told.
AS_IT_STANDS: Final = frozenset({"processing", "failed", "expired", "cancelled", "paid", "shipped"})
#: Kinds that say nothing any more once such a card follows: a page to pay on is ready, and the order is paid already.
_OVERTAKABLE: Final = AS_IT_STANDS | {"ready"}


def overtaken(news: News, about: Iterable[Told]) -> bool:
    """Tell whether news has nothing to say beside what else there is about its order."""
    return news.kind in _OVERTAKABLE and any(
        later.news.id > news.id and later.news.kind in AS_IT_STANDS for later in about
    )
