"""What a doctor finds: one thing that was tried, whether it is well, and what to do where it is not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried. `says` and `todo` are plain English for the operator, without secrets."""

    subject: str
    well: bool
    says: str
    todo: str = ""
