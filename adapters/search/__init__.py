"""Finds products by what people type; typos and accents are forgiven."""

from adapters.search.search import FuzzySearch

__all__ = ["FuzzySearch"]
