"""What a request must be before anybody reads it: from our own page or a script, JSON, small, and text that can be kept."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.chat import Answers

#: Bytes of a JSON body; five fields of a form with all they may hold are a tenth of it.
MOST_JSON: Final = 32 * 1024
#: Characters of a message, or of one value.
MOST_TEXT: Final = 4000
#: Names in one submitted form.
_MOST_NAMES: Final = 50
_MOST_KEY: Final = 200


class Rejected(Exception):
    """A request that is not taken. `code` is stable; `message` is for whoever writes the client."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> web.Response:
        """Say so in JSON."""
        return web.json_response({"error": {"code": self.code, "message": self.message}}, status=self.status)


def check_origin(request: web.Request, own: str = "") -> None:
    """Turn away what another site's page sends. `own` is our public origin; scripts send neither header."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    foreign = site is not None and site not in ("same-origin", "none")
    if origin is not None and origin.casefold() != own.casefold():
        foreign = foreign or urlsplit(origin).netloc.casefold() != request.host.casefold()
    if foreign:
        raise Rejected(403, "foreign_origin", "requests from other sites are not taken")


async def read_json(request: web.Request, own: str = "") -> dict[str, object]:
    """Read the JSON object of a POST. Raises Rejected: 403, 415, 413 or 400."""
    check_origin(request, own)
    if request.content_type != "application/json":
        raise Rejected(415, "not_json", "send Content-Type: application/json")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MOST_JSON:
            raise Rejected(413, "too_large", f"send at most {MOST_JSON} bytes")
    try:
        value = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise Rejected(400, "bad_json", "the body is no JSON") from None
    if not isinstance(value, dict):
        raise Rejected(400, "bad_json", "the body must be a JSON object")
    return value


def text_of(body: Mapping[str, object], name: str, *, default: str | None = None) -> str:
    """Give the text under `name`. Raises Rejected where it is missing or no text."""
    value = body.get(name, default)
    if not isinstance(value, str):
        raise Rejected(400, "bad_value", f'"{name}" must be a text')
    return _kept(name, value)


def answers_of(body: Mapping[str, object]) -> Answers:
    """Give the answers of an action: `values` by field name, and `value` as the button or form carried it."""
    raw = body.get("values", {})
    if not isinstance(raw, dict) or len(raw) > _MOST_NAMES:
        raise Rejected(400, "bad_value", '"values" must be an object of field names and values')
    values = {_kept("values", name): _many(name, value) for name, value in raw.items()}
    if body.get("value") is not None:
        values["value"] = (text_of(body, "value"),)
    return Answers(values)


def key_of(request: web.Request) -> str:
    """Give the interaction's key: the client's Idempotency-Key, so that a repeated request is one wish; else a new one."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return secrets.token_hex(16)
    if not key or len(key) > _MOST_KEY or not key.isascii() or not key.isprintable():
        raise Rejected(400, "bad_key", f"an Idempotency-Key has 1 to {_MOST_KEY} printable ASCII characters")
    return key


def _many(name: str, value: object) -> tuple[str, ...]:
    match value:
        case bool() | None:
            return (name,) if value else ()
        case str():
            return (_kept(name, value),)
        case int() | float():
            return (str(value),)
        case list() if len(value) <= _MOST_NAMES and all(isinstance(one, str) for one in value):
            return tuple(_kept(name, one) for one in value)
        case _:
            raise Rejected(400, "bad_value", f'the value of "{name}" must be a text or a list of texts')


def _kept(name: str, text: str) -> str:
    """Refuse what no database takes: half a surrogate pair, NUL; and more than anybody types."""
    if len(text) > MOST_TEXT:
        raise Rejected(400, "too_long", f'"{name}" has more than {MOST_TEXT} characters')
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Rejected(400, "bad_text", f'"{name}" holds characters that are no text')
    return text
