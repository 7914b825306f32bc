"""Form-encoded requests with nested names, `a[b][0][c]=x`, as Stripe's libraries write them."""

import hashlib
import json
import re
from collections.abc import Iterable

from adapters.sandbox.errors import Refusal

Raw = str | dict[str, "Raw"]  # an array is a dict too, by index: only its schema knows which of the two it is

_NAME = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Raw]:
    """Turn pairs into a tree; a name that is both a value and a hash is refused."""
    root: dict[str, Raw] = {}
    for name, value in pairs:
        match = _NAME.match(name)
        if match is None:
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        parts = [match.group(1), *_PART.findall(match.group(2))]
        node = root
        for part in parts[:-1]:
            below = node.setdefault(part or str(len(node)), {})
            if isinstance(below, str):
                raise Refusal(f"Invalid parameter name: {name}", param=name)
            node = below
        last = parts[-1] or str(len(node))
        if isinstance(node.get(last), dict):
            raise Refusal(f"Invalid parameter name: {name}", param=name)
        node[last] = value
    return root


def fingerprint(params: dict[str, Raw]) -> str:
    """Tell whether two requests carry the same parameters, in whatever order they were written."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
