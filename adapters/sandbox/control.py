"""The sandbox's own controls, under /_sandbox, for tests and demonstrations; Stripe has none of them.

Each asks for an account's API key, as the API does, takes form parameters and answers JSON.

    GET    /_sandbox/ledger                         every charge and refund of the account, oldest first
    POST   /_sandbox/subscriptions/{id}/renew       go to the next renewal now; outcome = paid | failed
    POST   /_sandbox/payments/{id}/settle           settle a delayed payment (pi_) or refund (re_) now
    POST   /_sandbox/payments/{id}/refund           refund in the dashboard: amount, or all that is left
    POST   /_sandbox/payments/{id}/dispute          have a payment disputed: reason, amount, inquiry
    POST   /_sandbox/disputes/{id}/decide           outcome = won | lost | disputed (which an inquiry becomes)
    POST   /_sandbox/refunds/{id}/fail              have a refund fail
    POST   /_sandbox/invoices/{id}/retry            try an open invoice again now; outcome = paid | failed
    POST   /_sandbox/subscriptions/{id}/reprice     change in the dashboard what it costs: amount
    POST   /_sandbox/subscriptions/{id}/cancel      end it in the dashboard, at once
    POST   /_sandbox/payouts                        pay out all that is there now
    POST   /_sandbox/fees                           take a fee that belongs to no payment: amount, currency
    POST   /_sandbox/events/{id}/resend             send an event once more
    POST   /_sandbox/faults                         see `adapters.sandbox.faults`: answer, when, count, path, method,
                                                    milliseconds
    DELETE /_sandbox/faults                         no more faults
    POST   /_sandbox/webhooks                       see `adapters.sandbox.webhooks.Mischief`: copies, delay, reorder
                                                    (both in milliseconds), drop; what is not named is as it should be
    POST   /_sandbox/endpoint                       url, secret: where the account's events go from now on
"""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from adapters.sandbox import faults, levers
from adapters.sandbox.api import authenticate, read_params
from adapters.sandbox.disputes import REASONS, Claim
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal
from adapters.sandbox.rows import Body
from adapters.sandbox.schema import Boolean, Choice, Currency, Hash, Integer, Text, Url
from adapters.sandbox.webhooks import Endpoint, Mischief

_RENEW = Hash({"outcome": Choice(("paid", "failed"))})
_MISCHIEF = Hash(dict.fromkeys(("copies", "delay", "reorder", "drop"), Integer()))
_ENDPOINT = Hash({"url": Url(), "secret": Text()}, required=("url", "secret"))
_AMOUNT = Hash({"amount": Integer(1)})
_CLAIM = Hash({"amount": Integer(1), "inquiry": Boolean(), "reason": Choice(REASONS)})
_DECIDE = Hash({"outcome": Choice(("won", "lost", "disputed"))}, required=("outcome",))
_REPRICE = Hash({"amount": Integer(1)}, required=("amount",))
_FEE = Hash({"amount": Integer(1), "currency": Currency()}, required=("amount", "currency"))

Control = Callable[[Engine, str, str, Body], Body]


def _ledger(engine: Engine, account: str, _: str, __: Body) -> Body:
    return {"object": "list", "data": engine.storage.ledger(account)}


def _renew(engine: Engine, account: str, name: str, params: Body) -> Body:
    return engine.renew(account, name, paid=params.get("outcome", "paid") == "paid")


def _settle(engine: Engine, account: str, name: str, _: Body) -> Body:
    engine.settle(account, name)
    return {}


def _refund(engine: Engine, account: str, name: str, params: Body) -> Body:
    return levers.refund(engine, account, name, params.get("amount"))


def _dispute(engine: Engine, account: str, name: str, params: Body) -> Body:
    return levers.dispute(engine, account, name, Claim(**params))


def _decide(engine: Engine, account: str, name: str, params: Body) -> Body:
    return levers.decide(engine, account, name, params["outcome"])


