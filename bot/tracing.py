"""Spans: which part of the work took how long, for whoever has somewhere to collect them. Nothing personal is in one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol


class Tracing(Protocol):
    """Makes spans. One that is begun inside another is its child."""

    def span(self, name: str, *, parent: str = "", **attributes: str | int) -> AbstractContextManager[object]:
        """Time a block; an exception that leaves it marks it as failed, by its class alone.

        `parent` is what `carried` gave where the work was ordered, in another process perhaps.
        """
        ...

    def carried(self) -> str:
        """Give the running span for who goes on with its work: a W3C `traceparent` (https://www.w3.org/TR/trace-context/)."""
        ...


class Untraced:
    """No tracing: costs nothing, keeps nothing."""

    def span(self, name: str, *, parent: str = "", **attributes: str | int) -> AbstractContextManager[object]:  # noqa: ARG002
        """Do nothing."""
        return _NOTHING

    def carried(self) -> str:
        """Give "", for there is no span."""
        return ""


_NOTHING: Final = nullcontext()
UNTRACED: Final = Untraced()
