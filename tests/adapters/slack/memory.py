"""The port `Memory` in a dictionary."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Remembered:
    """What adapters remember, for the tests to look at."""

    kept: dict[str, str] = field(default_factory=dict)

    async def get(self, name: str) -> str | None:
        """Give what is remembered under a name."""
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        """Remember something."""
        self.kept[name] = value

    async def take(self, name: str) -> str | None:
        """Give what is remembered, and forget it."""
        return self.kept.pop(name, None)

    async def named(self, prefix: str) -> Mapping[str, str]:
        """Give everything whose name begins so."""
        return {name: value for name, value in self.kept.items() if name.startswith(prefix)}