def _fail_refund(engine: Engine, account: str, name: str, _: Body) -> Body:
    return levers.fail_refund(engine, account, name)


def _retry(engine: Engine, account: str, name: str, params: Body) -> Body:
    return levers.retry(engine, account, name, paid=params.get("outcome", "paid") == "paid")


def _reprice(engine: Engine, account: str, name: str, params: Body) -> Body:
    return levers.reprice(engine, account, name, params["amount"])


def _cancel(engine: Engine, account: str, name: str, _: Body) -> Body:
    return levers.cancel(engine, account, name)


def _pay_out(engine: Engine, account: str, _: str, __: Body) -> Body:
    return levers.pay_out(engine, account)


def _take_fee(engine: Engine, account: str, _: str, params: Body) -> Body:
    return levers.take_fee(engine, account, params["amount"], params["currency"])


def _resend(engine: Engine, account: str, name: str, _: Body) -> Body:
    engine.resend(account, name)
    return {}


def _add_fault(engine: Engine, _: str, __: str, params: Body) -> Body:
    engine.faults.add(faults.read(params))
    return {}


def _clear_faults(engine: Engine, _: str, __: str, ___: Body) -> Body:
    engine.faults.clear()
    return {}


def _make_mischief(engine: Engine, _: str, __: str, params: Body) -> Body:
    engine.sender.mischief = Mischief(
        copies=params.get("copies", 1),
        delay=params.get("delay", 0) / 1000,
        reorder=params.get("reorder", 0) / 1000,
        drop=params.get("drop", 0),
    )
    return {}


def _listen(engine: Engine, account: str, _: str, params: Body) -> Body:
    engine.sender.endpoints[account] = Endpoint(params["url"], params["secret"])
    return {}


_CONTROLS: tuple[tuple[str, str, Hash, Control], ...] = (
    ("GET", "/_sandbox/ledger", Hash({}), _ledger),
    ("POST", "/_sandbox/subscriptions/{id}/renew", _RENEW, _renew),
    ("POST", "/_sandbox/payments/{id}/settle", Hash({}), _settle),
    ("POST", "/_sandbox/payments/{id}/refund", _AMOUNT, _refund),
    ("POST", "/_sandbox/payments/{id}/dispute", _CLAIM, _dispute),
    ("POST", "/_sandbox/disputes/{id}/decide", _DECIDE, _decide),
    ("POST", "/_sandbox/refunds/{id}/fail", Hash({}), _fail_refund),
    ("POST", "/_sandbox/invoices/{id}/retry", _RENEW, _retry),
    ("POST", "/_sandbox/subscriptions/{id}/reprice", _REPRICE, _reprice),
    ("POST", "/_sandbox/subscriptions/{id}/cancel", Hash({}), _cancel),
    ("POST", "/_sandbox/payouts", Hash({}), _pay_out),
    ("POST", "/_sandbox/fees", _FEE, _take_fee),
    ("POST", "/_sandbox/events/{id}/resend", Hash({}), _resend),
    ("POST", "/_sandbox/faults", faults.PARAMS, _add_fault),
    ("DELETE", "/_sandbox/faults", Hash({}), _clear_faults),
    ("POST", "/_sandbox/webhooks", _MISCHIEF, _make_mischief),
    ("POST", "/_sandbox/endpoint", _ENDPOINT, _listen),
)


def routes(engine: Engine) -> list[web.RouteDef]:
    """Give the controls as routes."""
    return [web.route(method, path, _handler(engine, accepts, act)) for method, path, accepts, act in _CONTROLS]


def _handler(engine: Engine, accepts: Hash, act: Control) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            account = authenticate(request, engine.accounts)
            params = accepts.read(await read_params(request))
            body, status = act(engine, account, request.match_info.get("id", ""), params), 200
        except Refusal as refusal:
            body, status = refusal.body(), refusal.status
        return web.Response(status=status, text=json.dumps(body), content_type="application/json")

    return handle
