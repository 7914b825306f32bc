"""What a person reads of a message or a modal: blocks flattened to text, markup rendered, buttons by label."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.platforms.slack.block_kit import elements_of

MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
BOLD = re.compile(r"(?<![\w*])\*(?! )([^*\n]+)(?<! )\*(?![\w*])")
BARE_URL = re.compile(r"https?://[^\s<>|]+")


def unescape(text: str) -> str:
    """Return text with the three entities of Slack turned back into characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """Return text as Slack escapes what people type before an app gets it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rendered(mrkdwn: str) -> str:
    """Return mrkdwn as it reads on the screen: labels of links, fallbacks of dates, names of the mentioned, no asterisks."""
    return unescape(BOLD.sub(r"\1", MARKUP.sub(lambda found: found[2] or found[1], mrkdwn)))


def text_of(item: Mapping[str, Any] | None) -> str:
    """Return what a text object shows."""
    if item is None:
        return ""
    return str(item["text"]) if item["type"] == "plain_text" else rendered(item["text"])


def lines_of(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines a list of blocks shows; a button is `[label]`, a picture its alternative text."""
    for block in blocks:
        match block["type"]:
            case "section":
                shown = [block["text"]] if "text" in block else []
                yield from (text_of(item) for item in [*shown, *block.get("fields", ())])
            case "header":
                yield text_of(block["text"])
            case "context":
                yield from (
                    item["alt_text"] if item["type"] == "image" else text_of(item) for item in block["elements"]
                )
            case "image":
                yield str(block["alt_text"])
            case "input":
                yield text_of(block["label"])
                if "hint" in block:
                    yield text_of(block["hint"])
            case _:
                pass
        yield from (f"[{label_of(element)}]" for element in elements_of(block) if element["type"] == "button")


def label_of(element: Mapping[str, Any]) -> str:
    """Return what is written on a button, or in a field before anything is chosen."""
    return text_of(element.get("text") or element.get("placeholder"))


def mrkdwn_of(item: object) -> Iterator[tuple[str, bool]]:
    """Yield every mrkdwn text inside blocks, with whether Slack would look for bare links in it."""
    if isinstance(item, Mapping):
        if item.get("type") == "mrkdwn":
            yield item["text"], not item.get("verbatim", False)
        else:
            for value in item.values():
                yield from mrkdwn_of(value)
    elif isinstance(item, list):
        for value in item:
            yield from mrkdwn_of(value)


def links_of(texts: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """Yield what would become a link or a mention: `https://...`, `@U1`, `#C1`, `!channel`; dates are neither."""
    for text, bare in texts:
        yield from (found[1] for found in MARKUP.finditer(text) if not found[1].startswith("!date"))
        if bare:
            yield from BARE_URL.findall(MARKUP.sub("", text))
