"""What an adapter must remember over a restart, in the shop's database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Memory(Protocol):
    """Small things by name ("slack:install:T1"). Secrets are encrypted before they come here. Raises StoreUnavailable."""

    async def get(self, name: str) -> str | None:
        """Give what is remembered under a name."""
        ...

    async def put(self, name: str, value: str) -> None:
        """Remember something, new or changed."""
        ...

    async def take(self, name: str) -> str | None:
        """Give what is remembered, and forget it: of two that ask at the same time one gets it."""
        ...

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give everything whose name begins so."""
        ...
