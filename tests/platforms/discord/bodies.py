"""What Discord accepts as a message, a modal, a list of suggestions, and a set of application commands.

The numbers are those of https://discord.com/developers/docs/resources/message,
.../interactions/receiving-and-responding and .../interactions/application-commands.
"""

import re
from typing import Any

from tests.platforms.discord.components import Components
from tests.platforms.discord.refusals import Faults, Path

CONTENT, EMBEDS, EMBED_TOTAL = 2000, 10, 6000
CHOICES = 25
COMMANDS, COMMAND_OPTIONS, COMMAND_TOTAL = 100, 25, 8000
EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 1 << 6, 1 << 2, 1 << 12
LOADING = 1 << 7

STRING, INTEGER, BOOLEAN, NUMBER, SUB_COMMAND = 3, 4, 5, 10, 1
LOCALES = frozenset(
    {
        *(
            "id",
            "da",
            "de",
            "en-GB",
            "en-US",
            "es-ES",
            "es-419",
            "fr",
            "hr",
            "it",
            "lt",
            "hu",
            "nl",
            "no",
            "pl",
            "pt-BR",
        ),
        *("ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"),
    }
)

_MESSAGE = (
    "content",
    "embeds",
    "components",
    "flags",
    "tts",
    "allowed_mentions",
    "attachments",
    "nonce",
    "enforce_nonce",
    "message_reference",
)
# discord.py sends an embed's `flags` back, though one cannot set them.
_EMBED = (
    "type",
    "flags",
    "title",
    "description",
    "url",
    "timestamp",
    "color",
    "footer",
    "image",
    "thumbnail",
    "author",
    "fields",
)
_NAME = re.compile(r"[-_'\w]{1,32}")
_COMMAND = (
    "id",
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "default_member_permissions",
    "dm_permission",
    "nsfw",
    "contexts",
    "integration_types",
)
_OPTION = (
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "required",
    "choices",
    "options",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
    "autocomplete",
)


def message(body: object, path: Path = (), *, flags: int) -> dict[str, Any]:
    """Read a message's body; `flags` is the mask of the message flags allowed there. Refuses with 50035."""
    faults = Faults()
    read = faults.mapping(body, path, _MESSAGE)
    if read.get("content") is not None:
        faults.text(read["content"], (*path, "content"), 0, CONTENT)
    if read.get("embeds") is not None:
        _embeds(faults, read["embeds"], (*path, "embeds"))
    if read.get("components") is not None:
        read["components"] = Components(faults).rows(read["components"], (*path, "components"))
    asked = faults.number(read.get("flags") or 0, (*path, "flags"), 0, 1 << 31)
    if asked & ~flags:
        faults.add((*path, "flags"), "MESSAGE_FLAGS_INVALID", "These flags cannot be set here")
    if read.get("attachments"):
        faults.add((*path, "attachments"), "ATTACHMENTS_UNSUPPORTED", "The stand-in takes no files")
    faults.settle()
    return read


