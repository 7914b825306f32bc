"""Whether places on the web are still there."""

from adapters.links.links import HttpLinks

__all__ = ["HttpLinks"]
