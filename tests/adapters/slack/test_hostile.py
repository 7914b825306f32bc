"""Junk, truncated and hostile payloads of every kind: the door answers, makes no order, and serves the next person."""

import asyncio
import copy
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.slack.talk import SEEN
from tests.platforms.slack import SlackStandIn, payloads
from tests.platforms.slack.delivery import FORM

Json = dict[str, Any]
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=20),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["' OR 1=1 --", "\x00", "<!channel>", "{{7*7}}", "../../etc", "\ud83d\ude00", "x" * 5000]),
)


def _samples(slack: SlackStandIn) -> dict[str, Json]:
    """Give one payload of every kind, in the documented shape."""
    user, channel = slack.person("U1"), slack.channel("C1")
    workspace = slack.workspace
    url = slack.response_url("commands", "U1", "C1")
    view = workspace.view(
        "U1",
        {
            "type": "modal",
            "callback_id": "buy.place",
            "title": {"type": "plain_text", "text": "Buy"},
            "private_metadata": json.dumps({"value": "", "hook": url, "channel": "C1"}),
            "blocks": [],
        },
    )
    element = {"type": "external_select", "action_id": "buy.product"}
    action = {"type": "button", "action_id": "buy#0", "value": "x", "action_ts": "1.1", "block_id": "b"}
    interaction = payloads.view_submission(workspace, view)
    return {
        "command": dict(payloads.slash_command(workspace, "U1", channel, command="/hello", text="", response_url=url)),
        "view_submission": interaction,
        "view_closed": payloads.view_closed(workspace, view),
        "block_actions": payloads.view_action(workspace, view, action),
        "block_suggestion": payloads.block_suggestion(workspace, view, {"element": element, "block_id": "p"}, "m"),
        "message": payloads.event_callback(
            workspace, payloads.direct_message(workspace, "U1", workspace.open_direct(user.id), "hello")
        ),
        "app_mention": payloads.event_callback(workspace, payloads.app_mention(workspace, "U1", channel, "hello")),
        "app_home_opened": payloads.event_callback(
            workspace, payloads.app_home_opened(workspace, "U1", channel, "home")
        ),
        "app_uninstalled": payloads.event_callback(workspace, {"type": "app_uninstalled"}),
        "tokens_revoked": payloads.event_callback(workspace, {"type": "tokens_revoked", "tokens": {"bot": ["U"]}}),
    }


KINDS = (
    *("command", "view_submission", "view_closed", "block_actions", "block_suggestion"),
    *("message", "app_mention", "app_home_opened", "app_uninstalled", "tokens_revoked"),
)


def _paths(value: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Name every place in a payload."""
    if at:
        yield at
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inside in entries:
        yield from _paths(inside, (*at, key))


def _spoilt(payload: Json, data: st.DataObject) -> Json:
    """Put junk in a place of a payload, or take it out."""
    spoilt = copy.deepcopy(payload)
    path = data.draw(st.sampled_from(list(_paths(payload))))
    inside: Any = spoilt
    for key in path[:-1]:
        inside = inside[key]
    if data.draw(st.booleans()):
        inside[path[-1]] = data.draw(JUNK)
    else:
        del inside[path[-1]]
    return spoilt


def _encoded(kind: str, payload: Json) -> tuple[bytes, str]:
    if kind == "command":
        return urlencode({name: str(value) for name, value in payload.items()}, errors="surrogatepass").encode(), FORM
    if "event" in payload or payload.get("type") == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    return urlencode({"payload": json.dumps(payload)}).encode(), FORM


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_is_wrong_with_a_payload(slack: SlackStandIn, kind: str) -> None:
    """One place of a payload is spoilt or missing, or its end is cut off: it is answered in time, and makes no order."""
    sample = _samples(slack)[kind]
    bodies: list[tuple[bytes, str]] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        body, content_type = _encoded(kind, _spoilt(sample, data))
        cut = data.draw(st.one_of(st.just(len(body)), st.integers(0, len(body))))
        bodies.append((body[:cut], content_type))

    await asyncio.to_thread(draw)
    for body, content_type in bodies:
        ack = await slack.post(body, content_type)
        assert ack.status in (200, 400, 404, 500)
    user = slack.person("U2")
    await user.slash("/hello")
    assert "Hello" in user.screen()
    assert [ctx for ctx in SEEN if ctx.person.user not in ("U1", "")] == []
    assert slack.public_posts() == []


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_in_its_documented_shape(slack: SlackStandIn, kind: str) -> None:
    """Every kind of payload, as Slack documents it, is acknowledged with 200."""
    body, content_type = _encoded(kind, _samples(slack)[kind])
    assert (await slack.post(body, content_type)).status == 200
