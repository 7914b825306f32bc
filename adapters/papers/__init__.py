"""Papers: what is printed, or handed to somebody as a file."""

from adapters.papers.evidence import pack, page
from adapters.papers.statement import statement_page

__all__ = ["pack", "page", "statement_page"]
