"""Forms as Slack modals, and what was filled in read back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, assert_never

from adapters.slack.cards import OPTIONS, PLACEHOLDER, SECTION, option, options
from adapters.slack.mrkdwn import Json, cut, plain_text, text_objects
from bot.chat import Answers, ChecksField, Choice, ChoiceField, Field, Form, TextField

# https://docs.slack.dev/reference/views/modal-views
TITLE: Final = 24
SUBMIT: Final = 24
METADATA: Final = 3000
# https://docs.slack.dev/reference/block-kit/blocks/input-block
LABEL: Final = 2000
HINT: Final = 2000
# https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
TYPED: Final = 3000
# https://docs.slack.dev/reference/block-kit/block-elements/checkboxes-element
CHECKS: Final = 10


@dataclass(frozen=True, slots=True)
class Errand:
    """What a modal carries with it: the form's value, and where its answer goes."""

    value: str = ""
    hook: str = ""
    channel: str = ""
    thread: str = ""
    private: bool = False
    home: bool = False

    def packed(self) -> str:
        """Write it as private_metadata."""
        packed = json.dumps(asdict(self), separators=(",", ":"))
        return packed if len(packed) <= METADATA else json.dumps({"value": self.value, "home": self.home})

    @classmethod
    def unpacked(cls, metadata: str) -> "Errand":
        """Read private_metadata. Raises ValueError or TypeError for what is none of ours."""
        return cls(**json.loads(metadata))


def modal(form: Form, errand: Errand) -> Json:
    """Draw a form as a modal; the step's id travels in `callback_id`, each field's name in `block_id`."""
    intro: list[Json] = [{"type": "section", "text": text} for text in text_objects(form.intro, SECTION)]
    fields = [block for field in form.fields for block in _blocks(field)]
    return {
        "type": "modal",
        "callback_id": form.to.id,
        "title": plain_text(form.title, TITLE),
        "submit": plain_text(form.submit, SUBMIT),
        "private_metadata": errand.packed(),
        "blocks": [*intro, *fields],
    }


def answers(view: Mapping[str, Any], value: str) -> Answers:
    """Read what was filled in. A field left empty is not among the answers; `value` is what the form carried."""
    values: dict[str, tuple[str, ...]] = {"value": (value,)}
    for name, elements in view["state"]["values"].items():
        for state in elements.values():
            given = _given(state)
            if given:
                values[name] = given
    return Answers(values)


def _given(state: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = state.get("selected_options") or ([state["selected_option"]] if state.get("selected_option") else [])
    if chosen:
        return tuple(str(each["value"]) for each in chosen)
    return (str(state["value"]),) if state.get("value") else ()


def _blocks(field: Field) -> list[Json]:
    match field:
        case TextField():
            return [_input(field, _number(field) if field.kind == "integer" else _text(field), field.required)]
        case ChoiceField():
            return [_input(field, _choice(field), field.required)]
        case ChecksField():
            return [_input(field, _checks(field), required=False)] if options(field.choices) else []
        case _ as never:
            assert_never(never)


def _input(field: Field, element: Json, required: bool) -> Json:
    return {
        "type": "input",
        "block_id": field.name,
        "label": plain_text(field.label, LABEL),
        "optional": not required,
        "element": element,
        **({"hint": plain_text(field.hint, HINT)} if field.hint else {}),
    }


def _text(field: TextField) -> Json:
    """Draw a line to type. Slack has no list beside a free text, so what it suggests stands in it until it is typed over."""
    most = min(field.most, TYPED)
    suggested = " · ".join(field.suggestions)
    return {
        "type": "plain_text_input",
        "action_id": field.name,
        "multiline": field.long,
        "max_length": most,
        **({"initial_value": field.value[:most]} if field.value else {}),
        **({"placeholder": plain_text(suggested, PLACEHOLDER)} if suggested else {}),
    }


def _number(field: TextField) -> Json:
    return {
        "type": "number_input",
        "action_id": field.name,
        "is_decimal_allowed": False,
        **({"initial_value": field.value} if field.value.isdecimal() else {}),
    }


def _choice(field: ChoiceField) -> Json:
    """Draw one of many: completed while typing where it can be, listed where it fits, else typed."""
    offered = options(field.choices)
    chosen = next((choice for choice in field.choices if choice.value == field.value), None)
    if field.suggest:
        initial = options([chosen or Choice(field.value, field.value)]) if field.value else []
        return {
            "type": "external_select",
            "action_id": field.suggest,
            "min_query_length": 0,
            **({"initial_option": initial[0]} if initial else {}),
        }
    if not 0 < len(offered) <= OPTIONS:
        typed = chosen.label if chosen else field.value
        return _text(TextField(field.name, field.label, value=typed))
    initial = [each for each in offered if chosen and each == option(chosen)]
    return {
        "type": "static_select",
        "action_id": field.name,
        "options": offered,
        **({"initial_option": initial[0]} if initial else {}),
    }


def _checks(field: ChecksField) -> Json:
    offered = options(field.choices)[:OPTIONS]
    chosen = [each for each in offered if each["value"] in field.chosen]
    return {
        "type": "checkboxes" if len(offered) <= CHECKS else "multi_static_select",
        "action_id": field.name,
        "options": offered,
        **({"initial_options": chosen} if chosen else {}),
    }


def field_errors(view: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, str]:
    """Put each error beside its field; one that names no field of this modal stands at the first."""
    names = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    errors: dict[str, str] = {}
    for name, said in wrong.items():
        place = name if name in names else names[0]
        errors[place] = cut(f"{errors[place]} {said}" if place in errors else said, HINT)
    return errors
