"""The methods of Slack's Web API about channels' members and user groups, each refusing what Slack refuses.

https://docs.slack.dev/reference/methods/conversations.invite, conversations.kick and usergroups.users.update
"""

from collections.abc import Mapping
from typing import Any

from tests.platforms.slack.refusal import Refused
from tests.platforms.slack.workspace import Channel, Group, Json, Workspace


def channel_payload(channel: Channel) -> Json:
    """Return a conversation as Slack describes it."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.direct is None,
        "is_im": channel.direct is not None,
        "is_private": channel.private,
        "is_archived": False,
        "is_member": channel.bot,
    }


def _info(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    return {"channel": channel_payload(_channel(workspace, arguments))}


def _channel(workspace: Workspace, arguments: Mapping[str, Any]) -> Channel:
    """Give a channel; a private one that the app is not in does not exist for it."""
    channel = workspace.channel(str(arguments.get("channel")))
    if channel.private and not channel.bot:
        raise Refused("channel_not_found")
    return channel


def _invite(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    channel = _channel(workspace, arguments)
    if not channel.bot:
        raise Refused("not_in_channel")
    for user in _listed(arguments):
        if user not in workspace.users:
            raise Refused("user_not_found")
        if user in channel.people:
            raise Refused("already_in_channel")
        channel.people.add(user)
    return {"channel": channel_payload(channel)}


def _kick(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    channel = _channel(workspace, arguments)
    user = str(arguments.get("user"))
    if user not in workspace.users:
        raise Refused("user_not_found")
    if not channel.bot or user not in channel.people:
        raise Refused("not_in_channel")
    channel.people.remove(user)
    return {"errors": {}}


def _listed(arguments: Mapping[str, Any]) -> list[str]:
    users = [user for user in str(arguments.get("users") or "").split(",") if user]
    if not users:
        raise Refused("no_users_provided")
    return users


def _group(workspace: Workspace, arguments: Mapping[str, Any]) -> Group:
    group = workspace.groups.get(str(arguments.get("usergroup")))
    if group is None:
        raise Refused("no_such_subteam")
    return group


def group_payload(workspace: Workspace, group: Group, *, users: bool = True) -> Json:
    """Return a user group as Slack describes it."""
    payload: Json = {"id": group.id, "team_id": workspace.team, "date_delete": 1 if group.off else 0}
    return payload | ({"users": list(group.users)} if users else {})


def _groups(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    hidden = str(arguments.get("include_disabled", "0")).lower() not in ("1", "true")
    users = str(arguments.get("include_users", "0")).lower() in ("1", "true")
    shown = [group for group in workspace.groups.values() if not (hidden and group.off)]
    return {"usergroups": [group_payload(workspace, group, users=users) for group in shown]}


def _group_users(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    group = _group(workspace, arguments)
    if group.off:
        raise Refused("no_such_subteam")
    return {"users": list(group.users)}


def _update_users(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    group = _group(workspace, arguments)
    users = _listed(arguments)
    if any(user not in workspace.users for user in users):
        raise Refused("invalid_users")
    if group.off:
        raise Refused("subteam_not_found")
    group.users = users
    return {"usergroup": group_payload(workspace, group)}


def _enable(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    group = _group(workspace, arguments)
    if not group.off:
        raise Refused("already_enabled")
    group.off = False
    return {"usergroup": group_payload(workspace, group)}


def _disable(workspace: Workspace, arguments: Mapping[str, Any]) -> Json:
    group = _group(workspace, arguments)
    if group.off:
        raise Refused("already_disabled")
    group.off = True
    return {"usergroup": group_payload(workspace, group)}


METHODS = {
    "conversations.info": _info,
    "conversations.invite": _invite,
    "conversations.kick": _kick,
    "usergroups.list": _groups,
    "usergroups.users.list": _group_users,
    "usergroups.users.update": _update_users,
    "usergroups.enable": _enable,
    "usergroups.disable": _disable,
}
