"""What Slack sends, read into one plain form: who said it, where, by which interaction, and how it is answered.

https://docs.slack.dev/interactivity/implementing-slash-commands, https://docs.slack.dev/reference/interaction-payloads
and https://docs.slack.dev/reference/events
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.slack.cards import NUMBERED
from adapters.slack.forms import Errand
from adapters.slack.mrkdwn import addressed, typed
from bot.chat import Answers

Body = Mapping[str, Any]

#: The type of the view, and the name of the tab, of the App Home.
HOME: Final = "home"


@dataclass(frozen=True, slots=True)
class Said:
    """One interaction. `key` is Slack's own id of it: the same in a repetition, never the same in another."""

    #: The workspace whose installation is spoken to: that of the reader, also in channels shared with others.
    team: str
    user: str
    channel: str
    key: str
    #: The Enterprise Grid organisation of the workspace; "" where there is none.
    enterprise: str = ""
    #: Opens a modal, once, within three seconds; "" where Slack gives none.
    trigger: str = ""
    #: Slack's response_url; "" where Slack gives none.
    hook: str = ""
    #: The thread it was said in.
    thread: str = ""
    #: Whether it was said in the direct message with us.
    direct: bool = False
    #: Whether it was pressed in a message that only this person sees.
    ephemeral: bool = False
    #: Whether it was pressed in the App Home, or in a form opened there.
    home: bool = False


def command(body: Body, prefix: str) -> tuple[Said, str]:
    """Read a slash command: who, and the text with the command's own name first."""
    said = Said(
        team=_text(body["team_id"]),
        user=_text(body["user_id"]),
        channel=_text(body["channel_id"]),
        key=_text(body["trigger_id"]),
        enterprise=_text(body.get("enterprise_id") or ""),
        trigger=body["trigger_id"],
        hook=body["response_url"],
    )
    name = body["command"].removeprefix("/").removeprefix(prefix)
    return said, f"{name} {typed(body.get('text') or '')}".strip()


def pressed(body: Body) -> tuple[Said, str, Answers]:
    """Read block_actions: who, the id of the step or command, and the value of the button or the option chosen."""
    action = body["actions"][0]
    container = body["container"]
    said = Said(
        team=_team(body),
        user=_text(body["user"]["id"]),
        channel=container.get("channel_id", ""),
        key=_text(body["trigger_id"]),
        enterprise=_enterprise(body),
        trigger=body["trigger_id"],
        hook=body.get("response_url", ""),
        thread=container.get("thread_ts", ""),
        ephemeral=bool(container.get("is_ephemeral")),
        home=(body.get("view") or {}).get("type") == HOME,
    )
    chosen = action.get("selected_option") or {}
    value = chosen.get("value", action.get("value", ""))
    return said, action["action_id"].partition(NUMBERED)[0], Answers.of(value=value)


def submitted(body: Body) -> tuple[Said, Errand]:
    """Read view_submission: who, and what the modal carried."""
    view = body["view"]
    errand = Errand.unpacked(view["private_metadata"])
    said = Said(
        team=_team(body),
        user=_text(body["user"]["id"]),
        channel=errand.channel,
        key=f"{view['id']}.{view['hash']}",
        enterprise=_enterprise(body),
        trigger=body["trigger_id"],
        hook=errand.hook,
        thread=errand.thread,
        direct=errand.private,
        home=errand.home,
    )
    return said, errand


def suggesting(body: Body) -> tuple[Said, str, str]:
    """Read block_suggestion: who, the id of the option, and what was typed of it."""
    said = Said(team=_team(body), user=_text(body["user"]["id"]), channel="", key="", enterprise=_enterprise(body))
    return said, _text(body["action_id"]), typed(_text(body["value"]))


def heard(body: Body) -> tuple[Said, str] | None:
    """Read an event: a direct message or a mention, with what was typed. None for everything else, ours included."""
    event = body["event"]
    kind = event["type"]
    direct = kind == "message" and event.get("channel_type") == "im"
    if not (direct or kind == "app_mention") or "subtype" in event or "bot_id" in event or "user" not in event:
        return None
    team, enterprise = _addressee(body)
    said = Said(
        team=team,
        user=_text(event["user"]),
        channel=_text(event["channel"]),
        key=f"{event['channel']}.{event['ts']}",
        enterprise=enterprise,
        thread=event.get("thread_ts", ""),
        direct=direct,
    )
    return said, addressed(_text(event.get("text") or ""))


def entered(body: Body) -> Said | None:
    """Read app_home_opened: who looks at their App Home. None for everything else."""
    event = body["event"]
    if event["type"] != "app_home_opened" or event.get("tab", HOME) != HOME:
        return None
    team, enterprise = _addressee(body)
    return Said(
        team=team,
        user=_text(event["user"]),
        channel="",
        key=f"home.{body['event_id']}",
        enterprise=enterprise,
        home=True,
    )


def joined(body: Body) -> Said | None:
    """Read team_join: who has come, or come back, to the workspace. None for everything else.

    https://docs.slack.dev/reference/events/team_join
    """
    event = body["event"]
    if event["type"] != "team_join":
        return None
    team, enterprise = _addressee(body)
    return Said(
        team=team, user=_text(event["user"]["id"]), channel="", key=f"join.{body['event_id']}", enterprise=enterprise
    )


def _addressee(body: Body) -> tuple[str, str]:
    """Give workspace and organisation of the installation that an event is meant for.

    In a channel shared with another workspace the envelope may name that one: the authorization names ours
    (https://docs.slack.dev/apis/events-api#authorizations).
    """
    meant = (body.get("authorizations") or (body,))[0]
    return _text(meant.get("team_id") or body["team_id"]), _text(meant.get("enterprise_id") or "")


def _team(body: Body) -> str:
    """Give the workspace of an interaction; `team` is null where an organisation has installed the app."""
    view = body.get("view") or {}
    team = view.get("app_installed_team_id") or (body.get("team") or {}).get("id") or body["user"].get("team_id")
    return _text(team)


def _enterprise(body: Body) -> str:
    return _text((body.get("enterprise") or {}).get("id") or (body.get("team") or {}).get("enterprise_id") or "")


def _text(value: object) -> str:
    """Take text, and nothing else, for an id. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError("Slack sent something else where text belongs")
    return value
