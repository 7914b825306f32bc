"""Views as JSON: the stable contract in plain text, and beside it `rich`, the same in pieces, for the page."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, assert_never

from bot.chat import (
    Action,
    Button,
    Card,
    ChecksField,
    Choice,
    ChoiceField,
    Field,
    Form,
    Link,
    Select,
    TextField,
)
from bot.words import Moment, Piece, Ref, Rich, plain

#: A JSON object as it is sent.
Reply = dict[str, Any]


def render(view: Form | Card, zone: tzinfo) -> Reply:
    """Draw a view. Instants are written in ISO 8601 with the offset of `zone`, the operator's."""
    match view:
        case Card():
            return _card(view, zone)
        case Form():
            return render_form(view, zone)
        case _:
            assert_never(view)


def render_form(
    form: Form,
    zone: tzinfo,
    *,
    errors: dict[str, str] | None = None,
    filled: dict[str, tuple[str, ...]] | None = None,
) -> Reply:
    """Draw a form; with `filled`, what was answered stands in the fields, and `errors` beside them."""
    errors = errors or {}
    known = {field.name for field in form.fields}
    beside = [text for name, text in errors.items() if name not in known]
    return {
        "kind": "form",
        "title": form.title,
        "body": plain(form.intro),
        "facts": [],
        "fields": [_field(field, errors.get(field.name, ""), filled) for field in form.fields],
        "submit": form.to.id,
        "submit_label": form.submit,
        "value": form.value,
        "error": " ".join(beside),
        "actions": [],
        "rich": {"body": [_rich(form.intro, zone)] if form.intro else [], "facts": [], "footer": []},
    }


def _card(card: Card, zone: tzinfo) -> Reply:
    reply: Reply = {
        "kind": "card",
        "title": card.title,
        "body": "\n\n".join(plain(paragraph) for paragraph in card.text),
        "facts": [[name, plain(value)] for name, value in card.facts],
        "fields": [],
        "actions": [_action(action) for action in card.actions],
        "tone": card.tone,
        "footer": plain(card.footer),
        "private": card.private,
        "rich": {
            "body": [_rich(paragraph, zone) for paragraph in card.text],
            "facts": [[name, _rich(value, zone)] for name, value in card.facts],
            "footer": _rich(card.footer, zone),
        },
    }
    if card.progress:
        progress = card.progress
        reply["progress"] = {"value": progress.value, "goal": progress.goal, "text": progress.text}
    for name, text in (("order", card.order), ("state", card.state), ("picture", card.picture)):
        if text:
            reply[name] = text
    return reply


def _rich(rich: Rich, zone: tzinfo) -> list[str | Reply]:
    return [_piece(piece, zone) for piece in rich]


def _piece(piece: Piece, zone: tzinfo) -> str | Reply:
    match piece:
        case str():
            return piece
        case Moment():
            return {"time": piece.at.astimezone(zone).isoformat(), "text": piece.text}
        case Ref():
            return {"link": piece.url, "text": piece.label}
        case _:
            assert_never(piece)


def _field(field: Field, error: str, filled: dict[str, tuple[str, ...]] | None) -> Reply:
    same: Reply = {"name": field.name, "label": field.label, "hint": field.hint, "error": error, "options": []}
    given = None if filled is None else filled.get(field.name, ())
    match field:
        case TextField():
            return same | {
                "type": "long" if field.long else field.kind,
                "required": field.required,
                "value": field.value if given is None else next(iter(given), ""),
                "suggestions": list(field.suggestions),
                "most": field.most,
            }
        case ChoiceField():
            return same | {
                "type": "choice",
                "options": _choices(field.choices),
                "required": field.required,
                "value": field.value if given is None else next(iter(given), ""),
                "suggest": field.suggest,
            }
        case ChecksField():
            return same | {
                "type": "checks",
                "options": _choices(field.choices),
                "required": False,
                "value": list(field.chosen if given is None else given),
            }
        case _:
            assert_never(field)


def _choices(choices: tuple[Choice, ...]) -> list[Reply]:
    return [{"value": choice.value, "label": choice.label} for choice in choices]


def _action(action: Action) -> Reply:
    match action:
        case Button():
            return {
                "kind": "button",
                "label": action.label,
                "action": action.to.id,
                "value": action.value,
                "style": action.style,
            }
        case Link():
            return {"kind": "link", "label": action.label, "url": action.url, "style": action.style}
        case Select():
            return {
                "kind": "select",
                "label": action.label,
                "action": action.to.id,
                "options": _choices(action.choices),
            }
        case _:
            assert_never(action)
