"""Block Kit as Slack checks it: every block and element the stand-in knows, with its limits.

The numbers are those of https://docs.slack.dev/reference/block-kit/blocks and
https://docs.slack.dev/reference/block-kit/block-elements; a field that is not documented there is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.platforms.slack.shapes import Array, ByType, Check, Integer, Object, String, Url, boolean, complaint, typed

Json = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
CONTEXT_TEXT = 2000  # the page gives none: the smaller of the two a section allows


def plain(most: int) -> Object:
    """Return the shape of a plain_text object."""
    return typed("plain_text", {"text": String(most)}, {"emoji": boolean})


def text(most: int) -> ByType:
    """Return the shape of a text object, plain or mrkdwn."""
    mrkdwn = typed("mrkdwn", {"text": String(most)}, {"verbatim": boolean})
    return ByType({"plain_text": plain(most), "mrkdwn": mrkdwn})


ACTION_ID = String(255)
OPTION = Object({"text": text(75), "value": String(150)}, {"description": text(75), "url": Url()})
PLAIN_OPTION = Object({"text": plain(75), "value": String(150)}, {"description": plain(75)})
OPTION_GROUP = Object({"label": plain(75), "options": Array(PLAIN_OPTION, 100)})
CONFIRM = Object(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": String(7, one_of=frozenset({"primary", "danger"}))},
)
DISPATCH = Object({}, {"trigger_actions_on": Array(String(30), 2)})
INPUT: Mapping[str, Check] = {"action_id": ACTION_ID, "focus_on_load": boolean}
PLACED: Mapping[str, Check] = {**INPUT, "placeholder": plain(150)}
CHOICES: Mapping[str, Check] = {"options": Array(PLAIN_OPTION, 100), "option_groups": Array(OPTION_GROUP, 100)}
SOME: Mapping[str, Check] = {"max_selected_items": Integer(1, 100), "confirm": CONFIRM}

ELEMENTS = ByType(
    {
        "button": typed(
            "button",
            {"text": plain(75)},
            {
                "action_id": ACTION_ID,
                "url": Url(3000),
                "value": String(2000),
                "style": String(7, one_of=frozenset({"primary", "danger"})),
                "confirm": CONFIRM,
                "accessibility_label": String(75),
            },
        ),
        "static_select": typed(
            "static_select", {}, {**PLACED, **CHOICES, "initial_option": PLAIN_OPTION, "confirm": CONFIRM}
        ),
        "external_select": typed(
            "external_select",
            {},
            {**PLACED, "initial_option": PLAIN_OPTION, "min_query_length": Integer(0, 3000), "confirm": CONFIRM},
        ),
        "multi_static_select": typed(
            "multi_static_select", {}, {**PLACED, **CHOICES, **SOME, "initial_options": Array(PLAIN_OPTION, 100)}
        ),
        "multi_external_select": typed(
            "multi_external_select",
            {},
            {
                **PLACED,
                **SOME,
                "initial_options": Array(PLAIN_OPTION, 100),
                "min_query_length": Integer(0, 3000),
            },
        ),
        "plain_text_input": typed(
            "plain_text_input",
            {},
            {
                **PLACED,
                "initial_value": String(3000),
                "multiline": boolean,
                "min_length": Integer(0, 3000),
                "max_length": Integer(1, 3000),
                "dispatch_action_config": DISPATCH,
            },
        ),
        "number_input": typed(
            "number_input",
            {"is_decimal_allowed": boolean},
            {
                **PLACED,
                "initial_value": String(100),
                "min_value": String(100),
                "max_value": String(100),
                "dispatch_action_config": DISPATCH,
            },
        ),
        "email_text_input": typed("email_text_input", {}, {**PLACED, "initial_value": String(3000)}),
        "checkboxes": typed(
            "checkboxes",
            {"options": Array(OPTION, 10)},
            {**INPUT, "initial_options": Array(OPTION, 10), "confirm": CONFIRM},
        ),
        "radio_buttons": typed(
            "radio_buttons", {"options": Array(OPTION, 10)}, {**INPUT, "initial_option": OPTION, "confirm": CONFIRM}
        ),
        "overflow": typed("overflow", {"options": Array(OPTION, 5)}, {"action_id": ACTION_ID, "confirm": CONFIRM}),
        "image": typed("image", {"image_url": Url(3000), "alt_text": String(2000)}),
    }
)
SELECTS = ("static_select", "external_select", "multi_static_select", "multi_external_select")
CHOOSERS = (*SELECTS, "checkboxes", "radio_buttons")
IN_ACTIONS = ELEMENTS.only(["button", "static_select", "external_select", "checkboxes", "radio_buttons", "overflow"])
IN_SECTION = ELEMENTS.only(["button", "image", "overflow", *CHOOSERS])
IN_INPUT = ELEMENTS.only([*CHOOSERS, "plain_text_input", "number_input", "email_text_input"])
IN_CONTEXT = ByType({"image": ELEMENTS.shapes["image"], **text(CONTEXT_TEXT).shapes})

BLOCK_ID: Mapping[str, Check] = {"block_id": String(255)}
BLOCKS = ByType(
    {
        "section": typed(
            "section",
            {},
            {
                **BLOCK_ID,
                "text": text(3000),
                "fields": Array(text(2000), 10),
                "accessory": IN_SECTION,
                "expand": boolean,
            },
        ),
        "header": typed("header", {"text": plain(150)}, BLOCK_ID),
        "divider": typed("divider", {}, BLOCK_ID),
        "context": typed("context", {"elements": Array(IN_CONTEXT, 10)}, BLOCK_ID),
        "actions": typed("actions", {"elements": Array(IN_ACTIONS, 25)}, BLOCK_ID),
        "image": typed("image", {"image_url": Url(3000), "alt_text": String(2000)}, {**BLOCK_ID, "title": plain(2000)}),
        "input": typed(
            "input",
            {"label": plain(2000), "element": IN_INPUT},
            {**BLOCK_ID, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
        ),
    }
)


def elements_of(block: Mapping[str, Any]) -> list[Json]:
    """Return the elements of a block that may be pressed or filled, wherever the block keeps them."""
    found = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
    return [item for item in found if isinstance(item, dict) and item.get("type") in ELEMENTS.shapes]


def options_of(element: Mapping[str, Any]) -> list[Json]:
    """Return the options an element carries, those inside groups included."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def blocks_complaints(value: object, most: int, at: str = "/blocks") -> Iterator[str]:
    """Yield everything Slack would say against a list of blocks."""
    yield from Array(BLOCKS, most, least=0)(value, at)
    if not isinstance(value, list):
        return
    seen: set[str] = set()
    for index, block in enumerate(value):
        if not isinstance(block, dict):
            continue
        here = f"{at}/{index}"
        name = block.get("block_id")
        if isinstance(name, str) and name in seen:
            yield complaint(f"block_id already exists: {name}", f"{here}/block_id")
        seen.add(str(name))
        if block.get("type") == "section" and not ("text" in block or "fields" in block):
            yield complaint("missing required field: text", here)
        yield from _element_complaints(block, here)


