"""A story that the demo plays: a shop's years, from day to day, on the real house and a clock that somebody moves."""

from __future__ import annotations

from bot.story.acts import Act
from bot.story.clock import StoryClock
from bot.story.days import NOON, Story
from bot.story.history import Lines, Row, as_it_was, as_tillbot
from bot.story.looking import Flow, Mark, Notice, Seen, look
from bot.story.playing import Bank, Player
from bot.story.travelling import Ahead, Travelling
from bot.story.twitter import TWITTER

__all__ = [
    "NOON",
    "TWITTER",
    "Act",
    "Ahead",
    "Bank",
    "Flow",
    "Lines",
    "Mark",
    "Notice",
    "Player",
    "Row",
    "Seen",
    "Story",
    "StoryClock",
    "Travelling",
    "as_it_was",
    "as_tillbot",
    "look",
]
