"""The composition root: the one place that knows every adapter, and hands each what it needs."""

from __future__ import annotations

from bot.app.plan import Plan, WallClock
from bot.app.running import App

__all__ = ["App", "Plan", "WallClock"]
