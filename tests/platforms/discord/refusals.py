"""How Discord says no: an HTTP status, a JSON error code, and for a wrong body the nested list of what is wrong.

The codes are those of https://discord.com/developers/docs/topics/opcodes-and-status-codes#json.
"""

from collections.abc import Collection, Mapping
from typing import Any

Path = tuple[str | int, ...]


class RefusedError(Exception):
    """A request that Discord answers with an error."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


def unauthorized() -> RefusedError:
    """Say: the bot token is missing or wrong."""
    return RefusedError(401, 0, "401: Unauthorized")


def not_found() -> RefusedError:
    """Say: there is no such route."""
    return RefusedError(404, 0, "404: Not Found")


def unknown_channel() -> RefusedError:
    """Say: no channel has this id."""
    return RefusedError(404, 10003, "Unknown Channel")


def unknown_guild() -> RefusedError:
    """Say: no guild has this id, or the bot is not in it."""
    return RefusedError(404, 10004, "Unknown Guild")


def unknown_message() -> RefusedError:
    """Say: the message is gone, never was, or is ephemeral and asked for outside its interaction."""
    return RefusedError(404, 10008, "Unknown Message")


def unknown_member() -> RefusedError:
    """Say: nobody of this id is in the guild."""
    return RefusedError(404, 10007, "Unknown Member")


def unknown_role() -> RefusedError:
    """Say: the guild has no such role."""
    return RefusedError(404, 10011, "Unknown Role")


def unknown_user() -> RefusedError:
    """Say: no person has this id."""
    return RefusedError(404, 10013, "Unknown User")


def unknown_webhook() -> RefusedError:
    """Say: the interaction has not been answered yet, so nothing can follow it up."""
    return RefusedError(404, 10015, "Unknown Webhook")


def unknown_interaction() -> RefusedError:
    """Say: the first answer came later than three seconds, or there is no such interaction."""
    return RefusedError(404, 10062, "Unknown interaction")


def unknown_command() -> RefusedError:
    """Say: no application command has this id."""
    return RefusedError(404, 10063, "Unknown application command")


def already_acknowledged() -> RefusedError:
    """Say: an interaction takes one first answer."""
    return RefusedError(400, 40060, "Interaction has already been acknowledged.")


def missing_access() -> RefusedError:
    """Say: the bot may not see or post there."""
    return RefusedError(403, 50001, "Missing Access")


def not_the_author() -> RefusedError:
    """Say: only one's own messages can be edited."""
    return RefusedError(403, 50005, "Cannot edit a message authored by another user")


def empty_message() -> RefusedError:
    """Say: a message needs a content, an embed or a component."""
    return RefusedError(400, 50006, "Cannot send an empty message")


def direct_messages_closed() -> RefusedError:
    """Say: the person takes no direct messages from this bot."""
    return RefusedError(403, 50007, "Cannot send messages to this user")


def missing_permissions() -> RefusedError:
    """Say: the bot may not do this."""
    return RefusedError(403, 50013, "Missing Permissions")


def invalid_role() -> RefusedError:
    """Say: nobody can be given this role."""
    return RefusedError(400, 50028, "Invalid Role")


def no_history() -> RefusedError:
    """Say: one cannot reply without reading what was said."""
    return RefusedError(400, 160002, "Cannot reply without permission to read message history")


def token_expired() -> RefusedError:
    """Say: the interaction's token is older than fifteen minutes."""
    return RefusedError(401, 50027, "Invalid Webhook Token")


def not_json() -> RefusedError:
    """Say: the body cannot be read."""
    return RefusedError(400, 50109, "The request body contains invalid JSON.")


class Faults:
    """Collects everything that is wrong with one body, then refuses it in one go (50035 Invalid Form Body)."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def add(self, path: Path, code: str, message: str) -> None:
        """Note one fault at one place."""
        node = self._errors
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def settle(self) -> None:
        """Refuse the body if anything was noted."""
        if self._errors:
            raise RefusedError(400, 50035, "Invalid Form Body", self._errors)

    def mapping(
        self, value: object, path: Path, fields: Collection[str], needed: Collection[str] = ()
    ) -> dict[str, Any]:
        """Read an object that has only these fields.

        Discord passes over many fields it does not know; here they are refused, so that a misspelt one shows.
        """
        if not isinstance(value, Mapping):
            self.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
            return {}
        for name in value:
            if name not in fields:
                self.add((*path, name), "FIELD_UNKNOWN", "There is no such field")
        for name in needed:
            if value.get(name) is None:
                self.add((*path, name), "BASE_TYPE_REQUIRED", "This field is required")
        return dict(value)

    def listing(self, value: object, path: Path, low: int, high: int) -> list[Any]:
        """Read a list of `low` to `high` elements."""
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not low <= len(value) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return list(value)

    def text(self, value: object, path: Path, low: int, high: int) -> str:
        """Read a text of `low` to `high` characters, counted as Discord does: without the blanks around it."""
        if not isinstance(value, str):
            self.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
            return ""
        if low and not value.strip():
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not low <= len(value.strip()) <= high:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")
        return value

    def number(self, value: object, path: Path, low: float, high: float) -> int:
        """Read a whole number between two bounds, both included."""
        if isinstance(value, bool) or not isinstance(value, int):
            self.add(path, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
            return 0
        if not low <= value <= high:
            self.add(path, "NUMBER_TYPE_MAX", f"int value should be between {low} and {high}.")
        return value

    def flag(self, value: object, path: Path) -> bool:
        """Read a boolean."""
        if not isinstance(value, bool):
            self.add(path, "BOOLEAN_TYPE_CONVERT", "Must be either true or false.")
        return bool(value)

    def one_of(self, value: object, path: Path, choices: Collection[object]) -> Any:
        """Read one of a few known values."""
        if value not in choices or isinstance(value, bool):
            self.add(path, "BASE_TYPE_CHOICES", f"Value must be one of {sorted(map(str, choices))}.")
        return value

    def url(self, value: object, path: Path, high: int) -> str:
        """Read a web address."""
        text = self.text(value, path, 1, high)
        if text and not text.startswith(("https://", "http://", "discord://")):
            self.add(path, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")
        return text
