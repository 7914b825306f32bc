"""Interactions over HTTP: what is believed, what is refused, and by which way each answer goes."""

import json
import time
from typing import Any

import pytest
from aiohttp import web

from adapters.discord import DiscordHttp
from adapters.discord.endpoint import MOST_BODY
from bot.chat import Card
from tests.adapters.discord.conftest import Stage
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.platforms.discord import DidNotRespondError, NotVerifiedError, Request

over_http = pytest.mark.parametrize("stage", ["http"], indirect=True)


def answers(stage: Stage) -> list[Request]:
    """Give the first answers so far, in the HTTP response or by REST."""
    return [request for request in stage.platform.requests if request.path.endswith("/callback")]


def command(stage: Stage, **changed: Any) -> dict[str, Any]:
    """Give an interaction as Discord sends it: /buy cap 1, by Ada."""
    options = [{"name": "product", "type": 3, "value": "cap"}, {"name": "quantity", "type": 4, "value": 1}]
    return {
        **stage.platform.ping(),
        "type": 2,
        "data": {"id": "1", "name": "buy", "type": 1, "options": options},
        "channel_id": str(stage.guild.channels[0].id),
        "guild_id": str(stage.guild.id),
        "member": stage.ada.member(permissions=0),
        "locale": "fr",
        "attachment_size_limit": 1,
        **changed,
    }


@over_http
async def test_a_ping_is_answered_and_a_wrong_signature_is_not(stage: Stage) -> None:
    """Discord's own check of the address passes, as it did before any test here began."""
    await stage.platform.endpoint.verify(stage.platform.endpoint.url)
    with pytest.raises(NotVerifiedError):
        await stage.platform.endpoint.verify(stage.platform.endpoint.url.replace("/discord", "/elsewhere"))


@over_http
@pytest.mark.parametrize("signature", ["", "00" * 64, "zz", "00", "é"])
async def test_what_discord_did_not_sign_is_refused(stage: Stage, signature: str) -> None:
    """Without the right signature nothing is even read: 401, and no order."""
    body = json.dumps(command(stage)).encode()
    assert (await stage.platform.endpoint.post(body, signature=signature)).status == 401
    assert stage.shelf.orders == {}


@over_http
async def test_what_was_changed_on_the_way_is_refused(stage: Stage) -> None:
    """A signature holds for its own body and its own timestamp."""
    post = stage.platform.endpoint.post
    body = json.dumps(command(stage)).encode()
    assert (await post(body, signed=body.replace(b"cap", b"mug"))).status == 401
    assert (await post(body, timestamp="")).status == 401
    assert (await post(body, timestamp="now")).status == 401
    assert stage.shelf.orders == {}


@over_http
@pytest.mark.parametrize("seconds", [-301, 301])
async def test_what_was_signed_long_ago_is_refused(stage: Stage, seconds: int) -> None:
    """A request more than five minutes off, which somebody may have kept, is refused."""
    body = json.dumps(command(stage)).encode()
    old = str(int(time.time()) + seconds + (5 if seconds > 0 else 0))
    assert (await stage.platform.endpoint.post(body, timestamp=old)).status == 401
    almost = str(int(time.time()) - 290)
    assert (await stage.platform.endpoint.post(body, timestamp=almost)).status == 202


@over_http
async def test_the_same_request_again_is_refused(stage: Stage) -> None:
    """Whoever repeats a signed request learns nothing and orders nothing."""
    payload = command(stage, data={"id": "1", "name": "hello", "type": 1})
    body = json.dumps(payload).encode()
    first = await stage.platform.endpoint.post(body)
    assert (first.status, first.json["type"]) == (200, 4)
    again = await stage.platform.endpoint.post(body)
    assert (again.status, b"Bonjour" in again.body) == (401, False)


@over_http
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"1", b"null", b"{}", b'{"type": "1"}', b'{"type": true}', b"\xff", b"[" * 100_000]
)
async def test_junk_is_refused(stage: Stage, body: bytes) -> None:
    """What is no interaction gets 400, though it is signed."""
    assert (await stage.platform.endpoint.post(body)).status == 400


@over_http
async def test_too_much_is_refused(stage: Stage) -> None:
    """A body beyond the bound is not read to its end."""
    assert (await stage.platform.endpoint.post(b" " * (MOST_BODY + 1))).status == 413


