"""Writes what a person is shown as plain text, and holds it against the text that is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import assert_never

from bot.chat import Action, Button, Card, ChecksField, ChoiceField, Field, Form, Link, Select, TextField
from bot.words import plain

GOLDEN = Path(__file__).parent / "golden"


def flat(shown: Card | Form) -> str:
    """Write a card or a form, a line each for what is shown, and what each action leads to."""
    return "\n".join(_card(shown) if isinstance(shown, Card) else _form(shown))


def hold(name: str, text: str) -> None:
    """Compare with the kept text of that name; with UPDATE_GOLDEN=1 keep this one instead, for somebody to read."""
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        file.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    assert text.rstrip("\n") + "\n" == file.read_text(encoding="utf-8"), f"{file.name}: read it, then UPDATE_GOLDEN=1"


def _card(card: Card) -> Iterator[str]:
    yield f"# {card.title}" + ("" if card.tone == "plain" else f" ({card.tone})")
    yield from map(plain, card.text)
    for name, value in card.facts:
        yield f"| {name} | {plain(value)}"
    if card.progress:
        yield f"{card.progress.value}/{card.progress.goal}: {card.progress.text}"
    yield from map(_action, card.actions)
    if card.footer:
        yield f"-- {plain(card.footer)}"


def _action(action: Action) -> str:
    match action:
        case Button():
            style = {"primary": "!", "plain": "", "danger": "!!"}[action.style]
            return f"[{action.label}]{style} {action.to.id} {action.value}".rstrip()
        case Link():
            return f"[{action.label}] -> {action.url}"
        case Select():
            return f"[{action.label}: {', '.join(choice.label for choice in action.choices)}] {action.to.id}"
        case _:
            assert_never(action)


def _form(form: Form) -> Iterator[str]:
    yield f"# {form.title}"
    if form.intro:
        yield plain(form.intro)
    yield from map(_field, form.fields)
    yield f"[{form.submit}] {form.to.id} {form.value}".rstrip()


def _field(field: Field) -> str:
    hint = f" ({field.hint})" if field.hint else ""
    match field:
        case TextField():
            offered = f" e.g. {', '.join(field.suggestions)}" if field.suggestions else ""
            return f"- {field.label}{'*' if field.required else ''}: {field.value or '___'}{hint}{offered}"
        case ChoiceField():
            labels = " / ".join(choice.label for choice in field.choices)
            return f"- {field.label}{'*' if field.required else ''}: {labels}{hint}"
        case ChecksField():
            return f"- {field.label}: " + " / ".join(f"[ ] {choice.label}" for choice in field.choices) + hint
        case _:
            assert_never(field)
