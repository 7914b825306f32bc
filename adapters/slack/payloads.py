"""What Slack sends, read into one plain form: who said it, where, by which interaction, and how it is answered.

https://docs.slack.dev/interactivity/implementing-slash-commands, https://docs.slack.dev/reference/interaction-payloads
and https://docs.slack.dev/reference/events
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.cards import NUMBERED
from adapters.slack.forms import Errand
from adapters.slack.mrkdwn import addressed, typed
from bot.chat import Answers

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """One interaction. `key` is Slack's own id of it: the same in a repetition, never the same in another."""

    team: str
    user: str
    channel: str
    key: str
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


def command(body: Body, prefix: str) -> tuple[Said, str]:
    """Read a slash command: who, and the text with the command's own name first."""
    said = Said(
        team=body["team_id"],
        user=body["user_id"],
        channel=body["channel_id"],
        key=body["trigger_id"],
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
        user=body["user"]["id"],
        channel=container.get("channel_id", ""),
        key=body["trigger_id"],
        trigger=body["trigger_id"],
        hook=body.get("response_url", ""),
        thread=container.get("thread_ts", ""),
        ephemeral=bool(container.get("is_ephemeral")),
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
        user=body["user"]["id"],
        channel=errand.channel,
        key=f"{view['id']}.{view['hash']}",
        trigger=body["trigger_id"],
        hook=errand.hook,
        thread=errand.thread,
        direct=errand.private,
    )
    return said, errand


def suggesting(body: Body) -> tuple[Said, str, str]:
    """Read block_suggestion: who, the id of the option, and what was typed of it."""
    said = Said(team=_team(body), user=body["user"]["id"], channel="", key="")
    return said, body["action_id"], typed(body["value"])


def heard(body: Body) -> tuple[Said, str] | None:
    """Read an event: a direct message or a mention, with what was typed. None for everything else, ours included."""
    event = body["event"]
    kind = event["type"]
    direct = kind == "message" and event.get("channel_type") == "im"
    if not (direct or kind == "app_mention") or "subtype" in event or "bot_id" in event or "user" not in event:
        return None
    said = Said(
        team=body["team_id"],
        user=event["user"],
        channel=event["channel"],
        key=f"{event['channel']}.{event['ts']}",
        thread=event.get("thread_ts", ""),
        direct=direct,
    )
    return said, addressed(event.get("text") or "")


def _team(body: Body) -> str:
    return str((body.get("team") or body["user"])["id" if body.get("team") else "team_id"])
