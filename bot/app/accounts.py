"""The Stripe accounts of a shop: one for itself, and one for each cause that has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.stripe.links import StripeLinks
from adapters.stripe.payments import StripePayments
from adapters.stripe.products import StripeProducts
from bot.errors import BadConfig, Problem
from bot.ports import Payments
from bot.settings import Settings
from bot.tracing import UNTRACED, Tracing
from config.bases import Bases, is_live
from config.secrets import Secrets

#: What keys begin with that may be used on a server (https://docs.stripe.com/keys). The config names the variable, so
#: anything else that the environment holds must not be sent to Stripe as one.
KINDS: Final = ("sk_", "rk_")


class Accounts:
    """Call it with an account's name for its payments. Accounts are added when the config names new ones."""

    def __init__(self, vault: Secrets, bases: Bases, *, sandbox: bool, tracing: Tracing = UNTRACED) -> None:
        """Take keys from `vault`. Without `sandbox`, an address other than Stripe's own is refused for test keys too."""
        self._vault: Final = vault
        self._bases: Final = bases
        self._sandbox: Final = sandbox
        self._tracing: Final = tracing
        self._payments: dict[str, Payments] = {}
        self._webhook_names: Mapping[str, str] = {}

    def __call__(self, account: str) -> Payments:
        """Give the payments of an account. Raises LookupError where the config names no such account any more."""
        return self._payments[account]

    def prepare(self, settings: Settings, *, webhooks: bool = True) -> None:
        """Open the accounts that the settings name. Raises BadConfig, and changes nothing, where a key is missing.

        Without `webhooks`, for who does not serve, their secrets are not asked for.

        An account that is not named any more stays open: its orders in flight still have to be settled.
        """
        keys: dict[str, str] = {}
        problems: list[Problem] = []
        for account, name in settings.account_keys.items():
            try:
                keys[account] = self._key(name)
            except BadConfig as error:
                problems += [problem for problem in error.problems if problem not in problems]
        if webhooks and settings.web.public_url:  # Stripe then sends events; without the secret all are refused
            secrets = [settings.account_webhook_secrets[account] for account in settings.account_keys]
            better = "set it to the signing secret of the webhook endpoint, or take public_url out of the config"
            problems += [
                Problem("environment", 0, name, "is not set, so no payment would ever be heard of", better)
                for name in secrets
                if not self._vault.get(name)
            ]
        if problems:
            raise BadConfig(problems)
        if len({is_live(key) for key in keys.values()}) > 1:
            names = ", ".join(settings.account_keys.values())
            problem = Problem("environment", 0, names, "are live and test keys together", "use all live or all test")
            raise BadConfig([problem])
        for account, key in keys.items():
            if account not in self._payments:
                self._payments[account] = StripePayments(
                    account=account, key=key, base=self._bases.stripe, tracing=self._tracing
                )
        self._webhook_names = {**self._webhook_names, **settings.account_webhook_secrets}

    def links(self, settings: Settings) -> StripeLinks:
        """Give the Payment Links of the shop's own account, to be closed by who asks. Raises BadConfig, as `prepare` does."""
        return StripeLinks(key=self._key(settings.account_keys[""]), base=self._bases.stripe)

    def products(self, settings: Settings, account: str) -> StripeProducts:
        """Give the products of an account, to be closed by who asks. Raises BadConfig, and LookupError for no account."""
        return StripeProducts(key=self._key(settings.account_keys[account]), base=self._bases.stripe)

    def webhook_secrets(self) -> Mapping[str, str]:
        """Give the webhook secret of each account that has one."""
        found = {account: self._vault.get(name) for account, name in self._webhook_names.items()}
        return {account: secret for account, secret in found.items() if secret}

    async def aclose(self) -> None:
        """Close every account's connections."""
        for payments in self._payments.values():
            await payments.aclose()

    def _key(self, name: str) -> str:
        key = self._vault.need(name)
        if not key.startswith(KINDS):
            better = 'write a secret key ("sk_...") or a restricted one ("rk_...")'
            raise BadConfig([Problem("environment", 0, name, "holds no key of Stripe", better)])
        if self._sandbox and is_live(key):
            raise BadConfig([Problem("environment", 0, name, "is a live key", "use a test key, or run without --test")])
        self._bases.guard(name, key)
        if self._bases.stripe and not is_live(key) and not self._sandbox:
            what = "is set, so no order would be real"
            raise BadConfig([Problem("environment", 0, "STRIPE_API_BASE", what, "unset it, or run with --test")])
        return key
