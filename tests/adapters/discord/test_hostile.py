"""Junk, truncated and hostile payloads: whatever arrives, at either door, nothing crashes and nothing is ordered."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adapters.discord.conftest import Stage
from tests.platforms.discord.gateway import GUILD_MEMBERS

Json = Any

NASTY: st.SearchStrategy[Json] = st.sampled_from(
    [None, True, -1, 2**70, 1.5, "", "0", "é\x00", "x" * 5000, "@everyone <@1> `", [], [[]], {}, {"id": {}}, "'; --"]
)
JUNK: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
often = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def commanded() -> Json:
    return {"type": 2, "data": {"id": "1", "name": "hello", "type": 1, "options": []}}


def completing() -> Json:
    option = {"name": "product", "type": 3, "value": "mu", "focused": True}
    return {"type": 4, "data": {"id": "1", "name": "buy", "type": 1, "options": [option]}}


def pressed() -> Json:
    return {"type": 3, "data": {"component_type": 2, "custom_id": "a1|buy.cancel|T1", "id": 2, "values": ["T1"]}}


def submitted() -> Json:
    field = {"type": 18, "id": 1, "component": {"type": 4, "id": 2, "custom_id": "dedication", "value": "hi"}}
    return {"type": 5, "data": {"custom_id": "f|donate.thank|", "components": [field]}}


KINDS = st.sampled_from([commanded, completing, pressed, submitted])


def whole(stage: Stage, kind: Json) -> Json:
    """Give an interaction in the shape that Discord documents."""
    return {
        **stage.platform.ping(),
        **kind,
        "channel": stage.guild.channels[0].wire(),
        "channel_id": str(stage.guild.channels[0].id),
        "guild": stage.guild.partial(),
        "guild_id": str(stage.guild.id),
        "guild_locale": "en-US",
        "member": stage.ada.member(permissions=0),
        "locale": "fr",
        "app_permissions": "0",
        "authorizing_integration_owners": {"0": str(stage.guild.id)},
        "context": 0,
        "attachment_size_limit": 1,
    }


def places(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Give the path of everything in a payload."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, one in inside for found in ((*path, key), *places(one, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn, payload: Json) -> Json:
    """Spoil a payload in one to three places: something else stands there, or nothing."""
    payload = deepcopy(payload)
    for _ in range(draw(st.integers(1, 3))):
        known = places(payload)
        if not known:
            break
        *path, last = draw(st.sampled_from(known))
        owner = payload
        for step in path:
            owner = owner[step]
        if draw(st.booleans()):
            owner[last] = draw(NASTY | JUNK)
        else:
            del owner[last]
    return payload


async def still_well(stage: Stage) -> None:
    """See that the next person is answered, and nothing was ordered."""
    assert (await stage.ben.slash("hello")).text.startswith("Hello")
    assert stage.shelf.orders == {}


@pytest.mark.parametrize("stage", ["http"], indirect=True)
@given(st.data())
@often
async def test_over_http_a_spoiled_interaction_is_answered_or_refused(stage: Stage, data: st.DataObject) -> None:
    """However an interaction is spoiled, it is answered or refused; none is a crash or an order."""
    payload = data.draw(spoiled(whole(stage, data.draw(KINDS)())))
    response = await stage.platform.endpoint.post(json.dumps(payload).encode())
    assert response.status in (200, 202, 400, 401)
    await still_well(stage)


@pytest.mark.parametrize("stage", ["http"], indirect=True)
@given(kind=KINDS, cut=st.floats(0, 0.999), junk=JUNK)
@often
async def test_over_http_what_is_cut_off_or_no_interaction_is_refused(
    stage: Stage, kind: Any, cut: float, junk: Json
) -> None:
    """A truncated interaction, and anything else that is JSON, gets 400."""
    body = json.dumps(whole(stage, kind())).encode()
    assert (await stage.platform.endpoint.post(body[: int(len(body) * cut)])).status == 400
    assert (await stage.platform.endpoint.post(json.dumps(junk).encode())).status == 400
    assert stage.shelf.orders == {}


@given(st.data())
@often
async def test_by_the_gateway_spoiled_events_are_passed_over(stage: Stage, data: st.DataObject) -> None:
    """Events that are spoiled, of every kind that we hear, never end the connection and never make an order."""
    author = stage.ada.wire()
    message = {"id": "9", "type": 0, "channel_id": str(stage.guild.channels[0].id), "author": author, "content": "!hi"}
    message |= {"guild_id": str(stage.guild.id), "member": stage.ada.member(), "timestamp": stage.ada.joined_at}
    message |= {"edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "pinned": False}
    message |= {"mention_roles": [], "attachments": [], "embeds": [], "components": [], "flags": 0}
    identified = stage.platform.gateway.identified
    dispatch = stage.platform.gateway.dispatch
    guild = stage.guild.id
    await dispatch("INTERACTION_CREATE", data.draw(spoiled(whole(stage, data.draw(KINDS)()))), guild=guild)
    await dispatch("INTERACTION_CREATE", data.draw(JUNK), guild=guild)
    await dispatch("MESSAGE_CREATE", data.draw(spoiled(message)), guild=guild)
    await dispatch("GUILD_MEMBER_ADD", data.draw(JUNK), guild=guild, intent=GUILD_MEMBERS)
    await still_well(stage)
    assert stage.platform.gateway.identified == identified