def _element_complaints(block: Json, at: str) -> Iterator[str]:
    ids: set[str] = set()
    for element in elements_of(block):
        action = element.get("action_id")
        if isinstance(action, str) and action in ids:
            yield complaint(f"action_id already exists: {action}", f"{at}/elements")
        ids.add(str(action))
        kind = element["type"]
        if "static_select" in kind and ("options" in element) == ("option_groups" in element):
            yield complaint("must provide options or option_groups, and not both", at)
        chosen = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
        if "external" not in kind and any(option not in options_of(element) for option in chosen):
            yield complaint("initial option must exactly match one of the options", at)


VIEW = Object(
    {"type": String(10, one_of=frozenset({"modal"})), "title": plain(24), "blocks": lambda _value, _at: iter(())},
    {
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": String(3000, least=0),
        "callback_id": String(255, least=0),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "external_id": String(255, least=0),
        "submit_disabled": boolean,
    },
)


def view_complaints(view: object) -> Iterator[str]:
    """Yield everything Slack would say against a modal (https://docs.slack.dev/reference/views/modal-views)."""
    yield from VIEW(view, "/view")
    if isinstance(view, dict) and "blocks" in view:
        yield from blocks_complaints(view["blocks"], VIEW_BLOCKS, "/view/blocks")
        kinds = {block.get("type") for block in view["blocks"] if isinstance(block, dict)}
        if "input" in kinds and "submit" not in view:
            yield complaint("missing required field: submit", "/view")


HOME = Object(
    {"type": String(10, one_of=frozenset({"home"})), "blocks": lambda _value, _at: iter(())},
    {
        "private_metadata": String(3000, least=0),
        "callback_id": String(255, least=0),
        "external_id": String(255, least=0),
    },
)


def home_complaints(view: object) -> Iterator[str]:
    """Yield everything Slack would say against an App Home (https://docs.slack.dev/reference/views/home-tab-views)."""
    yield from HOME(view, "/view")
    if isinstance(view, dict) and "blocks" in view:
        yield from blocks_complaints(view["blocks"], VIEW_BLOCKS, "/view/blocks")
