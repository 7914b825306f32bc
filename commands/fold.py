"""Folds words for comparing: without accents, case or marks."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Fold a text: "Café  Crème" is "cafe creme"."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(mark if mark.isalnum() else " " for mark in spread if not unicodedata.combining(mark))
    return " ".join(kept.split())
