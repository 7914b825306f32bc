"""The payloads Slack sends to an app, in the shapes it documents.

https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/apis/events-api
"""

import re
import time
from typing import Any

from tests.platforms.slack.block_kit import elements_of
from tests.platforms.slack.reading import escape
from tests.platforms.slack.web_api import message_payload, view_payload
from tests.platforms.slack.workspace import Channel, Json, Message, View, Workspace

TOKEN = "deprecated-verification-token"


def slash_command(
    workspace: Workspace, user: str, channel: Channel, *, command: str, text: str, response_url: str
) -> dict[str, str]:
    """Return the form fields of a slash command."""
    return {
        "token": TOKEN,
        "team_id": workspace.team,
        "team_domain": "till",
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": user,
        "user_name": workspace.users[user]["name"],
        "command": command,
        "text": _with_ids(workspace, user, escape(text)) if command in workspace.escaped else escape(text),
        "api_app_id": workspace.app_id,
        "is_enterprise_install": str(workspace.org_wide).lower(),
        "response_url": response_url,
        "trigger_id": workspace.new_trigger(user, response_url),
        **({"enterprise_id": workspace.enterprise, "enterprise_name": "Org"} if workspace.enterprise else {}),
    }


def _with_ids(workspace: Workspace, user: str, text: str) -> str:
    """Write channels and people that are named in a slash command's text as `<#C1|general>` and `<@U1|ann>`.

    Of channels only those that who types can see; what names nothing stays as it was typed.
    """
    channels = {
        channel.name: f"<#{channel.id}|{channel.name}>"
        for channel in workspace.channels.values()
        if channel.direct is None and (user in channel.people or not channel.private)
    }
    people = {member["name"]: f"<@{member['id']}|{member['name']}>" for member in workspace.users.values()}

    def marked(found: re.Match[str]) -> str:
        return (channels if found[1] == "#" else people).get(found[2], found[0])

    return re.sub(r"(?<!\S)([#@])([\w.-]+)", marked, text)


def _interaction(workspace: Workspace, user: str, kind: str) -> Json:
    name = workspace.users[user]["name"]
    return {
        "type": kind,
        "team": None if workspace.org_wide else {"id": workspace.team, "domain": "till"},
        "user": {"id": user, "username": name, "name": name, "team_id": workspace.team},
        "api_app_id": workspace.app_id,
        "token": TOKEN,
        "enterprise": {"id": workspace.enterprise, "name": "Org"} if workspace.enterprise else None,
        "is_enterprise_install": workspace.org_wide,
    }


def message_action(workspace: Workspace, user: str, message: Message, action: Json, response_url: str) -> Json:
    """Return `block_actions` for an element of a message; an ephemeral message itself is not sent along."""
    channel = workspace.channel(message.channel)
    ephemeral = message.seen_by is not None
    payload = _interaction(workspace, user, "block_actions") | {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "trigger_id": workspace.new_trigger(user, response_url),
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [action],
    }
    return payload if ephemeral else payload | {"message": message_payload(workspace, message)}


def view_action(workspace: Workspace, view: View, action: Json) -> Json:
    """Return `block_actions` for an element of a modal."""
    return _interaction(workspace, view.user, "block_actions") | {
        "container": {"type": "view", "view_id": view.body["id"]},
        "trigger_id": workspace.new_trigger(view.user),
        "view": filled_view(view),
        "actions": [action],
    }


def view_submission(workspace: Workspace, view: View) -> Json:
    """Return `view_submission`, with what was typed under `view.state.values`."""
    return _interaction(workspace, view.user, "view_submission") | {
        "trigger_id": workspace.new_trigger(view.user),
        "view": filled_view(view),
        "response_urls": [],
    }


def view_closed(workspace: Workspace, view: View) -> Json:
    """Return `view_closed`."""
    return _interaction(workspace, view.user, "view_closed") | {"view": filled_view(view), "is_cleared": False}


def block_suggestion(workspace: Workspace, view: View, block: Json, typed: str) -> Json:
    """Return `block_suggestion` for an external select of a modal: it has no trigger_id."""
    return _interaction(workspace, view.user, "block_suggestion") | {
        "container": {"type": "view", "view_id": view.body["id"]},
        "action_id": block["element"]["action_id"],
        "block_id": block["block_id"],
        "value": typed,
        "view": filled_view(view),
    }


