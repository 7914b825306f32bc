"""The methods of Slack's Web API that the app uses, each refusing what Slack refuses."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.platforms.slack import communities
from tests.platforms.slack.block_kit import MESSAGE_BLOCKS, blocks_complaints, home_complaints, view_complaints
from tests.platforms.slack.refusal import Refused
from tests.platforms.slack.workspace import Channel, Json, Message, View, Workspace

Method = Callable[[Workspace, Mapping[str, Any]], Json]

TEXT = 40000  # characters of `text` (https://docs.slack.dev/reference/methods/chat.postMessage)
VIEW_BYTES = 250_000
STACK = 3  # views in a modal (https://docs.slack.dev/reference/methods/views.push)

MESSAGE_ARGUMENTS = {"token", "channel", "text", "blocks", "attachments", "link_names", "parse", "thread_ts"}
POST_ARGUMENTS = {
    *MESSAGE_ARGUMENTS,
    *{"as_user", "icon_emoji", "icon_url", "metadata", "mrkdwn", "reply_broadcast", "unfurl_links", "unfurl_media"},
    *{"username", "client_msg_id"},
}
EVERYWHERE = {"team_id"}  # the SDK sends it with every call once it knows the workspace
ARGUMENTS: dict[str, set[str]] = {
    "auth.test": {"token"},
    "users.info": {"token", "user", "include_locale"},
    "conversations.open": {"token", "users", "channel", "return_im", "prevent_creation"},
    "chat.postMessage": POST_ARGUMENTS,
    "chat.postEphemeral": {*MESSAGE_ARGUMENTS, "user", "as_user", "icon_emoji", "icon_url", "username"},
    "chat.update": {*MESSAGE_ARGUMENTS, "ts", "as_user", "metadata", "reply_broadcast", "file_ids"},
    "chat.delete": {"token", "channel", "ts", "as_user"},
    "views.open": {"token", "trigger_id", "view"},
    "views.push": {"token", "trigger_id", "view"},
    "views.update": {"token", "view", "view_id", "external_id", "hash"},
    "views.publish": {"token", "user_id", "view", "hash"},
    "conversations.info": {"token", "channel", "include_locale", "include_num_members"},
    "conversations.invite": {"token", "channel", "users", "force"},
    "conversations.kick": {"token", "channel", "user"},
    "usergroups.list": {"token", "include_count", "include_disabled", "include_users"},
    "usergroups.enable": {"token", "usergroup", "include_count"},
    "usergroups.disable": {"token", "usergroup", "include_count"},
    "usergroups.users.list": {"token", "usergroup", "include_disabled"},
    "usergroups.users.update": {"token", "usergroup", "users", "include_count", "additional_channels", "is_shared"},
}
#: What each method wants the token to have (https://docs.slack.dev/reference/methods); "" where any will do.
SCOPES: dict[str, str] = {
    "users.info": "users:read",
    "conversations.open": "im:write",
    "conversations.info": "channels:read",
    "conversations.invite": "channels:manage",
    "conversations.kick": "channels:manage",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "usergroups.enable": "usergroups:write",
    "usergroups.disable": "usergroups:write",
    "usergroups.users.update": "usergroups:write",
    **dict.fromkeys(("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete"), "chat:write"),
}


def call(workspace: Workspace, method: str, arguments: Mapping[str, Any]) -> Json:
    """Answer one call of the Web API.

    Raises:
        Refused: with Slack's own error code.
    """
    if method not in METHODS:
        raise Refused("unknown_method")
    if SCOPES.get(method, "") not in {"", *workspace.scopes}:
        raise Refused("missing_scope")
    unknown = sorted(set(arguments) - ARGUMENTS[method] - EVERYWHERE)
    if unknown:
        raise Refused("invalid_arguments", [f"[ERROR] unknown argument: {name}" for name in unknown])
    return {"ok": True, **METHODS[method](workspace, arguments)}


def content(arguments: Mapping[str, Any]) -> tuple[str, list[Json]]:
    """Return the text and blocks of a message, checked."""
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    complaints = list(blocks_complaints(blocks, MESSAGE_BLOCKS))
    if complaints:
        raise Refused("invalid_blocks", complaints)
    if not isinstance(text, str):
        raise Refused("invalid_arguments", ["[ERROR] must provide a string [json-pointer:/text]"])
    if not text and not blocks:
        raise Refused("no_text")
    if len(text) > TEXT:
        raise Refused("msg_too_long")
    return text, blocks


def checked_view(view: object) -> Mapping[str, Any]:
    """Return a modal, checked."""
    complaints = list(view_complaints(view))
    if complaints or not isinstance(view, dict):
        raise Refused("invalid_arguments", complaints)
    if len(str(view).encode()) > VIEW_BYTES:
        raise Refused("view_too_large")
    return view


def _auth_test(workspace: Workspace, _arguments: Mapping[str, Any]) -> Json:
    return {
        "url": "https://till.slack.com/",
        "team": "Till",
        "user": "tillbot",
        "team_id": workspace.team,
        "user_id": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def _users_info(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    user = workspace.users.get(str(arguments.get("user")))
    if user is None:
        raise Refused("user_not_found")
    with_locale = str(arguments.get("include_locale", "0")).lower() in ("1", "true")
    return {"user": {name: value for name, value in user.items() if name != "locale" or with_locale}}


def _conversations_open(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    users = str(arguments.get("users") or "")
    if not users:
        raise Refused("users_list_not_supplied")
    user = workspace.users.get(users)
    if user is None:
        raise Refused("user_not_found")
    if user["deleted"]:
        raise Refused("user_disabled")
    return {"channel": {"id": workspace.open_direct(users).id}}


def _membership(workspace: Workspace, arguments: Mapping[str, Any]) -> Channel:
    channel = workspace.channel(str(arguments.get("channel")))
    if not channel.bot:
        raise Refused("not_in_channel")
    return channel


def _post(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    channel = _membership(workspace, arguments)
    if channel.direct is not None and workspace.users[channel.direct]["deleted"]:
        raise Refused("user_disabled")
    text, blocks = content(arguments)
    thread = arguments.get("thread_ts")
    message = Message(
        workspace.timestamp(), channel.id, workspace.bot_id, text, workspace.named(blocks), thread_ts=thread
    )
    workspace.post("chat.postMessage", message)
    return {"channel": channel.id, "ts": message.ts, "message": message_payload(workspace, message)}


def _post_ephemeral(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    channel = _membership(workspace, arguments)
    user = str(arguments.get("user"))
    if user not in channel.people:
        raise Refused("user_not_in_channel")
    text, blocks = content(arguments)
    message = Message(
        workspace.timestamp(),
        channel.id,
        workspace.bot_id,
        text,
        workspace.named(blocks),
        seen_by=user,
        thread_ts=arguments.get("thread_ts"),
    )
    workspace.post("chat.postEphemeral", message)
    return {"message_ts": message.ts}


def _update(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    message = _own(workspace, arguments, "cant_update_message")
    message.text, blocks = content(arguments)
    message.blocks = workspace.named(blocks)
    message.edits += 1
    workspace.record("chat.update", message)
    return {"channel": message.channel, "ts": message.ts, "text": message.text}


def _delete(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    message = _own(workspace, arguments, "cant_delete_message")
    workspace.channel(message.channel).messages.remove(message)
    workspace.tell()
    return {"channel": message.channel, "ts": message.ts}


def _own(workspace: Workspace, arguments: Mapping[str, Any], error: str) -> Message:
    message = workspace.find(str(arguments.get("channel")), arguments.get("ts"))
    if message.author != workspace.bot_id:
        raise Refused(error)
    return message


def _views_open(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    view = checked_view(arguments.get("view"))
    trigger = workspace.take_trigger(arguments.get("trigger_id"))
    opened = workspace.view(trigger.user, view, hook=trigger.hook)
    workspace.views[trigger.user] = [opened]
    workspace.tell()
    return {"view": view_payload(opened)}


def _views_push(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    view = checked_view(arguments.get("view"))
    user = workspace.take_trigger(arguments.get("trigger_id")).user
    return {"view": view_payload(push_view(workspace, user, view))}


def push_view(workspace: Workspace, user: str, body: Mapping[str, Any]) -> View:
    """Put a view on top of the ones a person has open."""
    stack = workspace.views.setdefault(user, [])
    if not stack:
        raise Refused("not_found")
    if len(stack) >= STACK:
        raise Refused("push_limit_reached")
    stack.append(workspace.view(user, body, previous=stack[-1]))
    workspace.tell()
    return stack[-1]


def _views_update(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    body = checked_view(arguments.get("view"))
    wanted = arguments.get("view_id")
    for stack in workspace.views.values():
        for view in stack:
            if view.body["id"] == wanted:
                if arguments.get("hash") not in (None, view.body["hash"]):
                    raise Refused("hash_conflict")
                replace_view(workspace, view, body)
                return {"view": view_payload(view)}
    raise Refused("not_found")


def replace_view(workspace: Workspace, view: View, body: Mapping[str, Any]) -> None:
    """Draw a view anew in its place: its id stays, what was typed and the errors go."""
    kept = {name: view.body[name] for name in ("id", "root_view_id", "previous_view_id")}
    view.body = {**workspace.view(view.user, body).body, **kept}
    view.typed, view.errors = {}, {}
    workspace.tell()


def publish(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    """Show a person their App Home."""
    view = arguments.get("view")
    complaints = list(home_complaints(view))
    if complaints or not isinstance(view, dict):
        raise Refused("invalid_arguments", complaints)
    if len(str(view).encode()) > VIEW_BYTES:
        raise Refused("view_too_large")
    user = str(arguments.get("user_id"))
    if user not in workspace.users:
        raise Refused("invalid_arguments", ["[ERROR] no such user [json-pointer:/user_id]"])
    shown = workspace.view(user, view)
    workspace.homes[user] = shown
    workspace.tell()
    return {"view": view_payload(shown)}


def view_payload(view: View) -> Json:
    """Return a view as Slack describes it to the app, without what was typed."""
    return {**view.body, "state": {"values": {}}}


def message_payload(workspace: Workspace, message: Message) -> Json:
    """Return a message of the app as Slack describes it."""
    payload: Json = {
        "type": "message",
        "user": workspace.bot_user,
        "bot_id": workspace.bot_id,
        "app_id": workspace.app_id,
        "team": workspace.team,
        "ts": message.ts,
        "text": message.text,
        "blocks": message.blocks,
    }
    return payload | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


METHODS: dict[str, Method] = {
    "auth.test": _auth_test,
    "users.info": _users_info,
    "conversations.open": _conversations_open,
    "chat.postMessage": _post,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "views.open": _views_open,
    "views.push": _views_push,
    "views.update": _views_update,
    "views.publish": publish,
    **communities.METHODS,
}
