"""The controls under /_sandbox, for tests that run the sandbox in another process."""

import asyncio
import stat
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe

from adapters.sandbox import Sandbox, serve
from adapters.sandbox.storage import Storage
from tests.adapters.sandbox.buyer import SEPA, Buyer
from tests.adapters.sandbox.conftest import KEY, connected, gift, sale
from tests.adapters.sandbox.endpoint import Taken


async def _ask(base: str, verb: str, address: str, /, *, key: str = KEY, **form: str) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.request(verb, f"{base}/_sandbox/{address}", data=form or None) as response,
    ):
        return response.status, await response.json(content_type=None)


async def test_renew_and_ledger(client: stripe.StripeClient, sandbox: Sandbox, buyer: Buyer) -> None:
    """Renewals can be asked for, paid or declined, and the ledger read."""
    made = await client.v1.checkout.sessions.create_async(gift())
    await buyer.pay(str(made.url))
    name = (await client.v1.checkout.sessions.retrieve_async(made.id)).subscription
    assert (await _ask(sandbox.base, "POST", f"subscriptions/{name}/renew"))[1]["status"] == "active"
    failed = await _ask(sandbox.base, "POST", f"subscriptions/{name}/renew", outcome="failed")
    assert failed[1]["status"] == "past_due"
    _, ledger = await _ask(sandbox.base, "GET", "ledger")
    assert [entry["amount"] for entry in ledger["data"]] == [2500, 2500]


async def test_faults(client: stripe.StripeClient, sandbox: Sandbox) -> None:
    """Faults can be asked for and taken back."""
    assert (await _ask(sandbox.base, "POST", "faults", answer="500", count="9", path="/v1/balance"))[0] == 200
    with pytest.raises(stripe.APIError):
        await client.v1.balance.retrieve_async()
    await _ask(sandbox.base, "DELETE", "faults")
    await client.v1.balance.retrieve_async()
    assert (await _ask(sandbox.base, "POST", "faults", answer="429", when="after"))[0] == 400
    assert (await _ask(sandbox.base, "POST", "faults", answer="500", path="("))[0] == 400


async def test_webhooks(client: stripe.StripeClient, sandbox: Sandbox, taken: Taken) -> None:
    """Mischief with webhooks can be asked for, an event sent again, and another endpoint named."""
    await _ask(sandbox.base, "POST", "webhooks", copies="2")
    made = await client.v1.checkout.sessions.create_async(sale())
    await client.v1.checkout.sessions.expire_async(made.id)
    event, _ = await taken.wait("checkout.session.expired", count=2)
    async with Taken("whsec_moved") as moved:
        await _ask(sandbox.base, "POST", "endpoint", url=moved.url, secret="whsec_moved")
        assert (await _ask(sandbox.base, "POST", f"events/{event['id']}/resend"))[0] == 200
        await moved.wait("checkout.session.expired", count=2)


async def test_settle(tmp_path: Path, buyer: Buyer) -> None:
    """A delayed payment can be settled at once."""
    async with (
        Sandbox(path=tmp_path / "slow.db", accounts={KEY: None}, settle_after=3600) as sandbox,
        connected(sandbox.base, KEY) as client,
    ):
        made = await client.v1.checkout.sessions.create_async(sale())
        await buyer.pay(str(made.url), SEPA)
        done = await client.v1.checkout.sessions.retrieve_async(made.id)
        assert done.payment_status == "unpaid"
        await _ask(sandbox.base, "POST", f"payments/{done.payment_intent}/settle")
        assert (await client.v1.checkout.sessions.retrieve_async(made.id)).payment_status == "paid"


async def test_money_back(client: stripe.StripeClient, sandbox: Sandbox, buyer: Buyer) -> None:
    """Refunds of the dashboard, disputes and what a bank decides, payouts and fees can be asked for."""
    made = await client.v1.checkout.sessions.create_async(sale())
    await buyer.pay(str(made.url))
    payment = (await client.v1.checkout.sessions.retrieve_async(made.id)).payment_intent
    _, refund = await _ask(sandbox.base, "POST", f"payments/{payment}/refund", amount="500")
    assert (refund["amount"], refund["metadata"]) == (500, {})
    assert (await _ask(sandbox.base, "POST", f"refunds/{refund['id']}/fail"))[1]["status"] == "failed"
    assert (await _ask(sandbox.base, "POST", f"refunds/{refund['id']}/fail"))[0] == 400
    assert (await _ask(sandbox.base, "POST", f"payments/{payment}/dispute", reason="whim"))[0] == 400
    claim = {"reason": "duplicate", "amount": "1000", "inquiry": "true"}
    _, dispute = await _ask(sandbox.base, "POST", f"payments/{payment}/dispute", **claim)
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("warning_needs_response", "duplicate", 1000)
    for outcome, status in (("disputed", "needs_response"), ("won", "won")):
        _, dispute = await _ask(sandbox.base, "POST", f"disputes/{dispute['id']}/decide", outcome=outcome)
        assert dispute["status"] == status
    assert (await _ask(sandbox.base, "POST", "fees", amount="100", currency="eur"))[1]["net"] == -100
    _, paid = await _ask(sandbox.base, "POST", "payouts")
    assert [payout["amount"] for payout in paid["data"]] == [2500 - 63 - 1500 - 100]


async def test_subscriptions(client: stripe.StripeClient, sandbox: Sandbox, buyer: Buyer) -> None:
    """A declined renewal can be tried again, a price changed and a subscription cancelled in the dashboard."""
    made = await client.v1.checkout.sessions.create_async(gift())
    await buyer.pay(str(made.url))
    name = (await client.v1.checkout.sessions.retrieve_async(made.id)).subscription
    _, renewed = await _ask(sandbox.base, "POST", f"subscriptions/{name}/renew", outcome="failed")
    invoice = renewed["latest_invoice"]
    _, tried = await _ask(sandbox.base, "POST", f"invoices/{invoice}/retry", outcome="failed")
    assert (tried["status"], tried["attempt_count"]) == ("open", 2)
    assert (await _ask(sandbox.base, "POST", f"invoices/{invoice}/retry"))[1]["status"] == "paid"
    assert (await _ask(sandbox.base, "POST", f"invoices/{invoice}/retry"))[0] == 400
    _, repriced = await _ask(sandbox.base, "POST", f"subscriptions/{name}/reprice", amount="700")
    assert repriced["items"]["data"][0]["price"]["unit_amount"] == 700
    assert (await _ask(sandbox.base, "POST", f"subscriptions/{name}/cancel"))[1]["status"] == "canceled"


async def test_key_wanted(sandbox: Sandbox) -> None:
    """The controls are for those who have a key: a page in a browser could call them too."""
    assert (await _ask(sandbox.base, "GET", "ledger", key="sk_test_nobody"))[0] == 401
    assert (await _ask(sandbox.base, "POST", "subscriptions/sub_none/renew"))[0] == 404
    assert (await _ask(sandbox.base, "POST", "events/evt_none/resend"))[0] == 404


async def test_serve(tmp_path: Path) -> None:
    """The sandbox runs alone, says where, and stops when it is told to."""
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    run = serve(path=tmp_path / "alone.db", accounts={KEY: None}, started=started.set_result)
    task = asyncio.create_task(run)
    base = await started
    assert (await _ask(base, "GET", "ledger"))[1]["data"] == []
    task.cancel()
    assert isinstance((await asyncio.gather(task, return_exceptions=True))[0], asyncio.CancelledError)


def test_its_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else on the machine reads the names that people type into the hosted page."""
    storage = Storage(tmp_path / "private.db")
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    storage.close()
