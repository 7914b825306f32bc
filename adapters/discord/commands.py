"""Commands as Discord lists them: application commands with typed options, named in every language."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from adapters.discord.markdown import cut
from bot.chat import Choice, Command, Option
from bot.words import Tongue

# https://docs.discord.com/developers/interactions/application-commands#application-command-object
MOST_NAME: Final = 32
MOST_DESCRIPTION: Final = 100
MOST_CHOICES: Final = 25
MOST_CHOICE: Final = 100
_NO_NAME: Final = re.compile(r"[^-_'\w]+")

_CHAT_INPUT: Final = 1
_KINDS: Final = {"text": 3, "integer": 4}
#: In servers and in direct messages with the bot, for servers that installed it.
_CONTEXTS: Final = [0, 1]
_INSTALLS: Final = [0]

#: Discord's locales (https://docs.discord.com/developers/reference#locales): it refuses a command named in any other.
_KNOWN: Final = frozenset(
    [
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
        "ro",
        "fi",
        "sv-SE",
        "vi",
        "tr",
        "cs",
        "el",
        "bg",
        "ru",
        "uk",
        "hi",
        "th",
        "zh-CN",
        "ja",
        "zh-TW",
        "ko",
    ]
)
#: Those that are not simply the language's tag.
_LOCALES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("en-US", "en-GB"),
    "es": ("es-ES", "es-419"),
    "pt": ("pt-BR",),
    "sv": ("sv-SE",),
    "zh": ("zh-CN", "zh-TW"),
}

Speak = Callable[[str], Tongue]


def listing(commands: Iterable[Command], locales: Sequence[str], speak: Speak) -> list[dict[str, Any]]:
    """Give the body that registers every command; the shop's own language is the one Discord falls back to."""
    return [_command(command, locales, speak) for command in commands]


def _command(command: Command, locales: Sequence[str], speak: Speak) -> dict[str, Any]:
    return {
        "type": _CHAT_INPUT,
        "name": command.name,
        "contexts": _CONTEXTS,
        "integration_types": _INSTALLS,
        "options": [_option(option, locales, speak) for option in command.options],
        **_words(command.name, f"command.{command.name}", f"command.{command.name}.summary", locales, speak),
    }


def _option(option: Option, locales: Sequence[str], speak: Speak) -> dict[str, Any]:
    return {
        "type": _KINDS[option.kind],
        "name": option.name,
        "required": False,
        "autocomplete": option.suggest is not None,
        **_words(option.name, f"option.{option.name}", f"option.{option.name}.hint", locales, speak),
    }


def _words(name: str, name_key: str, summary_key: str, locales: Sequence[str], speak: Speak) -> dict[str, Any]:
    names, summaries = {}, {}
    for locale in locales:
        for known in filter(_KNOWN.__contains__, _LOCALES.get(locale, (locale,))):
            local = _named(speak(locale).word(name_key))
            if local != name:
                names[known] = local
            summaries[known] = _summary(speak(locale), name_key, summary_key)
    return {
        "description": _summary(speak(""), name_key, summary_key),
        "name_localizations": names,
        "description_localizations": summaries,
    }


def _named(word: str) -> str:
    return _NO_NAME.sub("_", word.casefold()).strip("_")[:MOST_NAME]


def _summary(tongue: Tongue, name_key: str, summary_key: str) -> str:
    """Give the summary, or the name where that says it all and no summary was written."""
    try:
        summary = tongue.word(summary_key)
    except KeyError:
        summary = tongue.word(name_key)
    return cut(summary, MOST_DESCRIPTION)


def differences(known: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what would change if the wanted commands replaced the known ones, whatever Discord has added to these."""
    before = {command["name"]: command for command in known}
    after = {command["name"]: command for command in wanted}
    changes = [f"added /{name}" for name in after if name not in before]
    changes += [f"changed /{name}" for name in after if name in before and not _covers(before[name], after[name])]
    return changes + [f"removed /{name}" for name in before if name not in after]


def _covers(known: Any, wanted: Any) -> bool:
    if not known and not wanted:  # Discord leaves out what is not set
        return True
    if isinstance(wanted, Mapping):
        return isinstance(known, Mapping) and all(_covers(known.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return len(known or ()) == len(wanted) and all(map(_covers, known or (), wanted))
    return bool(known == wanted)


def typed(data: Mapping[str, Any]) -> dict[str, str]:
    """Read the options of a command that was used; what has no value of a kind we asked for is left out."""
    return {
        option["name"]: str(option["value"]).strip()
        for option in _options(data)
        if isinstance(option.get("value"), str | int | float)
    }


def focused(data: Mapping[str, Any]) -> tuple[str, str]:
    """Find the option that is being typed, and what is typed of it; ("", "") where there is none."""
    for option in _options(data):
        if option.get("focused"):
            return option["name"], str(option.get("value", ""))
    return "", ""


def _options(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    listed = data.get("options")
    found = [option for option in listed if isinstance(option, Mapping)] if isinstance(listed, list) else []
    return [option for option in found if isinstance(option.get("name"), str)]


def suggestions(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    """Give the (name, value) pairs to complete with, at most 25; a value too long to come back whole is left out."""
    fitting = [choice for choice in choices if choice.label and 0 < len(choice.value) <= MOST_CHOICE]
    return [(cut(choice.label, MOST_CHOICE), choice.value) for choice in fitting[:MOST_CHOICES]]
