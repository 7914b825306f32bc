"""What the app answered to one delivery, checked as strictly as Slack does."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.platforms.slack.block_kit import OPTION_GROUP, PLAIN_OPTION
from tests.platforms.slack.refusal import AppFault, Refused
from tests.platforms.slack.shapes import Array, Object, String
from tests.platforms.slack.web_api import checked_view, content, push_view, replace_view
from tests.platforms.slack.workspace import Channel, Json, Message, View, Workspace

ACKNOWLEDGEMENT_SECONDS = 3.0  # https://docs.slack.dev/interactivity/handling-user-interaction
ERROR_TEXT = String(3000)
MESSAGE_FIELDS = {
    *{"text", "blocks", "attachments", "response_type", "replace_original", "delete_original"},
    *{"thread_ts", "mrkdwn", "unfurl_links", "unfurl_media", "metadata"},
}
SUGGESTIONS = Object({}, {"options": Array(PLAIN_OPTION, 100, least=0), "option_groups": Array(OPTION_GROUP, 100)})


@dataclass(frozen=True)
class Ack:
    """The answer to one delivery: how long it took in seconds, and what it said."""

    seconds: float
    status: int
    content_type: str
    raw: str

    @property
    def json(self) -> Json:
        """The body as a JSON object, empty where there was none."""
        if not self.raw:
            return {}
        try:
            body = json.loads(self.raw)
        except ValueError as error:
            raise AppFault("dispatch_failed", f"the answer is no JSON: {self.raw[:200]}") from error
        if not isinstance(body, dict):
            raise AppFault("dispatch_failed", "the answer is no JSON object")
        return body

    @property
    def errors(self) -> Mapping[str, str]:
        """The errors beside the fields of a form, by block_id."""
        found: Mapping[str, str] = self.json.get("errors", {}) if self.content_type == "application/json" else {}
        return found


def expect_nothing(ack: Ack) -> None:
    """Check the answer to block_actions, events and view_closed: Slack wants a plain 200 there."""
    if ack.raw:
        raise AppFault("dispatch_failed", f"nothing may be said in this acknowledgement: {ack.raw[:200]}")


def apply_to_command(ack: Ack, workspace: Workspace, user: str, channel: Channel, hook: str) -> None:
    """Show what a slash command was answered with: text or a message, ephemeral unless said otherwise."""
    if not ack.raw:
        return
    body = ack.json if ack.content_type == "application/json" else {"text": ack.raw}
    post_response("acknowledgement", workspace, user, channel, body, hook=hook)


def post_response(
    how: str, workspace: Workspace, user: str, channel: Channel, body: Mapping[str, Any], *, hook: str
) -> None:
    """Post a message given as an acknowledgement or to a response_url."""
    text, blocks = response_content(body)
    everyone = body.get("response_type", "ephemeral") == "in_channel"
    message = Message(
        workspace.timestamp(),
        channel.id,
        workspace.bot_id,
        text,
        workspace.named(blocks),
        seen_by=None if everyone else user,
        thread_ts=body.get("thread_ts"),
    )
    workspace.post(how, message, hook)


def response_content(body: Mapping[str, Any]) -> tuple[str, list[Json]]:
    """Return text and blocks of a response message, refusing fields Slack does not know."""
    unknown = sorted(set(body) - MESSAGE_FIELDS)
    if unknown:
        raise Refused("invalid_arguments", [f"[ERROR] unknown argument: {name}" for name in unknown])
    if body.get("response_type", "ephemeral") not in ("ephemeral", "in_channel"):
        raise Refused("invalid_arguments", ["[ERROR] must be a valid enum value [json-pointer:/response_type]"])
    return content(body)


def apply_to_submission(ack: Ack, workspace: Workspace, view: View) -> None:
    """Do to the modal what the answer to its submission says."""
    stack = workspace.views[view.user]
    if not ack.raw:
        stack.remove(view)
        workspace.tell()
        return
    body = ack.json
    match body.get("response_action"):
        case "errors":
            view.errors = _field_errors(view, body.get("errors"))
        case "clear":
            stack.clear()
        case "update":
            replace_view(workspace, view, checked_view(body.get("view")))
        case "push":
            push_view(workspace, view.user, checked_view(body.get("view")))
        case other:
            raise AppFault("dispatch_failed", f"unknown response_action: {other}")
    workspace.tell()


def _field_errors(view: View, errors: object) -> dict[str, str]:
    if not isinstance(errors, dict) or not errors:
        raise AppFault("dispatch_failed", "errors must name at least one field")
    known = {block["block_id"] for block in view.inputs}
    for block_id, text in errors.items():
        if block_id not in known:
            raise AppFault("dispatch_failed", f"no input block {block_id!r} in this modal")
        for complaint in ERROR_TEXT(text, f"/errors/{block_id}"):
            raise AppFault("dispatch_failed", complaint)
    return errors


def suggested(ack: Ack) -> list[Json]:
    """Return the options the app suggests."""
    body = ack.json
    complaints = list(SUGGESTIONS(body, ""))
    if complaints or not body:
        raise AppFault("dispatch_failed", "; ".join(complaints) or "no options in the answer")
    groups = body.get("option_groups", ())
    return [*body.get("options", ()), *(option for group in groups for option in group["options"])]
