"""What the Discord client lets a person send: typed options within their bounds, and fields filled in as they ask."""

from typing import Any

from tests.platforms.discord import components as kinds
from tests.platforms.discord.bodies import BOOLEAN, INTEGER, NUMBER, STRING

Filled = str | bool | list[str]


class NotOnScreenError(AssertionError):
    """A person tried to use what they cannot see or what their client would not let them."""


def check_option(declared: dict[str, Any], value: object) -> None:
    """See that the client would let one give this value to this option. Raises NotOnScreenError."""
    kinds_of: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}
    right = kinds_of.get(declared["type"], (str,))
    if not isinstance(value, right) or (isinstance(value, bool) and declared["type"] != BOOLEAN):
        raise NotOnScreenError(f"{declared['name']} cannot be {value!r}")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    bottom, top = declared.get(low), declared.get(high)
    if isinstance(size, int | float) and ((bottom is not None and size < bottom) or (top is not None and size > top)):
        raise NotOnScreenError(f"{declared['name']} cannot be {value!r}: it goes from {bottom} to {top}")
    if declared.get("choices") and value not in [choice["value"] for choice in declared["choices"]]:
        raise NotOnScreenError(f"{declared['name']} offers no {value!r}")


def chosen(component: dict[str, Any], values: list[str]) -> list[str] | None:
    """Give the values of options named by label or value; None where one of them is not offered."""
    by_name = {option["label"]: option["value"] for option in component["options"]}
    known = set(by_name.values())
    if not all(value in by_name or value in known for value in values):
        return None
    return [by_name.get(value, value) for value in values]


def shown(component: dict[str, Any]) -> Any:
    """Give what a field of a modal holds before anybody types."""
    if component["type"] == kinds.TEXT_INPUT:
        return component.get("value") or ""
    if component["type"] == kinds.CHECKBOX:
        return bool(component.get("default"))
    return [option["value"] for option in component.get("options", []) if option.get("default")]


def submitted(field: dict[str, Any], wanted: dict[str, Filled]) -> dict[str, Any]:
    """Give the part of a submission that a field makes, taking its value out of `wanted`. Raises NotOnScreenError."""
    if "component" in field:
        value = _value(field["component"], field["label"], wanted)
        return {"type": kinds.LABEL, "id": field["id"], "component": value}
    if "components" in field:
        child = field["components"][0]
        return {"type": kinds.ROW, "id": field["id"], "components": [_value(child, child["label"], wanted)]}
    return {"type": kinds.TEXT_DISPLAY, "id": field["id"]}


def _value(component: dict[str, Any], label: str, wanted: dict[str, Filled]) -> dict[str, Any]:
    given = wanted.pop(label, shown(component))
    sent = {"type": component["type"], "id": component["id"], "custom_id": component["custom_id"]}
    required = component.get("required", True)
    if component["type"] == kinds.CHECKBOX:
        return {**sent, "value": bool(given)}
    if component["type"] == kinds.TEXT_INPUT:
        text = str(given)
        low, high = component.get("min_length") or (1 if required else 0), component.get("max_length") or 4000
        if len(text) > high or (len(text) < low and (text or required)):
            raise NotOnScreenError(f"{label!r} takes {low} to {high} characters, not {text!r}")
        return {**sent, "value": text}
    listed = [given] if isinstance(given, str) else list(given) if isinstance(given, list) else []
    picked = chosen(component, listed) if "options" in component else listed
    if picked is None:
        raise NotOnScreenError(f"{label!r} offers no {listed}; it offers {[o['label'] for o in component['options']]}")
    high = component.get("max_values", 1)
    low = component.get("min_values", 1) if required or picked else 0
    if not low <= len(picked) <= high:
        raise NotOnScreenError(f"{label!r} takes {low} to {high} choices, not {picked}")
    if component["type"] == kinds.RADIO_GROUP:
        return {**sent, "value": picked[0] if picked else None}
    return {**sent, "values": picked}
