"""The till: the use cases that commands call, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.acting import Acting
    from bot.banners import Banners
    from bot.brownouts import Brownouts
    from bot.clicks import Clicks
    from bot.erasing import Erasing
    from bot.fulfilling import Fulfilling
    from bot.giving import Giving
    from bot.granting import Granting
    from bot.own_data import OwnData
    from bot.pledging import Pledging
    from bot.posting import Posting
    from bot.quieting import Quieting
    from bot.reading import Reading
    from bot.refunding import Refunding
    from bot.rerouting import Rerouting
    from bot.selling import Selling


@dataclass(frozen=True, slots=True)
class Till:
    """What can be done at the till."""

    selling: Selling
    rerouting: Rerouting
    giving: Giving
    pledging: Pledging
    fulfilling: Fulfilling
    refunding: Refunding
    granting: Granting
    posting: Posting
    reading: Reading
    quieting: Quieting
    acting: Acting
    own: OwnData
    banners: Banners
    brownouts: Brownouts
    clicks: Clicks
    erasing: Erasing
