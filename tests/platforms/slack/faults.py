"""What the app called, and how the stand-in may be told to fail it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.platforms.slack.workspace import Json


@dataclass(frozen=True)
class Call:
    """One call the app made: a method of the Web API or `response_url`, its arguments, and the error if refused."""

    method: str
    arguments: Mapping[str, Any]
    error: str | None = None


@dataclass
class Fault:
    """What the stand-in does to the next calls of a method: answer something else, take its time, or cut the line.

    One that is cut `after` it was done was done all the same.
    """

    method: str
    times: int
    status: int = 200
    body: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: Literal["", "before", "after"] = ""
