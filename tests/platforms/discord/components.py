"""What Discord accepts as components: rows of buttons and selects in a message, labelled fields in a modal.

The numbers are those of https://discord.com/developers/docs/components/reference.
"""

from typing import Any

from tests.platforms.discord.refusals import Faults, Path

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, TEXT_DISPLAY, LABEL = 1, 2, 3, 4, 10, 18
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
AUTOMATIC_SELECTS = (5, 6, 7, 8)
LINK_STYLE = 5
ROWS, BUTTONS_IN_A_ROW, MODAL_FIELDS = 5, 5, 5
OPTIONS, GROUP_OPTIONS = 25, 10

_BUTTON = ("type", "id", "style", "label", "emoji", "custom_id", "url", "disabled", "sku_id")
_SELECT = ("type", "id", "custom_id", "options", "placeholder", "min_values", "max_values", "disabled", "required")
_AUTOMATIC = ("channel_types", "default_values")
_OPTION = ("label", "value", "description", "emoji", "default")
_TEXT_INPUT = (
    "type",
    "id",
    "custom_id",
    "style",
    "label",
    "min_length",
    "max_length",
    "required",
    "value",
    "placeholder",
)
_GROUP = ("type", "id", "custom_id", "options", "required", "min_values", "max_values")


class Components:
    """Reads the components of one message or one modal; their ids are counted, and a custom id is used once."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._custom_ids: set[str] = set()
        self._last_id = 0

    def rows(self, value: object, path: Path) -> list[dict[str, Any]]:
        """Read a message's rows."""
        rows = []
        for index, raw in enumerate(self._faults.listing(value, path, 0, ROWS)):
            place = (*path, index)
            row = self._faults.mapping(raw, place, ("type", "id", "components"), ("type", "components"))
            self._faults.one_of(row.get("type"), (*place, "type"), (ROW,))
            children = self._faults.listing(row.get("components", []), (*place, "components"), 1, BUTTONS_IN_A_ROW)
            kinds = [child.get("type") if isinstance(child, dict) else None for child in children]
            if len(children) > 1 and any(kind != BUTTON for kind in kinds):
                self._faults.add((*place, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The width is exceeded")
            row = self._numbered(row)
            row["components"] = [
                self._in_a_row(child, (*place, "components", number)) for number, child in enumerate(children)
            ]
            rows.append(row)
        return rows

    def modal(self, value: object, path: Path) -> list[dict[str, Any]]:
        """Read a modal's fields."""
        fields = self._faults.listing(value, path, 1, MODAL_FIELDS)
        return [self._modal_field(raw, (*path, index)) for index, raw in enumerate(fields)]

    def _numbered(self, component: dict[str, Any]) -> dict[str, Any]:
        self._last_id += 1
        return {**component, "id": component.get("id") or self._last_id}

    def _custom_id(self, component: dict[str, Any], path: Path) -> None:
        custom_id = self._faults.text(component.get("custom_id"), (*path, "custom_id"), 1, 100)
        if custom_id in self._custom_ids:
            self._faults.add(
                (*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated"
            )
        self._custom_ids.add(custom_id)

    def _in_a_row(self, raw: object, path: Path) -> dict[str, Any]:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind == BUTTON:
            return self._button(raw, path)
        if kind == STRING_SELECT or kind in AUTOMATIC_SELECTS:
            return self._select(raw, path, in_modal=False)
        self._faults.one_of(kind, (*path, "type"), (BUTTON, STRING_SELECT, *AUTOMATIC_SELECTS))
        return {}

    def _button(self, raw: object, path: Path) -> dict[str, Any]:
        button = self._numbered(self._faults.mapping(raw, path, _BUTTON, ("type", "style")))
        style = self._faults.one_of(button.get("style"), (*path, "style"), (1, 2, 3, 4, LINK_STYLE))
        if button.get("label") is not None:
            self._faults.text(button["label"], (*path, "label"), 1, 80)
        elif not button.get("emoji"):
            self._faults.add(path, "BUTTON_COMPONENT_LABEL_REQUIRED", "A button needs a label or an emoji")
        if style == LINK_STYLE:
            self._faults.url(button.get("url"), (*path, "url"), 512)
            if "custom_id" in button:
                self._faults.add(
                    (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_FORBIDDEN", "A link has no custom id"
                )
        else:
            self._custom_id(button, path)
            if "url" in button:
                self._faults.add((*path, "url"), "BUTTON_COMPONENT_URL_FORBIDDEN", "Only a link has a url")
        if "disabled" in button:
            self._faults.flag(button["disabled"], (*path, "disabled"))
        return button

    def _select(self, raw: object, path: Path, *, in_modal: bool) -> dict[str, Any]:
        select = self._numbered(self._faults.mapping(raw, path, (*_SELECT, *_AUTOMATIC), ("type",)))
        self._custom_id(select, path)
        if select.get("placeholder") is not None:
            self._faults.text(select["placeholder"], (*path, "placeholder"), 0, 150)
        low = self._faults.number(select.get("min_values", 1), (*path, "min_values"), 0, OPTIONS)
        high = self._faults.number(select.get("max_values", 1), (*path, "max_values"), 1, OPTIONS)
        if low > high:
            self._faults.add((*path, "min_values"), "SELECT_COMPONENT_MIN_VALUES", "min_values exceeds max_values")
        if in_modal and select.get("disabled"):
            self._faults.add((*path, "disabled"), "COMPONENT_DISABLED_IN_MODAL", "A modal has no disabled components")
        if in_modal and select.get("required", True) and low < 1:
            self._faults.add((*path, "min_values"), "NUMBER_TYPE_MIN", "A required select needs at least one value")
        if select.get("type") == STRING_SELECT:
            options = self._options(select.get("options"), (*path, "options"), 1, OPTIONS)
            if high > len(options):
                self._faults.add((*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES", "More than there are options")
            if sum(bool(option.get("default")) for option in options) > high:
                self._faults.add((*path, "options"), "SELECT_COMPONENT_DEFAULTS", "More defaults than max_values")
        return select

    def _options(self, value: object, path: Path, low: int, high: int) -> list[dict[str, Any]]:
        options, values = [], set()
        for index, raw in enumerate(self._faults.listing(value, path, low, high)):
            place = (*path, index)
            option = self._faults.mapping(raw, place, _OPTION, ("label", "value"))
            self._faults.text(option.get("label"), (*place, "label"), 1, 100)
            self._faults.text(option.get("value"), (*place, "value"), 1, 100)
            if option.get("description") is not None:
                self._faults.text(option["description"], (*place, "description"), 1, 100)
            if option.get("value") in values:
                self._faults.add(
                    (*place, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "This option value is already used"
                )
            values.add(option.get("value"))
            options.append(option)
        return options

    def _modal_field(self, raw: object, path: Path) -> dict[str, Any]:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind == LABEL:
            label = self._faults.mapping(raw, path, ("type", "id", "label", "description", "component"), ("component",))
            self._faults.text(label.get("label"), (*path, "label"), 1, 45)
            if label.get("description") is not None:
                self._faults.text(label["description"], (*path, "description"), 1, 100)
            label = self._numbered(label)
            label["component"] = self._labelled(label.get("component"), (*path, "component"))
            return label
        if kind == TEXT_DISPLAY:
            display = self._faults.mapping(raw, path, ("type", "id", "content"), ("content",))
            self._faults.text(display.get("content"), (*path, "content"), 1, 4000)
            return self._numbered(display)
        if kind == ROW:
            row = self._numbered(self._faults.mapping(raw, path, ("type", "id", "components"), ("components",)))
            children = self._faults.listing(row.get("components", []), (*path, "components"), 1, 1)
            row["components"] = [
                self._text_input(child, (*path, "components", index), labelled=False)
                for index, child in enumerate(children)
            ]
            return row
        self._faults.one_of(kind, (*path, "type"), (LABEL, TEXT_DISPLAY, ROW))
        return {}

    def _labelled(self, raw: object, path: Path) -> dict[str, Any]:
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind == TEXT_INPUT:
            return self._text_input(raw, path, labelled=True)
        if kind == STRING_SELECT or kind in AUTOMATIC_SELECTS:
            return self._select(raw, path, in_modal=True)
        if kind in (RADIO_GROUP, CHECKBOX_GROUP):
            return self._group(raw, path)
        if kind == CHECKBOX:
            box = self._numbered(self._faults.mapping(raw, path, ("type", "id", "custom_id", "default"), ("type",)))
            self._custom_id(box, path)
            return box
        known = (TEXT_INPUT, STRING_SELECT, *AUTOMATIC_SELECTS, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
        self._faults.one_of(kind, (*path, "type"), known)
        return {}

    def _group(self, raw: object, path: Path) -> dict[str, Any]:
        group = self._numbered(self._faults.mapping(raw, path, _GROUP, ("type",)))
        self._custom_id(group, path)
        low = 2 if group.get("type") == RADIO_GROUP else 1
        self._options(group.get("options"), (*path, "options"), low, GROUP_OPTIONS)
        return group

    def _text_input(self, raw: object, path: Path, *, labelled: bool) -> dict[str, Any]:
        field = self._numbered(self._faults.mapping(raw, path, _TEXT_INPUT, ("type", "style")))
        self._custom_id(field, path)
        self._faults.one_of(field.get("style"), (*path, "style"), (1, 2))
        if not labelled:
            self._faults.text(field.get("label"), (*path, "label"), 1, 45)
        elif field.get("label") is not None:
            self._faults.add((*path, "label"), "COMPONENT_LABEL_FORBIDDEN", "The label is that of the Label around it")
        low = self._faults.number(field.get("min_length") or 0, (*path, "min_length"), 0, 4000)
        high = self._faults.number(field.get("max_length") or 4000, (*path, "max_length"), 1, 4000)
        if low > high:
            self._faults.add((*path, "min_length"), "TEXT_INPUT_MIN_LENGTH", "min_length exceeds max_length")
        if field.get("value") is not None:
            self._faults.text(field["value"], (*path, "value"), 0, high)
        if field.get("placeholder") is not None:
            self._faults.text(field["placeholder"], (*path, "placeholder"), 0, 100)
        return field


def walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every component that holds no other one, in the order shown."""
    leaves = []
    for component in components:
        inside = component.get("components") or ([component["component"]] if "component" in component else None)
        leaves.extend(walk(inside) if inside else [component])
    return leaves
