"""Papers: what is printed, or handed to somebody as a file."""

from adapters.papers.evidence import pack, page

__all__ = ["pack", "page"]
