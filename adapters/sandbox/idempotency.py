"""Idempotency keys: one key, one request, one answer (https://docs.stripe.com/api/idempotent_requests)."""

from dataclasses import dataclass, field

from adapters.sandbox.errors import Refusal
from adapters.sandbox.rows import Kept
from adapters.sandbox.storage import Storage

LONGEST = 255
FORGOTTEN_AFTER = 24 * 60 * 60
"""Seconds: keys "can be removed from the system automatically after they're at least 24 hours old"."""


@dataclass
class Keys:
    """The keys of all accounts: those in use right now, and those whose answer is kept."""

    storage: Storage
    _in_use: set[tuple[str, str]] = field(default_factory=set)

    def take(self, account: str, key: str, path: str, fingerprint: str, now: float) -> Kept | None:
        """Begin a request: give the answer kept under its key, or mark the key as in use. Refuses misuse of a key."""
        if len(key) > LONGEST:
            raise Refusal(
                f"Idempotency keys may have up to {LONGEST} characters (yours has {len(key)}).",
                kind="idempotency_error",
            )
        if (account, key) in self._in_use:
            raise Refusal(
                "There is currently another in-progress request using this Idempotent Key (that probably means you"
                f" submitted twice, and the other request is still going through): {key}. Please try again later.",
                status=409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        self.storage.forget_keys(now - FORGOTTEN_AFTER)
        kept = self.storage.kept(account, key)
        if kept is None:
            self._in_use.add((account, key))
            return None
        if kept.path != path:
            raise Refusal(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for"
                f" ('{kept.path}' vs '{path}'). Try using a key other than '{key}' if you meant to execute a different"
                " request.",
                kind="idempotency_error",
            )
        if kept.fingerprint != fingerprint:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters they were first used with."
                f" Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
            )
        return kept

    def release(self, account: str, key: str) -> None:
        """End a request, whether its answer was kept or not."""
        self._in_use.discard((account, key))
