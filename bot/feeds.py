"""When each live feed was last fetched, and by what program roughly: never from which address, nor by whom."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.errors import StoreUnavailable
from bot.ports import Store

#: What is remembered under, before the channel's name.
_FETCHED: Final = "feed fetched:"
#: Seconds for which a further fetch of the same feed is not written down: anybody can ask, as often as they like.
_PAUSE: Final = 60.0
#: Characters of a program's name that are kept.
_LONGEST: Final = 32
#: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://…)", and "facebookexternalhit/1.1 (+http://…)":
#: https://www.rfc-editor.org/rfc/rfc9110#name-user-agent
_COMPATIBLE: Final = re.compile(r"compatible;\s*([A-Za-z][A-Za-z_-]*)", re.ASCII)
_PRODUCT: Final = re.compile(r"\s*([A-Za-z][A-Za-z_-]*)", re.ASCII)
_BROWSER: Final = "Mozilla"


@dataclass(frozen=True, slots=True)
class Fetched:
    """The last time that a feed was fetched. `program` is the bare name that it gave itself: "Googlebot"; "" for none."""

    at: datetime
    program: str


def program_of(agent: str) -> str:
    """Give the bare name of the program that a User-Agent names; "a browser" for one, "" where it names none."""
    found = _COMPATIBLE.search(agent) or _PRODUCT.match(agent)
    name = found[1][:_LONGEST] if found else ""
    return "a browser" if name == _BROWSER else name


@dataclass(slots=True)
class Fetches:
    """Remembers the last fetch of each feed over restarts and for all replicas."""

    store: Store
    _noted: dict[str, float] = field(default_factory=dict)

    async def note(self, channel: str, agent: str) -> None:
        """Note that a channel's feed was fetched now, by a program that calls itself so; never in the way of giving it."""
        now = time.monotonic()
        if now - self._noted.get(channel, -_PAUSE) < _PAUSE:
            return
        self._noted[channel] = now
        try:
            async with self.store.unit() as unit:
                said = {"at": unit.now.isoformat(timespec="seconds"), "program": program_of(agent)}
                await unit.facts.put(_FETCHED + channel, json.dumps(said))
        except StoreUnavailable:
            del self._noted[channel]

    async def last(self) -> Mapping[str, Fetched]:
        """Say when each channel's feed was last fetched; one that never was is not in it."""
        async with self.store.reading() as unit:
            kept = await unit.facts.named(_FETCHED)
        said = {name.removeprefix(_FETCHED): json.loads(text) for name, text in kept.items()}
        return {name: Fetched(datetime.fromisoformat(each["at"]), each["program"]) for name, each in said.items()}
