"""What every table of a retirement has in common: no key that is not listed, no value of another type."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the file: no key that is not listed, no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)
