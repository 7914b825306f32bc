"""A web in which a test says which addresses lead nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class FakeLinks:
    """Everything answers but what is listed, with why."""

    broken: dict[str, str] = field(default_factory=dict)
    #: What was looked at, in order.
    looked: list[str] = field(default_factory=list)

    async def trouble(self, url: str) -> str:
        """Tell why an address leads nowhere; "" where something answers."""
        self.looked.append(url)
        return self.broken.get(url, "")
