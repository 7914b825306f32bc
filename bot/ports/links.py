"""How it is found out whether an address on the web still leads somewhere."""

from __future__ import annotations

from typing import Protocol


class Links(Protocol):
    """Looks at addresses as a visitor would, without reading what is there."""

    async def trouble(self, url: str) -> str:
        """Tell in a few words why an address leads nowhere; "" where something answers.

        Never raises, and ends within half a minute. What answers but will not speak with a program (401, 403, 429, 503) is
        there. An address that is not a public one of the web is not asked, and is trouble.
        """
        ...
