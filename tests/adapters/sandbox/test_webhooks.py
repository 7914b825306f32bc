"""Webhooks: signed, sent until taken, and mischief with them; and the events they carry, listed back."""

import stripe

from adapters.sandbox import Endpoint, Sandbox
from adapters.sandbox.webhooks import Mischief
from tests.adapters.sandbox.buyer import Buyer
from tests.adapters.sandbox.conftest import KEY, OTHER_KEY, SECRET, Time, sale
from tests.adapters.sandbox.endpoint import Taken

EXPIRED = "checkout.session.expired"


async def _expire(client: stripe.StripeClient, count: int = 1) -> list[str]:
    names = []
    for _ in range(count):
        made = await client.v1.checkout.sessions.create_async(sale())
        names.append((await client.v1.checkout.sessions.expire_async(made.id)).id)
    return names


def _sessions(events: list[dict[str, dict[str, dict[str, str]]]]) -> list[str]:
    return [event["data"]["object"]["id"] for event in events]


async def test_sent_again(client: stripe.StripeClient, taken: Taken) -> None:
    """An event that is not taken with 2xx is sent again, signed anew, until it is."""
    taken.answers[:] = [500, 302]
    (name,) = await _expire(client)
    events = await taken.wait(EXPIRED, count=3)
    assert _sessions(events) == [name] * 3
    assert len({str(event["id"]) for event in events}) == 1


async def test_delivery_success(client: stripe.StripeClient, taken: Taken) -> None:
    """Events can be listed by whether everybody who should took them."""
    taken.answers[:] = [500]
    await _expire(client)
    await taken.wait(EXPIRED)
    waiting = await client.v1.events.list_async({"delivery_success": False, "type": EXPIRED})
    assert [event.pending_webhooks for event in waiting.data] in ([], [1])
    await taken.wait(EXPIRED, count=2)
    while (await client.v1.events.list_async({"delivery_success": False})).data:
        continue  # our answer is on its way to the sandbox
    done = await client.v1.events.list_async({"delivery_success": True, "type": EXPIRED})
    assert [event.pending_webhooks for event in done.data] == [0]


async def test_duplicated(client: stripe.StripeClient, sandbox: Sandbox, taken: Taken) -> None:
    """On demand every event is sent more than once."""
    sandbox.disturb(Mischief(copies=3))
    names = await _expire(client)
    assert _sessions(await taken.wait(EXPIRED, count=3)) == names * 3


async def test_reordered(client: stripe.StripeClient, sandbox: Sandbox, taken: Taken) -> None:
    """On demand events are gathered and sent last first."""
    sandbox.disturb(Mischief(reorder=0.5))
    names = await _expire(client, 3)
    assert _sessions(await taken.wait(EXPIRED, count=3)) == names[::-1]


async def test_dropped_and_resent(client: stripe.StripeClient, sandbox: Sandbox, taken: Taken) -> None:
    """A dropped event never comes by itself, counts as undelivered, and comes when it is sent again."""
    sandbox.disturb(Mischief(drop=1))
    dropped, kept = await _expire(client, 2)
    assert _sessions(await taken.wait(EXPIRED)) == [kept]
    listed = await client.v1.events.list_async({"delivery_success": False, "types": [EXPIRED]})
    (missing,) = (event for event in listed.data if event.data.object["id"] == dropped)
    sandbox.resend(KEY, missing.id)
    assert _sessions(await taken.wait(EXPIRED, count=2)) == [kept, dropped]


async def test_delayed(client: stripe.StripeClient, sandbox: Sandbox, taken: Taken, clock: Time) -> None:
    """On demand events come late."""
    sandbox.disturb(Mischief(delay=3600))
    late = await _expire(client)
    sandbox.forgive()
    prompt = await _expire(client)
    assert _sessions(await taken.wait(EXPIRED)) == prompt
    clock.ahead = 3601
    assert _sessions(await taken.wait(EXPIRED, count=2)) == prompt + late


async def test_each_account_its_own(
    client: stripe.StripeClient, stranger: stripe.StripeClient, sandbox: Sandbox, taken: Taken
) -> None:
    """An account's events go to its own endpoint with its own secret, and only there."""
    async with Taken("whsec_charity") as charity:
        sandbox.listen(OTHER_KEY, Endpoint(charity.url, "whsec_charity"))
        (ours,), (theirs,) = await _expire(client), await _expire(stranger)
        assert _sessions(await charity.wait(EXPIRED)) == [theirs]
        assert _sessions(await taken.wait(EXPIRED)) == [ours]
        sandbox.listen(OTHER_KEY, None)
    assert "whsec" not in repr(Endpoint("http://shop.test", SECRET))


async def test_without_endpoint(stranger: stripe.StripeClient) -> None:
    """Where nobody listens, events are kept for listing, and none counts as undelivered."""
    await _expire(stranger)
    assert (await stranger.v1.events.list_async({"delivery_success": False})).data == []
    (event,) = (await stranger.v1.events.list_async({"type": EXPIRED})).data
    assert (event.pending_webhooks, event.api_version) == (0, stripe.api_version)
    assert (await stranger.v1.events.retrieve_async(event.id)).data.object["status"] == "expired"


async def test_events_listed(client: stripe.StripeClient, buyer: Buyer, clock: Time) -> None:
    """Events are listed newest first, by type, group of types and time, after a cursor, for 30 days."""
    made = await client.v1.checkout.sessions.create_async(sale(), {"idempotency_key": "order-1"})
    await buyer.pay(str(made.url))
    await _expire(client)
    every = (await client.v1.events.list_async({"limit": 100})).data
    assert [event.type for event in every] == [
        EXPIRED,
        "checkout.session.completed",
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]
    grouped = await client.v1.events.list_async({"type": "checkout.session.*"})
    assert [event.type for event in grouped.data] == [EXPIRED, "checkout.session.completed"]
    named = await client.v1.events.list_async({"types": ["charge.succeeded", EXPIRED]})
    assert [event.type for event in named.data] == [EXPIRED, "charge.succeeded"]
    older = await client.v1.events.list_async({"starting_after": every[0].id, "limit": 1})
    assert ([event.id for event in older.data], older.has_more) == ([every[1].id], True)
    newer = await client.v1.events.list_async({"ending_before": every[1].id})
    assert [event.id for event in newer.data] == [every[0].id]
    assert (await client.v1.events.list_async({"created": {"gt": every[0].created}})).data == []
    clock.ahead = 31 * 24 * 60 * 60
    assert (await client.v1.events.list_async({"types": ["charge.succeeded"]})).data == []


async def test_who_caused_it(client: stripe.StripeClient) -> None:
    """An event names the request that caused it, and its idempotency key."""
    made = await client.v1.checkout.sessions.create_async(sale())
    ended = await client.v1.checkout.sessions.expire_async(made.id, None, {"idempotency_key": "end-1"})
    (event,) = (await client.v1.events.list_async({"type": EXPIRED})).data
    assert event.request is not None
    assert event.request.idempotency_key == "end-1"
    assert ended.last_response is not None
    assert event.request.id == ended.last_response.headers["Request-Id"]
