"""Sentences as Slack reads them: escaped, folded to its limits, and what people typed turned back into plain text."""

import re
from collections.abc import Iterator
from datetime import UTC
from typing import Final, assert_never

from bot.words import Moment, Piece, Ref, Rich

Json = dict[str, object]

#: The longest expansion of one character: "&" becomes "&amp;".
_WORST: Final = len("&amp;")
#: What stands between a date as we write it and as the reader's own Slack does.
_NATIVE: Final = " · "
_WORDS: Final = re.compile(r"\S+|\s+")
_MARKUP: Final = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_MENTION: Final = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>\s*")


def escape(text: str) -> str:
    """Escape the three characters Slack asks for (https://docs.slack.dev/messaging/formatting-message-text#escaping)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def typed(text: str) -> str:
    """Give what a person typed as they saw it: links and names that Slack marked up read as their labels.

    Only a channel reads as its id, "#C1": names of channels mean nothing to the Web API.
    """
    bare = _MARKUP.sub(_seen, text)
    return bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _seen(found: re.Match[str]) -> str:
    target = found["target"]
    return target if target.startswith("#") else found["label"] or target.removeprefix("mailto:")


def addressed(text: str) -> str:
    """Give what a person typed to us after mentioning us: "<@U0BOT> buy mug" is "buy mug"."""
    return typed(_MENTION.sub("", text))


def cut(text: str, most: int) -> str:
    """Shorten plain text to `most` characters, with an ellipsis for what is left out."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def fold(rich: Rich, most: int) -> list[str]:
    """Write a sentence as mrkdwn in chunks of at most `most` characters, broken between words; blank chunks are left out."""
    whole = "".join(map(_whole, rich))
    if len(whole) <= most:  # as nearly all is: nothing has to be broken
        return [whole.strip()] if whole.strip() else []
    chunks, chunk = [], ""
    for atom in (atom for piece in rich for atom in _atoms(piece, most)):
        if len(chunk) + len(atom) > most:
            chunks.append(chunk)
            chunk = ""
        chunk += atom
    return [whole.strip() for whole in (*chunks, chunk) if whole.strip()]


def text_objects(rich: Rich, most: int) -> list[Json]:
    """Write a sentence as text objects of at most `most` characters.

    Text alone is plain_text, in which nothing is markup. Only a date or a link of ours needs mrkdwn, and `verbatim` then
    keeps Slack from making links of addresses (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
    """
    if all(isinstance(piece, str) for piece in rich):
        whole = "".join(map(str, rich))
        words = [whole] if len(whole) <= most else [word for piece in rich for word in _slices(str(piece), most)]
        return [{"type": "plain_text", "text": text, "emoji": False} for text in _filled(words, most)]
    return [mrkdwn(text) for text in fold(rich, most)]


def mrkdwn(text: str) -> Json:
    """Make a text object of mrkdwn that is escaped already."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, most: int) -> Json:
    """Make a plain_text object, cut to `most` characters; a blank one, which Slack refuses, is a dash."""
    return {"type": "plain_text", "text": cut(text.strip() or "–", most), "emoji": False}


def _filled(words: list[str], most: int) -> list[str]:
    chunks, chunk = [], ""
    for word in words:
        if len(chunk) + len(word) > most:
            chunks.append(chunk)
            chunk = ""
        chunk += word
    return [whole.strip() for whole in (*chunks, chunk) if whole.strip()]


def _atoms(piece: Piece, most: int) -> Iterator[str]:
    """Give the parts of a piece that must not be broken, as mrkdwn."""
    match piece:
        case str():
            yield from (escape(word) for word in _slices(piece, most // _WORST))
        case Moment():
            yield from (escape(word) for word in _slices(piece.text + _NATIVE, most // _WORST))
            yield _date(piece)
        case Ref():
            link = _whole(piece)
            yield link if len(link) <= most else cut(escape(piece.label), most)
        case _ as never:
            assert_never(never)


def _whole(piece: Piece) -> str:
    """Write a piece as mrkdwn, however long that is."""
    match piece:
        case str():
            return escape(piece)
        case Moment():
            return escape(piece.text + _NATIVE) + _date(piece)
        case Ref():
            return f"<{_address(piece.url)}|{escape(piece.label)}>"
        case _ as never:
            assert_never(never)


def _slices(text: str, most: int) -> Iterator[str]:
    """Give words and the space between them, over-long ones in slices."""
    for word in _WORDS.findall(text):
        yield from (word[start : start + most] for start in range(0, len(word), most))


def _date(moment: Moment) -> str:
    """Say an instant in the reader's own zone (https://docs.slack.dev/messaging/formatting-message-text#date-formatting)."""
    fallback = moment.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(moment.at.timestamp())}^{{date_long_pretty}} {{time}}|{fallback}>"


def _address(url: str) -> str:
    """Keep an address from ending its own markup."""
    return url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20").replace("&", "&amp;")