@over_http
@pytest.mark.parametrize("missing", ["id", "token", "application_id", "member", "version"])
async def test_an_interaction_with_a_hole_is_refused(stage: Stage, missing: str) -> None:
    """An interaction without what it must have gets 400, and nothing is done for it."""
    payload = command(stage)
    del payload[missing]
    assert (await stage.platform.endpoint.post(json.dumps(payload).encode())).status == 400
    assert stage.shelf.orders == {}


@over_http
async def test_an_unknown_type_is_refused(stage: Stage) -> None:
    """An interaction of a type that we do not know gets 400."""
    body = json.dumps(command(stage, type=77)).encode()
    assert (await stage.platform.endpoint.post(body)).status == 400


@over_http
async def test_a_channel_told_in_part_is_enough(stage: Stage) -> None:
    """Discord promises only part of a channel object: a thread with its id and type alone is answered too."""
    payload = command(stage, channel={"id": "5", "type": 11}, data={"id": "1", "name": "hello", "type": 1})
    assert (await stage.platform.endpoint.post(json.dumps(payload).encode())).json["type"] == 4


@over_http
async def test_what_opens_goes_back_in_the_response(stage: Stage) -> None:
    """A card, a form, suggestions and a form's errors are the response itself; nothing is asked of the REST API."""
    await stage.ada.slash("hello")
    await stage.ada.complete("buy", product="mu")
    await stage.ada.slash("buy")
    await stage.ada.fill({"Product": "Cap", "Quantity": "0"})
    assert [(request.method, request.body["type"]) for request in answers(stage)] == [
        ("INLINE", 4),
        ("INLINE", 8),
        ("INLINE", 9),
        ("INLINE", 4),
    ]


@over_http
async def test_what_takes_time_is_accepted_then_deferred_by_rest(stage: Stage) -> None:
    """A step runs once Discord has confirmed the deferral: 202 without a body, the callback, then the answer."""
    answer = await stage.ada.slash("buy", product="cap", quantity=1)
    assert answer.text.startswith("1 × cap")
    await stage.platform.changes.until(lambda: len(answers(stage)) == 2, lambda: f"only {answers(stage)}")
    assert {(request.method, request.status) for request in answers(stage)} == {("INLINE", 202), ("POST", 200)}
    deferral = next(request.body for request in answers(stage) if request.method == "POST")
    assert deferral == {"type": 5, "data": {"flags": 64}}


@over_http
async def test_kept_news_waits_until_discord_knows_of_the_answer(stage: Stage) -> None:
    """What follows an answer in the response is sent again where Discord says that it knows of no answer yet."""
    stage.cards.kept = [Card("Your order was paid")]
    stage.platform.fail("POST", r"^/webhooks/\d+/[^/]+$", status=404, code=10015)
    await stage.ada.slash("hello")
    assert (await stage.ada.sees("Your order was paid")).private


@over_http
async def test_before_it_has_logged_in_only_a_ping_is_answered(stage: Stage) -> None:
    """While Discord is away from us it still finds us; what it sends gets 503."""
    stage.platform.fail("GET", r"^/users/@me$", status=503, times=99)
    door = stage.make_http()
    app = web.Application()
    app.add_routes(door.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await stage.platform.endpoint.verify(f"http://127.0.0.1:{runner.addresses[0][1]}/discord/interactions")
    with pytest.raises(DidNotRespondError, match="503"):
        await stage.ada.slash("hello")
    await runner.cleanup()


@over_http
async def test_news_and_posts_go_by_rest(stage: Stage) -> None:
    """Over HTTP too the answer is edited while its token lives, and a channel is posted to."""
    posted = await stage.door.post(str(stage.guild.channels[1].id), Card("Order T1", private=False), key="staff:T1")
    await stage.door.amend(str(stage.guild.channels[1].id), posted, Card("Order T1, shipped", private=False))
    assert [post.text for post in stage.platform.public_posts()] == ["Order T1, shipped"]


@pytest.mark.parametrize("key", ["", "abc", "zz" * 32, "00" * 31])
def test_a_public_key_that_is_none_is_refused_at_once(key: str) -> None:
    """A key that is not 64 hexadecimal digits stops the adapter before it starts."""
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        DiscordHttp(conversation(Answered(), Shelf()), token="x", public_key=key)
