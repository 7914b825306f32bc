"""What the panel of a story says: the day, the calendar, the notices, the money, and how it was done beside how it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from bot.retirement import Capability, Plan, closes_at, stage
from bot.story import NOON, Flow, Mark, Notice, Row, Seen, Story, as_it_was, as_tillbot
from bot.words import Tongue


def panel(tongue: Tongue, story: Story, seen: Seen) -> Mapping[str, object]:
    """Write what a day shows, in the reader's language."""
    day = story.day(seen.at)
    values = _values(tongue, story, seen)
    was, ours = as_it_was(day, story.jumps), as_tillbot(seen.plan, seen.at)
    return {
        "date": _day(tongue, story, day),
        "stage": tongue.word(f"story.stage.{stage(seen.plan, seen.at)}"),
        "calendar": _calendar(tongue, story, seen),
        "notices": [_notice(tongue, story, notice) for notice in reversed(seen.notices)],
        "money": [_flow(tongue, flow) for flow in seen.money],
        "compare": [
            {
                "name": tongue.word(f"story.row.{then.name}"),
                "was": _said(tongue, "was", then, values),
                "ours": _said(tongue, "ours", now, values),
            }
            for then, now in zip(was, ours, strict=True)
        ],
    }


def _calendar(tongue: Tongue, story: Story, seen: Seen) -> list[Mapping[str, str]]:
    """List the instants of the calendar, with today among them."""
    today = story.day(seen.at)
    rows = [(mark.at.astimezone(story.zone).date(), _mark(tongue, mark)) for mark in seen.marks]
    listed: list[Mapping[str, str]] = [
        {
            "date": _day(tongue, story, day),
            "text": text,
            "state": "today" if day == today else "past" if day < today else "ahead",
        }
        for day, text in rows
    ]
    if all(row["state"] != "today" for row in listed):
        before = sum(day < today for day, _ in rows)
        listed.insert(
            before, {"date": _day(tongue, story, today), "text": tongue.word("story.today"), "state": "today"}
        )
    return listed


def _mark(tongue: Tongue, mark: Mark) -> str:
    return _reminder(tongue, mark.days) if mark.kind == "remind" else tongue.word(f"story.mark.{mark.kind}")


def _reminder(tongue: Tongue, days: int) -> str:
    if days == 0:
        return tongue.word("story.remind_day")
    return tongue.word("story.remind_before" if days > 0 else "story.remind_after", count=abs(days))


def _notice(tongue: Tongue, story: Story, notice: Notice) -> Mapping[str, str]:
    what = _reminder(tongue, notice.days) if notice.kind == "remind" else tongue.word(f"story.{notice.kind}")
    told = tongue.word("story.told", count=notice.people)
    return {"date": _at(tongue, story, notice.at), "text": what, "value": told}


def _flow(tongue: Tongue, flow: Flow) -> Mapping[str, object]:
    return {
        "text": tongue.word(f"story.money.{flow.kind}"),
        "many": flow.many,
        "value": f"{tongue.money(flow.amount)} ({tongue.language.number(flow.many, tongue.locale)})",
    }


def _said(tongue: Tongue, side: str, row: Row, values: Mapping[str, str]) -> str:
    return tongue.word(f"story.{side}.{row.name}_{row.state}", None, **values)


def _values(tongue: Tongue, story: Story, seen: Seen) -> Mapping[str, str]:
    def until(plan: Plan, capability: Capability) -> str:
        return _at(tongue, story, closes_at(plan, capability))

    names = [alternative.name for alternative in seen.plan.alternatives]
    return {
        "closes": _at(tongue, story, seen.plan.closes),
        "first": _day(tongue, story, story.jumps["closing"]),
        "second": _day(tongue, story, story.jumps["second"]),
        "history": until(seen.plan, Capability.HISTORY),
        "copy": until(seen.plan, Capability.EXPORT),
        "places": tongue.language.names(names, tongue.locale),
    }


def _at(tongue: Tongue, story: Story, at: datetime) -> str:
    return tongue.language.day(at, story.zone, tongue.locale)


def _day(tongue: Tongue, story: Story, day: date) -> str:
    return _at(tongue, story, datetime.combine(day, NOON, story.zone))
