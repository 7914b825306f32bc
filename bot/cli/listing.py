"""`tillbot import stripe` without a file: the products of an account, listed by Stripe's API with the shop's own key."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO, Final

from rich.console import Console

from bot.cli.order_options import office_of
from bot.cli.terminal import fail
from bot.errors import PaymentsRefused, PaymentsUnavailable, WrongAccount

#: The one channel that can be asked without an address.
STRIPE: Final = "stripe"
#: The SDK's name for a key that is none (any more): https://docs.stripe.com/error-handling#authentication-errors
_NO_KEY: Final = "AuthenticationError"


async def listed(config: Path | None, held: BinaryIO, *, account: str, test: bool) -> BinaryIO:
    """List an account's products and prices into a file. Exits, with what to do, where Stripe does not let us."""
    from bot.app.links import listed as list_into

    console = Console(stderr=True)
    async with office_of(config, test=test) as office:
        try:
            with console.status("asking Stripe") if console.is_terminal else nullcontext() as status:

                def progress(count: int) -> None:
                    if status is not None:
                        status.update(f"asking Stripe: {count} products and prices")

                await list_into(office, account, held, progress)
        except LookupError:
            named = ", ".join(name for name in office.settings.account_keys if name)
            fail(
                f"There is no account {account!r}. " + (f"Causes with one: {named}." if named else "No cause has one.")
            )
        except PaymentsRefused as error:
            fail(_refused(office.settings.account_keys[account], error.code))
        except PaymentsUnavailable:
            fail("Stripe cannot be reached. Nothing was read, and nothing is changed; try again.")
        except WrongAccount:
            fail("The key is of the other mode than what Stripe answers: test and live must not mix.")
    held.seek(0)
    return held


def _refused(variable: str, code: str) -> str:
    if code == _NO_KEY:
        return f"Stripe does not know the key in {variable}: set a new one of the dashboard (Developers, API keys)."
    return (
        f"Stripe refused ({code}). A restricted key in {variable} needs to read Products and Prices: "
        "give it both in the dashboard (Developers, API keys), or use another key. Nothing is changed."
    )
