"""Forms as Discord draws them: a modal of labelled fields, and a card where a modal cannot follow."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

import discord
from discord import ui

from adapters.discord.cards import MOST_OPTIONS, MOST_PLACEHOLDER, options
from adapters.discord.identifiers import Fill
from adapters.discord.markdown import cut, cut_markdown, markdown
from bot.chat import Answers, Card, ChecksField, ChoiceField, Field, Form, TextField
from bot.words import Tongue, plain

# https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response-object-modal
MOST_TITLE: Final = 45
MOST_FIELDS: Final = 5
# https://docs.discord.com/developers/components/reference#label
MOST_LABEL: Final = 45
MOST_HINT: Final = 100
# https://docs.discord.com/developers/components/reference#text-input
MOST_TEXT: Final = 4000
MOST_SAMPLE: Final = 100
# https://docs.discord.com/developers/components/reference#text-display
MOST_INTRO: Final = 4000


def modal(form: Form) -> ui.Modal:
    """Draw a form. Its introduction stands above the fields; where these are five already, below the first one's label."""
    drawn = ui.Modal(title=cut(form.title, MOST_TITLE), custom_id=Fill(form.to.id, form.value).packed())
    fields = list(form.fields)
    if form.intro and len(fields) < MOST_FIELDS:
        drawn.add_item(ui.TextDisplay(cut_markdown(markdown(form.intro), MOST_INTRO)))
    elif form.intro:
        fields[0] = replace(fields[0], hint=f"{fields[0].hint} {plain(form.intro)}".strip())
    for shown in fields:
        hint = cut(shown.hint.strip(), MOST_HINT)
        drawn.add_item(ui.Label(text=cut(shown.label, MOST_LABEL), description=hint or None, component=field(shown)))
    return drawn


def field(shown: Field) -> ui.Item[Any]:
    """Draw one field."""
    match shown:
        case TextField():
            return _text(shown)
        case ChoiceField():
            return _choice(shown)
        case ChecksField():
            return _checks(shown)
    assert_never(shown)


def _text(shown: TextField) -> ui.Item[Any]:
    most = min(shown.most, MOST_TEXT)
    return ui.TextInput(
        custom_id=shown.name,
        style=discord.TextStyle.paragraph if shown.long else discord.TextStyle.short,
        required=shown.required,
        default=cut(shown.value, most) or None,
        placeholder=cut(" · ".join(shown.suggestions), MOST_SAMPLE) or None,
        max_length=most,
    )


def _choice(shown: ChoiceField) -> ui.Item[Any]:
    """Draw a select; with no choices, or more than it can list, a text field that shows what was chosen by its label."""
    listed = options(shown.choices, (shown.value,))
    if not 0 < len(listed) <= MOST_OPTIONS:
        labels = {choice.value: choice.label for choice in shown.choices}
        value = labels.get(shown.value, shown.value)
        return _text(TextField(shown.name, shown.label, required=shown.required, value=value))
    return ui.Select(
        custom_id=shown.name,
        options=listed,
        required=shown.required,
        min_values=1 if shown.required else 0,
        placeholder=cut(shown.label, MOST_PLACEHOLDER),
    )


def _checks(shown: ChecksField) -> ui.Item[Any]:
    listed = options(shown.choices, shown.chosen)[:MOST_OPTIONS]
    if not listed:
        return _text(TextField(shown.name, shown.label))
    return ui.Select(
        custom_id=shown.name,
        options=listed,
        required=False,
        min_values=0,
        max_values=len(listed),
        placeholder=cut(shown.label, MOST_PLACEHOLDER),
    )


def filled(data: Mapping[str, Any], value: str) -> Answers:
    """Read the fields of a submitted modal; `value` is what the form carried."""
    values: dict[str, tuple[str, ...]] = {"value": (value,)} if value else {}
    components = data.get("components")
    for component in components if isinstance(components, list) else ():
        inner = component.get("component") if isinstance(component, Mapping) else None
        if not isinstance(inner, Mapping) or not isinstance(inner.get("custom_id"), str):
            continue
        given = inner.get("values", inner.get("value", ()))
        listed = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        values[inner["custom_id"]] = tuple(str(one) for one in listed)
    return Answers(values)


def refilled(form: Form, answers: Answers, value: str) -> Form:
    """Put what was typed back into a form."""
    return replace(form, fields=tuple(_refilled(shown, answers) for shown in form.fields), value=value)


def _refilled(shown: Field, answers: Answers) -> Field:
    if shown.name not in answers.values:
        return shown
    match shown:
        case TextField() | ChoiceField():
            return replace(shown, value=answers[shown.name])
        case ChecksField():
            return replace(shown, chosen=answers.many(shown.name))
    assert_never(shown)


def wrong(form: Form | None, errors: Mapping[str, str], tongue: Tongue) -> Card:
    """Make the card that says what is wrong with a form: Discord has no errors inside a modal."""
    labels = {shown.name: shown.label for shown in form.fields} if form else {}
    facts = tuple((labels.get(name, name), (error,)) for name, error in errors.items())
    return Card(title=tongue.word("discord.not_right"), facts=facts, tone="warn")
