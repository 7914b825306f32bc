"""The API over HTTP: keys, versions, parameters, idempotency, faults, and the JSON that comes back."""

import base64
import binascii
import json
import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl

from aiohttp import web

from adapters.sandbox.books import API_VERSION, new_id
from adapters.sandbox.encoding import Raw, fingerprint, nest
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal, broken, rate_limited, unrecognised
from adapters.sandbox.faults import Fault
from adapters.sandbox.routes import Route, find
from adapters.sandbox.rows import Body, Kept

_FORM = "application/x-www-form-urlencoded"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """One request, taken apart."""

    account: str
    path: str
    params: dict[str, Raw]
    key: str | None
    request: str


class Cut(Exception):
    """The connection is to be closed without an answer."""


class Api:
    """Answers everything under /v1."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        name = new_id("req", 14)
        headers = {"Request-Id": name, "Stripe-Version": API_VERSION}
        fault = self._engine.faults.take(request.method, request.path)
        try:
            status, text, more = await self._answer(request, name, fault)
        except Refusal as refusal:
            status, text, more = refusal.status, json.dumps(refusal.body()), refusal.headers
        except Cut:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        except Exception:  # noqa: BLE001  whatever broke in here, to its caller it is a 500, as at Stripe
            _log.exception("sandbox failed method=%s path=%s", request.method, request.path)
            status, text, more = 500, json.dumps(broken().body()), {}
        return web.Response(
            status=status, text=text, headers=headers | more, content_type="application/json", charset="utf-8"
        )

    async def _answer(self, request: web.Request, name: str, fault: Fault | None) -> tuple[int, str, dict[str, str]]:
        before = fault if fault and fault.when == "before" else None
        after = fault if fault and fault.when == "after" else None
        if before and before.answer != "slow":
            await self._befall(before)
        account = authenticate(request, self._engine.accounts)
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise Refusal(f"Invalid Stripe API version: {version}. This sandbox speaks {API_VERSION} only.")
        if "Stripe-Account" in request.headers:
            raise Refusal(
                "The provided key does not have access to that account (or that account does not exist).",
                status=403,
                code="account_invalid",
            )
        found = find(request.method, request.rel_url.raw_path)
        if found is None:
            raise unrecognised(request.method, request.path)
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        call = Call(account, request.rel_url.raw_path, await read_params(request), key, name)
        status, text, headers = await self._once(call, *found, before, after)
        if after:
            await self._befall(after)
        return status, text, headers

    async def _once(
        self, call: Call, route: Route, name: str, before: Fault | None, after: Fault | None
    ) -> tuple[int, str, dict[str, str]]:
        """Act, or give again what was answered under the same idempotency key."""
        if call.key is None:
            if before:
                await self._befall(before)
            status, text = self._act(call, route, name, after)
            return status, text, {}
        with self._engine.storage.unit():
            kept = self._engine.keys.take(
                call.account, call.key, call.path, fingerprint(call.params), self._engine.now()
            )
        headers = {"Idempotency-Key": call.key, "Original-Request": kept.request if kept else call.request}
        if kept:
            return kept.status, kept.body, headers | {"Idempotent-Replayed": "true"}
        try:
            if before:
                await self._befall(before)
            status, text = self._act(call, route, name, after)
        finally:
            self._engine.keys.release(call.account, call.key)
        return status, text, headers | ({"Stripe-Should-Retry": "false"} if status >= 500 else {})  # noqa: PLR2004

    def _act(self, call: Call, route: Route, name: str, after: Fault | None) -> tuple[int, str]:
        """Act in one transaction, in which the answer is kept too."""
        params = route.accepts.read(call.params)  # what fails here never began, and is not kept
        request: Body = {"id": call.request, "idempotency_key": call.key}
        try:
            with self._engine.books(call.account, request) as books:
                status, text = 200, json.dumps(route.answer(books, params, name))
                if after and after.answer == "500":
                    status, text = 500, json.dumps(broken().body())
                self._keep(call, status, text)
        except Refusal as refusal:
            status, text = refusal.status, json.dumps(refusal.body())
            with self._engine.storage.unit():
                self._keep(call, status, text)
        return status, text

    def _keep(self, call: Call, status: int, text: str) -> None:
        if call.key is not None:
            kept = Kept(call.path, fingerprint(call.params), call.request, status, text)
            self._engine.storage.keep(call.account, call.key, kept, self._engine.now())

    async def _befall(self, fault: Fault) -> None:
        match fault.answer:
            case "429":
                raise rate_limited()
            case "500" if fault.when == "before":
                raise broken()
            case "close":
                raise Cut
            case "hang":
                await self._engine.faults.hold(fault.seconds)
                raise Cut
            case "slow":
                await self._engine.faults.hold(fault.seconds)
            case _:
                return


def authenticate(request: web.Request, accounts: dict[str, str]) -> str:
    """Give the account that a request's key belongs to, or refuse the key."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key or scheme.lower() not in {"bearer", "basic"}:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer"
            " auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for"
            " details, or we can help at https://support.stripe.com/.",
            status=401,
        )
    if key not in accounts:
        raise Refusal(f"Invalid API Key provided: {'*' * 8}{key[-4:]}", status=401)
    return accounts[key]


async def read_params(request: web.Request) -> dict[str, Raw]:
    """Give a request's parameters, from the address and, for POST, from the form."""
    pairs = parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True)
    if request.method == "POST":
        body = await request.text()
        if body and request.content_type != _FORM:
            raise Refusal(
                f"Invalid request (check that your POST content type is {_FORM})."
                " If you have any questions, we can help at https://support.stripe.com/."
            )
        pairs += parse_qsl(body, keep_blank_values=True)
    return nest(pairs)
