"""The rehearsal of a closing: its calendar is played on a copy of the books, with a provider and voices that note."""

from __future__ import annotations

from bot.rehearsing.account import Account
from bot.rehearsing.clock import PlayedClock
from bot.rehearsing.messages import Message, NotedPerks, NotedVoice
from bot.rehearsing.outside import Asked, Movement
from bot.rehearsing.play import Passing, Play
from bot.rehearsing.promises import Played, Promise, promises

__all__ = [
    "Account",
    "Asked",
    "Message",
    "Movement",
    "NotedPerks",
    "NotedVoice",
    "Passing",
    "Play",
    "Played",
    "PlayedClock",
    "Promise",
    "promises",
]
