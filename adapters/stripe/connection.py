"""The connection to one Stripe account: requests by the SDK, answers as plain JSON, failures as errors of ours."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cache
from typing import Any, Final

import aiohttp
import stripe
from stripe import AIOHTTPClient, RateLimitError, StripeClient, StripeError, StripeObject

from bot.errors import PaymentsRefused, PaymentsUnavailable, WrongAccount
from bot.tracing import UNTRACED, Tracing

#: The version of Stripe's API that this adapter was written for: https://docs.stripe.com/api/versioning
VERSION: Final = "2026-10-28.endive"
#: The longest page of a list: https://docs.stripe.com/api/pagination
PAGE: Final = 100
#: Seconds after which one request is given up; a person waits for most of them.
_SECONDS: Final = 8.0
#: The SDK's own tries after the first, with our key; a plain 429 it does not try again.
_RETRIES: Final = 1
#: Seconds to wait before asking again after a plain 429, which nobody acted on; up to twice as long, at random.
_PAUSES: Final = (0.2, 0.6)
_LIVE: Final = ("sk_live_", "rk_live_")
#: The answers that are a clear no; any other that is not a clear yes leaves in doubt what became of the request.
_NO: Final = range(400, 500)
#: Two requests with one key at once, and too many requests: no is meant for now only.
_NOT_NOW: Final = frozenset({409, 429})

Body = dict[str, Any]

# The SDK would send telemetry, and leave an id for it in the operator's home folder; and below warnings its log shows
# whole answers, with people's names and addresses in them.
stripe.enable_telemetry = False
logging.getLogger("stripe").setLevel(logging.WARNING)


@cache
def _trusting() -> ssl.SSLContext:
    """Read whom the SDK trusts: once for all accounts, for reading it takes longer than most answers."""
    return ssl.create_default_context(cafile=stripe.ca_bundle_path)


class Connection:
    """One account, by its key. `base` sends the SDK elsewhere than to api.stripe.com. Make it where a loop runs."""

    def __init__(self, *, key: str, base: str = "", tracing: Tracing = UNTRACED) -> None:
        self._tracing: Final = tracing
        self.livemode: Final = key.startswith(_LIVE)
        self._http: Final = AIOHTTPClient(
            timeout=aiohttp.ClientTimeout(total=_SECONDS), connector=aiohttp.TCPConnector(ssl=_trusting())
        )
        #: The methods of the API, to be handed to `ask` and `pages`.
        self.v1: Final = StripeClient(
            key,
            http_client=self._http,
            stripe_version=VERSION,
            max_network_retries=_RETRIES,
            base_addresses={"api": base.rstrip("/")} if base else None,
        ).v1

    async def ask(self, what: str, method: Callable[..., Awaitable[StripeObject]], *given: Any) -> Body:
        """Ask, and give the answer as plain JSON; every failure is one of ours, and `what` says of what."""
        pauses = iter(_PAUSES)
        while True:
            try:
                with self._tracing.span(f"stripe {what}"):
                    return self._checked((await method(*given)).to_dict())
            except RateLimitError as error:
                pause = next(pauses, None)
                if pause is None:
                    raise PaymentsUnavailable(what) from error
                await asyncio.sleep(pause * random.uniform(1, 2))  # noqa: S311 - to spread requests, not to keep a secret
            except StripeError as error:
                raise _meaning(what, error) from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:  # from reading the body, past the SDK's care
                raise PaymentsUnavailable(what) from error

    async def pages(self, listing: Callable[..., Awaitable[StripeObject]], params: Body) -> AsyncIterator[Body]:
        """Go through a list, page by page, in its own order, which is newest first."""
        params = {"limit": PAGE, **params}
        while True:
            page = await self.ask("list", listing, params)
            for body in page["data"]:
                yield self._checked(body)
            if not page["has_more"]:
                return
            params = {**params, "starting_after": page["data"][-1]["id"]}

    async def aclose(self) -> None:
        """Close the SDK's connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped

    def _checked(self, body: Body) -> Body:
        """Refuse an object of the other livemode. Lists, refunds and lines of the balance have none."""
        if body.get("livemode", self.livemode) != self.livemode:
            raise WrongAccount(_mode(self.livemode), _mode(not self.livemode))
        return body


def _meaning(what: str, error: StripeError) -> PaymentsRefused | PaymentsUnavailable:
    """Tell a refusal from doubt. `error.code` may be empty where `error.error.code` is not."""
    status = error.http_status
    if status not in _NO or status in _NOT_NOW:
        return PaymentsUnavailable(what)
    detail = error.error
    code = (detail.code if detail else None) or error.code or type(error).__name__
    return PaymentsRefused(code, error.user_message or "", (detail.param if detail else None) or "")


def _mode(livemode: bool) -> str:
    return "live" if livemode else "test"
