"""Cards as Slack messages in Block Kit: one pure function a kind of view, cut or split to Slack's limits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from adapters.slack.mrkdwn import Json, cut, escape, fold, mrkdwn, plain_text, text_objects
from bot.chat import Action, Button, Card, Choice, Link, Progress, Select
from bot.words import Rich, plain

# https://docs.slack.dev/reference/block-kit/blocks
BLOCKS: Final = 50
HEADER: Final = 150
SECTION: Final = 3000
FIELDS: Final = 10
FIELD: Final = 2000
CONTEXT: Final = 2000
CONTEXT_ELEMENTS: Final = 10
ELEMENTS: Final = 25
PICTURE: Final = 3000
ALT_TEXT: Final = 2000
# https://docs.slack.dev/reference/block-kit/block-elements
BUTTON: Final = 75
BUTTON_URL: Final = 3000
OPTIONS: Final = 100
PLACEHOLDER: Final = 150
# https://docs.slack.dev/reference/block-kit/composition-objects/option-object
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
#: Recommended for `text`, beyond which Slack cuts (https://docs.slack.dev/reference/methods/chat.postMessage#truncating).
TEXT: Final = 4000

#: Separates a step's id from the number that tells the buttons of one card apart.
NUMBERED: Final = "#"
#: The id under which link buttons report that they were pressed.
LINK: Final = "link"

_BAR: Final = 10
_TONES: Final = {"plain": "", "good": "✅ ", "warn": "⚠️ ", "bad": "⛔ "}


@dataclass(frozen=True, slots=True)
class Message:
    """What is said: blocks for the eye, and `text`, which notifications and screen readers read instead of them."""

    text: str
    blocks: tuple[Json, ...]


def message(card: Card, *, picture: bool = True) -> Message:
    """Draw a card. What goes beyond fifty blocks is left out of its middle; title, actions and footer always stay."""
    head: list[Json] = [{"type": "header", "text": plain_text(_TONES[card.tone] + card.title, HEADER)}]
    middle = list(_middle(card, picture=picture))
    actions = list(_actions(card))
    foot = _footer(card.footer)
    room = BLOCKS - len(head) - len(actions) - len(foot)
    if len(middle) > room:
        middle = [*middle[: room - 1], {"type": "section", "text": plain_text("…", SECTION)}]
    return Message(_spoken(card), (*head, *middle, *actions, *foot))


def option(choice: Choice) -> Json:
    """Draw one of the values to choose from."""
    return {"text": plain_text(choice.label, OPTION_TEXT), "value": choice.value}


def options(choices: Sequence[Choice]) -> list[Json]:
    """Draw values to choose from; one too long to come back whole is left out."""
    return [option(choice) for choice in choices if 0 < len(choice.value) <= OPTION_VALUE and choice.label]


def bar(progress: Progress) -> str:
    """Draw how far a goal is reached; the bar is full only when the goal is."""
    full = int(progress.ratio * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _middle(card: Card, *, picture: bool) -> Iterator[Json]:
    for paragraph in card.text:
        for text in text_objects(paragraph, SECTION):
            yield {"type": "section", "text": text}
    if card.progress:
        said = f"{bar(card.progress)}\n{card.progress.text}"
        yield {"type": "section", "text": plain_text(said, SECTION)}
    for start in range(0, len(card.facts), FIELDS):
        fields = [_field(name, value) for name, value in card.facts[start : start + FIELDS]]
        yield {"type": "section", "fields": fields}
    if picture and card.picture.startswith("https://") and len(card.picture) <= PICTURE:
        yield {"type": "image", "image_url": card.picture, "alt_text": cut(card.title, ALT_TEXT)}


def _field(name: str, value: Rich) -> Json:
    """Draw a fact; a value in which Slack could see markup is plain text."""
    if all(isinstance(piece, str) for piece in value) and any(mark in plain(value) for mark in "*_~`"):
        return plain_text(f"{name}\n{plain(value)}", FIELD)
    title = f"*{escape(cut(name, HEADER)).replace('*', '')}*\n"
    chunks = fold(value, FIELD - len(title) - 1)
    more = "…" if len(chunks) > 1 else ""
    return mrkdwn(title + (chunks[0] if chunks else "–") + more)


def _footer(footer: Rich) -> list[Json]:
    elements = text_objects(footer, CONTEXT)[:CONTEXT_ELEMENTS]
    return [{"type": "context", "elements": elements}] if elements else []


def _actions(card: Card) -> Iterator[Json]:
    """Draw the actions in rows of twenty-five elements; beyond half a message of rows nobody would look."""
    drawn = [element for number, action in enumerate(card.actions) for element in _elements(action, number, card)]
    for start in range(0, min(len(drawn), ELEMENTS * BLOCKS // 2), ELEMENTS):
        yield {"type": "actions", "elements": drawn[start : start + ELEMENTS]}


def _elements(action: Action, number: int, card: Card) -> Iterator[Json]:
    match action:
        case Button():
            yield {
                "type": "button",
                "text": plain_text(action.label, BUTTON),
                "action_id": f"{action.to.id}{NUMBERED}{number}",
                **({"value": action.value} if action.value else {}),
                **({"style": action.style} if action.style != "plain" else {}),
            }
        case Link():
            if len(action.url) <= BUTTON_URL:
                yield {
                    "type": "button",
                    "text": plain_text(action.label, BUTTON),
                    "action_id": f"{LINK}{NUMBERED}{number}",
                    "url": action.url,
                    **({"value": card.order} if card.order else {}),
                    **({"style": action.style} if action.style != "plain" else {}),
                }
        case Select():
            offered = options(action.choices)
            for page, start in enumerate(range(0, len(offered), OPTIONS)):
                yield {
                    "type": "static_select",
                    "placeholder": plain_text(action.label, PLACEHOLDER),
                    "action_id": f"{action.to.id}{NUMBERED}{number}.{page}",
                    "options": offered[start : start + OPTIONS],
                }
        case _ as never:
            assert_never(never)


def _spoken(card: Card) -> str:
    """Say the whole card in words, escaped and within Slack's limit."""
    lines = [card.title, *(plain(paragraph) for paragraph in card.text)]
    if card.progress:
        lines.append(card.progress.text)
    lines += [f"{name}: {plain(value)}" for name, value in card.facts]
    lines += [f"{action.label}: {action.url}" for action in card.actions if isinstance(action, Link)]
    lines.append(plain(card.footer))
    chunks = fold(("\n".join(line for line in lines if line),), TEXT - 1)
    return "".join(chunks[:1]) + ("…" if len(chunks) != 1 else "")
