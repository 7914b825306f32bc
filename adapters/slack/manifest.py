"""The manifest by which Slack makes the app: its commands, events, scopes and addresses, and nothing more than it needs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from adapters.slack.mrkdwn import cut
from bot.chat import Command
from bot.words import Language

#: Where Slack reaches us: commands, interactivity and events; the page that installs, and the way back to us.
EVENTS_PATH: Final = "/slack/events"
INSTALL_PATH: Final = "/slack/install"
REDIRECT_PATH: Final = "/slack/oauth_redirect"

# https://docs.slack.dev/reference/app-manifest
NAME: Final = 35
DESCRIPTION: Final = 140
BOT_NAME: Final = 80
COMMANDS: Final = 50
COMMAND: Final = 32
COMMAND_DESCRIPTION: Final = 2000
USAGE_HINT: Final = 1000
EVENTS: Final = 100
SCOPES: Final = 255

#: Slash commands of Slack's own, which no app may register (https://slack.com/help/articles/201259356).
TAKEN: Final = frozenset(
    {"/apps", "/archive", "/away", "/active", "/call", "/collapse", "/dm", "/dnd", "/expand", "/feed", "/feedback"}
    | {"/help", "/huddle", "/invite", "/invite_people", "/join", "/keys", "/kick", "/leave", "/me", "/msg", "/mute"}
    | {"/open", "/part", "/pref", "/prefs", "/prefer", "/remind", "/remove", "/rename", "/reply", "/search", "/send"}
    | {"/share", "/shortcuts", "/shrug", "/star", "/status", "/topic", "/unmute", "/who"}
)
#: What the bot hears, and the events that end an installation.
BOT_EVENTS: Final = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.im",
    "team_access_revoked",
    "team_join",
    "tokens_revoked",
)
_BASE_SCOPES: Final = ("app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read")

#: What the display name of a bot may not hold.
_UNNAMEABLE: Final = re.compile(r"[^\w .-]")

Grantable = Literal["role", "channel", "usergroup"]


@dataclass(frozen=True, slots=True)
class Slash:
    """A slash command: its name without prefix, and what it is for."""

    name: str
    summary: str
    hint: str = ""


def slashes(commands: Iterable[Command], language: Language) -> list[Slash]:
    """Name every command in every language, once each."""
    found: dict[str, Slash] = {}
    for command in commands:
        for locale in language.locales():
            name = language.template(f"command.{command.name}", locale)
            hint = " ".join(f"[{language.template(f'option.{option.name}', locale)}]" for option in command.options)
            summary = language.template(f"command.{command.name}.summary", locale)
            found.setdefault(name, Slash(name, summary, hint))
    return list(found.values())


def scopes(
    *, perks: Iterable[Grantable] = (), admin_groups: Iterable[str] = (), own_channels: bool = True
) -> list[str]:
    """Give the scopes of the bot token: the least for what is configured.

    `own_channels`: whether cards or staff news are posted in channels, which `doctor` looks at.
    """
    wanted = set(_BASE_SCOPES)
    kinds = set(perks)
    if own_channels or kinds:
        wanted |= {"channels:read", "groups:read"}
    if "channel" in kinds:
        wanted |= {"channels:manage", "groups:write"}
    if "usergroup" in kinds:
        wanted |= {"usergroups:read", "usergroups:write"}
    if any(group.startswith("S") for group in admin_groups):
        wanted.add("usergroups:read")
    return sorted(wanted)


def manifest(
    prefix: str,
    url: str | None,
    socket: bool,
    *,
    commands: Sequence[Slash],
    bot_scopes: Sequence[str],
    name: str = "Tillbot",
    description: str = "Buy and donate in the chat",
    many: bool = False,
) -> dict[str, Any]:
    """Make the manifest (https://docs.slack.dev/reference/app-manifest).

    `url` is our public address, needed unless `socket` (Socket Mode) is on; with `many`, any workspace may install the app
    through OAuth, which needs the address too. Raises ValueError where it is missing.
    """
    if not url and (many or not socket):
        raise ValueError("without Socket Mode, and for OAuth, the app needs a public address: set [web] public_url")
    base = (url or "").rstrip("/")
    reached = {} if socket else {"request_url": base + EVENTS_PATH}
    interactivity = {"is_enabled": True, **reached}
    if not socket:
        interactivity["message_menu_options_url"] = base + EVENTS_PATH
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {"name": cut(name, NAME), "description": cut(description, DESCRIPTION)},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": _UNNAMEABLE.sub("", name)[:BOT_NAME] or "tillbot", "always_online": True},
            "slash_commands": _commands(prefix, commands, {} if socket else {"url": base + EVENTS_PATH}),
        },
        "oauth_config": {
            "scopes": {"bot": list(bot_scopes)[:SCOPES]},
            **({"redirect_urls": [base + REDIRECT_PATH]} if many else {}),
        },
        "settings": {
            "event_subscriptions": {**reached, "bot_events": list(BOT_EVENTS)},
            "interactivity": interactivity,
            "org_deploy_enabled": many,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": many,
        },
    }


def _commands(prefix: str, commands: Sequence[Slash], reached: dict[str, str]) -> list[dict[str, Any]]:
    """Draw the slash commands; one whose name Slack keeps for itself, or would not take, is left to mentions and messages."""
    drawn: list[dict[str, Any]] = []
    for command in commands:
        name = f"/{prefix}{command.name}".lower()
        if name in TAKEN or len(name) > COMMAND or any(letter.isspace() for letter in name):
            continue
        drawn.append(
            {
                "command": name,
                "description": cut(command.summary, COMMAND_DESCRIPTION),
                "should_escape": True,  # a channel that is named arrives with its id
                **({"usage_hint": cut(command.hint, USAGE_HINT)} if command.hint else {}),
                **reached,
            }
        )
    return drawn[:COMMANDS]