def _embeds(faults: Faults, value: object, path: Path) -> None:
    listed = faults.listing(value, path, 0, EMBEDS)
    total = sum(_embed(faults, raw, (*path, index)) for index, raw in enumerate(listed))
    if total > EMBED_TOTAL:
        faults.add(path, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")


def _embed(faults: Faults, raw: object, path: Path) -> int:
    embed = faults.mapping(raw, path, _EMBED)
    texts = [
        faults.text(embed[name], (*path, name), 0, high)
        for name, high in (("title", 256), ("description", 4096))
        if embed.get(name) is not None
    ]
    if embed.get("url") is not None:
        faults.url(embed["url"], (*path, "url"), 2048)
    if embed.get("color") is not None:
        faults.number(embed["color"], (*path, "color"), 0, 0xFFFFFF)
    for name in ("image", "thumbnail"):
        if embed.get(name) is not None:
            faults.url(faults.mapping(embed[name], (*path, name), ("url",), ("url",)).get("url"), (*path, name), 2048)
    for name, key, high in (("footer", "text", 2048), ("author", "name", 256)):
        if embed.get(name) is not None:
            part = faults.mapping(embed[name], (*path, name), (key, "icon_url", "url"), (key,))
            texts.append(faults.text(part.get(key), (*path, name, key), 1, high))
    for number, entry in enumerate(faults.listing(embed.get("fields", []), (*path, "fields"), 0, 25)):
        place = (*path, "fields", number)
        field = faults.mapping(entry, place, ("name", "value", "inline"), ("name", "value"))
        texts.append(faults.text(field.get("name"), (*place, "name"), 1, 256))
        texts.append(faults.text(field.get("value"), (*place, "value"), 1, 1024))
    return sum(len(text.strip()) for text in texts)


def modal(body: object, path: Path) -> dict[str, Any]:
    """Read a modal. Refuses with 50035."""
    faults = Faults()
    read = faults.mapping(body, path, ("custom_id", "title", "components"), ("custom_id", "title", "components"))
    faults.text(read.get("custom_id"), (*path, "custom_id"), 1, 100)
    faults.text(read.get("title"), (*path, "title"), 1, 45)
    read["components"] = Components(faults).modal(read.get("components", []), (*path, "components"))
    faults.settle()
    return read


def choices(body: object, path: Path, kind: int) -> list[dict[str, Any]]:
    """Read the suggestions for an option of this type. Refuses with 50035."""
    faults = Faults()
    read = faults.mapping(body, path, ("choices",), ("choices",))
    listed = _choices(faults, read.get("choices", []), (*path, "choices"), kind)
    faults.settle()
    return listed


def _choices(faults: Faults, value: object, path: Path, kind: int) -> list[dict[str, Any]]:
    listed = []
    for index, raw in enumerate(faults.listing(value, path, 0, CHOICES)):
        place = (*path, index)
        choice = faults.mapping(raw, place, ("name", "name_localizations", "value"), ("name", "value"))
        faults.text(choice.get("name"), (*place, "name"), 1, 100)
        if kind == STRING:
            faults.text(choice.get("value"), (*place, "value"), 1, 100)
        elif kind == INTEGER:
            faults.number(choice.get("value"), (*place, "value"), -(2**53), 2**53)
        elif isinstance(choice.get("value"), bool) or not isinstance(choice.get("value"), int | float):
            faults.add((*place, "value"), "NUMBER_TYPE_COERCE", "Value is not float.")
        listed.append(choice)
    return listed


def commands(body: object) -> list[dict[str, Any]]:
    """Read the whole set of an application's commands. Refuses with 50035."""
    faults = Faults()
    read = [_command(faults, raw, (index,)) for index, raw in enumerate(faults.listing(body, (), 0, COMMANDS))]
    _names_once(faults, read, ())
    faults.settle()
    return read


def _command(faults: Faults, raw: object, path: Path) -> dict[str, Any]:
    command = faults.mapping(raw, path, _COMMAND, ("name",))
    faults.one_of(command.get("type", 1), (*path, "type"), (1,))
    size = _named(faults, command, path)
    size += _options(faults, command.get("options") or [], (*path, "options"))
    if size > COMMAND_TOTAL:
        faults.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({COMMAND_TOTAL})")
    for name, known in (("contexts", (0, 1, 2)), ("integration_types", (0, 1))):
        for index, value in enumerate(command.get(name) or []):
            faults.one_of(value, (*path, name, index), known)
    return command


def _named(faults: Faults, owner: dict[str, Any], path: Path) -> int:
    sizes = []
    names = {"": owner.get("name"), **(owner.get("name_localizations") or {})}
    for locale, name in names.items():
        place = (*path, "name_localizations", locale) if locale else (*path, "name")
        if locale and locale not in LOCALES:
            faults.add(place, "LOCALE_UNKNOWN", "This is no locale")
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name != name.lower():
            faults.add(place, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")
    texts = {"": owner.get("description"), **(owner.get("description_localizations") or {})}
    for locale, text in texts.items():
        place = (*path, "description_localizations", locale) if locale else (*path, "description")
        if locale and locale not in LOCALES:
            faults.add(place, "LOCALE_UNKNOWN", "This is no locale")
        faults.text(text, place, 1, 100)
    sizes += [max(len(str(name)) for name in names.values()), max(len(str(text)) for text in texts.values())]
    return sum(sizes)


def _names_once(faults: Faults, owners: list[dict[str, Any]], path: Path) -> None:
    for locale in ("", *LOCALES):
        seen: set[str] = set()
        for index, owner in enumerate(owners):
            name = (owner.get("name_localizations") or {}).get(locale) or str(owner.get("name"))
            if name in seen:
                faults.add((*path, index, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", f"{name} is used twice")
            seen.add(name)


def _options(faults: Faults, value: object, path: Path) -> int:
    size, optional, read = 0, False, []
    for index, raw in enumerate(faults.listing(value, path, 0, COMMAND_OPTIONS)):
        place = (*path, index)
        option = faults.mapping(raw, place, _OPTION, ("type", "name", "description"))
        kind = faults.number(option.get("type"), (*place, "type"), 1, 11)
        size += _named(faults, option, place)
        if option.get("required") and optional:
            faults.add(
                place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must be before optional ones"
            )
        optional = optional or (kind > SUB_COMMAND + 1 and not option.get("required"))
        if option.get("autocomplete") and (option.get("choices") or kind not in (STRING, INTEGER, NUMBER)):
            faults.add((*place, "autocomplete"), "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", "Not with choices")
        listed = _choices(faults, option.get("choices") or [], (*place, "choices"), kind)
        size += sum(len(str(choice.get("name"))) + len(str(choice.get("value"))) for choice in listed)
        if option.get("options"):
            size += _options(faults, option["options"], (*place, "options"))
        read.append(option)
    _names_once(faults, read, path)
    return size
