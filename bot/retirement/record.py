"""A plan, and what is done with one, as text for the database: what was announced is a promise, whatever the file says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.money import Money
from bot.retirement.acts import Act
from bot.retirement.capabilities import Capability
from bot.retirement.parts import Stand
from bot.retirement.plan import Alternative, Brownout, Exemption, Fuse, Leftovers, Override, Plan, Reminders, Scope


def plan_text(plan: Plan) -> str:
    """Write a plan; the same plan gives the same text."""
    return json.dumps(asdict(plan), default=_plain, ensure_ascii=False, sort_keys=True)


def plan_of(text: str) -> Plan:
    """Read a plan that `plan_text` wrote; what an older one does not say has its default."""
    raw = json.loads(text)
    known = {field.name for field in fields(Plan)}
    plan = Plan(raw["feature"], _instant(raw["announced"]), _instant(raw["closes"]), ZoneInfo(raw["zone"]))
    parts: dict[str, Any] = {
        "given": _instants,
        "overrides": lambda value: tuple(_override(part) for part in value),
        "exemptions": lambda value: tuple(
            Exemption(part["name"], Scope(**part["scope"]), _instant(part["until"])) for part in value
        ),
        "alternatives": lambda value: tuple(_alternative(part) for part in value),
        "products": tuple,
        "reminders": _reminders,
        "brownouts": lambda value: tuple(Brownout(_instant(part["starts"]), _instant(part["ends"])) for part in value),
        "fuse": lambda value: Fuse(**value),
        "leftovers": lambda value: Leftovers(**value),
    }
    done = {"feature", "announced", "closes", "zone"}
    rest = {name: parts.get(name, lambda value: value)(value) for name, value in raw.items() if name in known - done}
    return replace(plan, **rest)


def act_text(act: Act) -> str:
    """Write an act."""
    return json.dumps(asdict(act), default=_plain, ensure_ascii=False, sort_keys=True)


def act_of(text: str) -> Act:
    """Read an act that `act_text` wrote."""
    raw = json.loads(text)
    return Act(**{**raw, "at": _instant(raw["at"]), "to": _instant(raw["to"]) if raw["to"] else None})


def stand_text(stand: Stand) -> str:
    """Write from where somebody is told."""
    return json.dumps(asdict(stand), ensure_ascii=False, sort_keys=True)


def stand_of(text: str) -> Stand:
    """Read what `stand_text` wrote."""
    raw = json.loads(text)
    return Stand(Scope(**raw["scope"]), tuple(raw["goods"]))


def _plain(value: object) -> str:
    if isinstance(value, datetime | time):
        return value.isoformat()
    if isinstance(value, ZoneInfo):
        return value.key
    raise TypeError(type(value).__name__)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _instants(raw: Mapping[str, str]) -> dict[Capability, datetime]:
    return {Capability(name): _instant(text) for name, text in raw.items()}


def _override(raw: Mapping[str, Any]) -> Override:
    closes = _instant(raw["closes"]) if raw["closes"] else None
    return Override(Scope(**raw["scope"]), closes, _instants(raw["instants"]))


def _alternative(raw: Mapping[str, Any]) -> Alternative:
    return Alternative(
        **{
            **raw,
            "products": tuple(raw["products"]),
            "regions": tuple(raw["regions"]),
            "languages": tuple(raw["languages"]),
            **{name: Money(**raw[name]) if raw[name] else None for name in ("cheapest", "dearest")},
            **{name: _instant(raw[name]) if raw[name] else None for name in ("opens", "ends")},
        }
    )


def _reminders(raw: Mapping[str, Any]) -> Reminders:
    quiet = (time.fromisoformat(raw["quiet"][0]), time.fromisoformat(raw["quiet"][1])) if raw["quiet"] else None
    return Reminders(tuple(raw["days"]), raw["months"], quiet)