def filled_view(view: View) -> Json:
    """Return a view with its state: every input is there, the empty ones as null or an empty list."""
    values: Json = {}
    for block in view.inputs:
        for element in elements_of(block):
            value = view.typed.get(block["block_id"], initial_value(element))
            values.setdefault(block["block_id"], {})[element["action_id"]] = state_of(element["type"], value)
    return view_payload(view) | {"state": {"values": values}}


def initial_value(element: Json) -> Any:
    """Return what stands in a field before anybody touched it."""
    if element["type"] == "checkboxes" or element["type"].startswith("multi_"):
        return element.get("initial_options", [])
    return element.get("initial_option", element.get("initial_value"))


def state_of(kind: str, value: Any) -> Json:
    """Return one entry of `state.values`."""
    if kind == "checkboxes" or kind.startswith("multi_"):
        return {"type": kind, "selected_options": value}
    if kind in ("static_select", "external_select", "radio_buttons"):
        return {"type": kind, "selected_option": value}
    return {"type": kind, "value": value}


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Return the envelope of the Events API around an event."""
    return {
        "token": TOKEN,
        "team_id": workspace.team,
        "api_app_id": workspace.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{workspace.number():08d}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise or None,
                "team_id": workspace.team,
                "user_id": workspace.bot_user,
                "is_bot": True,
                "is_enterprise_install": workspace.org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-eyJldCI6Im1lc3NhZ2UifQ",
    }


def direct_message(workspace: Workspace, user: str, channel: Channel, text: str) -> Json:
    """Return a `message` event of a direct message (message.im)."""
    ts = workspace.timestamp()
    return {
        "type": "message",
        "channel": channel.id,
        "channel_type": "im",
        "user": user,
        "team": workspace.team,
        "text": escape(text),
        "ts": ts,
        "event_ts": ts,
        "client_msg_id": f"00000000-0000-4000-8000-{workspace.number():012d}",
    }


def own_message(workspace: Workspace, message: Message) -> Json:
    """Return the `message` event by which the app hears of what it said in a direct message itself."""
    return message_payload(workspace, message) | {
        "channel": message.channel,
        "channel_type": "im",
        "event_ts": message.ts,
    }


def own_message_changed(workspace: Workspace, message: Message) -> Json:
    """Return the `message_changed` event by which the app hears of its own edit in a direct message."""
    ts = workspace.timestamp()
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": message.channel,
        "channel_type": "im",
        "message": message_payload(workspace, message),
        "ts": ts,
        "event_ts": ts,
    }


def app_home_opened(workspace: Workspace, user: str, channel: Channel, tab: str) -> Json:
    """Return an `app_home_opened` event; the view is there where one was published before."""
    event: Json = {
        "type": "app_home_opened",
        "user": user,
        "channel": channel.id,
        "tab": tab,
        "event_ts": workspace.timestamp(),
    }
    shown = workspace.homes.get(user)
    return event | ({"view": view_payload(shown)} if shown and tab == "home" else {})


def team_join(workspace: Workspace, user: str) -> Json:
    """Return a `team_join` event: somebody has come, or come back, to the workspace."""
    return {
        "type": "team_join",
        "user": {"id": user, "team_id": workspace.team, "name": user.lower(), "deleted": False, "is_bot": False},
        "cache_ts": 1700000000,
        "event_ts": workspace.timestamp(),
    }


def app_mention(workspace: Workspace, user: str, channel: Channel, text: str, thread_ts: str | None = None) -> Json:
    """Return an `app_mention` event; the mention itself comes first in the text."""
    ts = workspace.timestamp()
    event = {
        "type": "app_mention",
        "channel": channel.id,
        "user": user,
        "team": workspace.team,
        "text": f"<@{workspace.bot_user}> {escape(text)}",
        "ts": ts,
        "event_ts": ts,
        "client_msg_id": f"00000000-0000-4000-8000-{workspace.number():012d}",
    }
    return event | ({"thread_ts": thread_ts} if thread_ts else {})
