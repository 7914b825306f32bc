"""What reconciling finds: one difference between Stripe and our orders, as data that can be said in any language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from bot.money import Money
from bot.orders import State
from bot.words import Tongue

#: What came of it: put right; to be put right, in a dry run; left to a person; nothing wrong, but worth knowing.
Outcome = Literal["mended", "mendable", "person", "information"]
Value = str | int | Money

#: What a difference is remembered under while a person is needed: "differs:unknown_session::cs_1".
OPEN: Final = "differs:"
#: What is said in the reader's language where it is the value of a difference: an order's state, or a pledge's.
_STATES: Final = {state.value: f"state.{state.value}" for state in State} | {
    state: f"reconcile.state_{state}" for state in ("active", "stopping", "ended")
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that Stripe and our orders do not agree on."""

    #: Names its sentences: "reconcile.KIND" says what differs, "reconcile.KIND_todo" what to do.
    kind: str
    outcome: Outcome
    account: str
    order: str = ""  # its number, "" where there is none
    object: str = ""  # Stripe's id
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is known by, so that it is told once."""
        return f"{OPEN}{self.kind}:{self.account}:{self.object or self.order}"

    def says(self, tongue: Tongue) -> str:
        """Say what differs."""
        return tongue.word(f"reconcile.{self.kind}", None, **self._filled(tongue))

    def todo(self, tongue: Tongue) -> str:
        """Say what a person can do; "" where nobody needs to do anything."""
        if self.outcome != "person":
            return ""
        return tongue.word(f"reconcile.{self.kind}_todo", None, **self._filled(tongue))

    def _filled(self, tongue: Tongue) -> Mapping[str, Value]:
        said = {name: value for name, value in self.values.items() if isinstance(value, str) and value in _STATES}
        states = {name: tongue.word(_STATES[value]) for name, value in said.items()}
        own = {"order": self.order, "object": self.object, "account": self.account or "shop"}
        return {**own, **self.values, **states}
