"""What was found wrong, by key; turned from pydantic's words into the operator's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from config.leaks import masked, names_base, names_secret
from config.lines import Path
from config.schema import ShopFile
from config.wrong import did_you_mean, kind, nearest, show

#: Tables whose children are named by the operator, and are said so: product "mug".
_NAMED: Final = frozenset({"product", "variant", "cause", "coupon"})
_MANY_TABLES: Final = frozenset({"shipping", "alternative", "brownouts"})
_SINGLE: Final = ("shop", "seller", "limits", "stripe", "web")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a key. One that `depends` may only follow from another error."""

    path: Path
    what: str
    instead: str = ""
    depends: bool = False
    #: Of an unknown key: the one that was probably meant.
    meant: Path = ()


def label(path: Path) -> str:
    """Name a key as people say it: 'product "mug", price', 'shop.currency', 'shipping 2, name'."""
    parts: list[str] = []
    names = list(path)
    plain: list[str] = []
    while names:
        name = names.pop(0)
        if isinstance(name, int):
            before = ".".join(plain) or parts.pop()
            plain = []
            parts.append(f"{before} {name + 1}")
        elif name in _NAMED and names and isinstance(names[0], str):
            parts.extend(_joined(plain))
            plain = []
            parts.append(f"{name} {show(names.pop(0))}")
        else:
            plain.append(masked(name) if re.fullmatch(r"[A-Za-z0-9_-]+", name) else show(name))
    return ", ".join([*parts, *_joined(plain)])


def _joined(plain: list[str]) -> list[str]:
    return [".".join(plain)] if plain else []


def findings(errors: Iterable[ErrorDetails]) -> Iterator[Finding]:
    """Turn pydantic's errors into findings."""
    for error in errors:
        path = tuple(part for part in error["loc"] if part != "[key]")
        what, instead = _said(error, path)
        meant = nearest(str(path[-1]), fields(path[:-1])) if error["type"] == "extra_forbidden" else None
        yield Finding(
            path,
            what,
            instead,
            depends=error["type"] in {"missing", "depends"},
            meant=(*path[:-1], meant) if meant else (),
        )


def _said(error: ErrorDetails, path: Path) -> tuple[str, str]:
    context: dict[str, Any] = error.get("ctx") or {}
    value = error["input"]
    if of_type := _ABOUT_TYPE.get(error["type"]):
        return f"is {kind(value)}", of_type(value, path)
    if of_size := _ABOUT_SIZE.get(error["type"]):
        what, instead, bound = of_size
        return what(value), f"write {instead} {context.get(bound, '')}".rstrip()
    match error["type"]:
        case "wrong" | "depends":
            return str(context["what"]), str(context["instead"])
        case "missing":
            return "is missing", f"write {_example(path)}"
        case "extra_forbidden":
            return _unknown(path)
        case "literal_error":
            return f"{show(value)} is none of its values", did_you_mean(str(value), _quoted(str(context["expected"])))
        case _:
            return masked(error["msg"]), ""


def _quoted(expected: str) -> list[str]:
    return re.findall(r"'([^']*)'", expected)


def _plain(value: Any) -> str:
    """Write a value that should have been a text as one."""
    return show(str(value).lower() if isinstance(value, bool) else str(value))


def _text(value: Any, _: Path) -> str:
    return f"write it in quotes: {_plain(value)}" if not isinstance(value, dict | list) else "write a text in quotes"


def _whole(value: Any, _: Path) -> str:
    number = value.strip() if isinstance(value, str) else ""
    return f"write it without quotes: {number}" if number.isdecimal() else "write a whole number, such as 10"


def _flag(value: Any, _: Path) -> str:
    meant = value.strip().lower() if isinstance(value, str) else ""
    return f"write it without quotes: {meant}" if meant in {"true", "false"} else "write true or false"


def _list(value: Any, path: Path) -> str:
    if path[-1] in _MANY_TABLES:
        return f"write [[{_table(path)}]], in double brackets"
    return 'write a list: ["…"]' if isinstance(value, dict) else f"write it in brackets: [{_plain(value)}]"


def _tables(value: Any, path: Path) -> str:
    if len(path) == 1 and path[0] in _NAMED:
        return f"write a table for each: [{path[0]}.{'WELCOME10' if path[0] == 'coupon' else 'name'}]"
    return f"write a table: [{_table(path)}]" if not isinstance(value, list) else "write one table, in single brackets"


def _table(path: Path) -> str:
    return ".".join(masked(part) for part in path if isinstance(part, str))


_ABOUT_TYPE: Final = {
    "string_type": _text,
    "int_type": _whole,
    "int_from_float": _whole,
    "bool_type": _flag,
    "list_type": _list,
    "dict_type": _tables,
    "model_type": _tables,
}

#: What is wrong with a size, what would be right, and the name that pydantic gives the bound.
_ABOUT_SIZE: Final[dict[str, tuple[Callable[[Any], str], str, str]]] = {
    "greater_than_equal": (lambda value: f"{show(value)} is too small", "at least", "ge"),
    "less_than_equal": (lambda value: f"{show(value)} is too big", "at most", "le"),
    "string_too_long": (lambda value: f"has {len(value)} characters", "at most", "max_length"),
    "too_short": (lambda _: "is empty", "at least", "min_length"),
    "too_long": (lambda value: f"has {len(value)} entries", "at most", "max_length"),
    "string_pattern_mismatch": (lambda value: f"{show(value)} does not fit", "a-z, 0-9, - and _ only", ""),
}

_EXAMPLES: Final = {
    "kind": 'kind = "role", "channel" or "usergroup"',
    "name": 'name = "…"',
    "currency": 'currency = "EUR"',
    "zone": 'zone = "Europe/Paris"',
    "price": 'price = "12.50"',
    "countries": 'countries = ["FR", "DE"]',
    "url": 'url = "https://shop.example/"',
    "recipient": 'recipient = "…": the legal name of who gets the money',
    "announced": "announced = 2030-01-01T00:00:00+01:00",
    "closes": "closes = 2030-01-31T00:00:00+01:00",
    "platform": 'platform = "slack" or "discord"',
    "reason": 'reason.en = "…"',
    "target": 'target = "…": the id on the platform',
}


def _example(path: Path) -> str:
    if len(path) == 1:
        return f"a table [{path[0]}]"
    return _EXAMPLES.get(str(path[-1]), f"{path[-1]} = …")


def _unknown(path: Path) -> tuple[str, str]:
    key = str(path[-1])
    if path[:-1] == ("retirement",):
        if key == "donate":
            return "giving is never closed by a retirement", "take it out; Donate goes on when Buy ends"
        name = masked(key)
        better = f"write [retirement.buy], [retirement.product.{name}] or [retirement.campaign.{name}]"
        return "is no feature that can be retired", better
    if names_base(key):
        return "the address of an API never stands in this file", (
            "take it out: it comes only from the environment (STRIPE_API_BASE, SLACK_API_BASE, DISCORD_API_BASE)"
        )
    if names_secret(key) and nearest(key, fields(path[:-1])) is None:
        return "a secret never stands in this file", "take it out and set it in the environment, as in .env.example"
    known = fields(path[:-1])
    home = next((table for table in _SINGLE if key in fields((table,))), None)
    if home is not None and nearest(key, known, alike=0.8) is None:
        return "unknown key", f"it belongs in [{home}]"
    return "unknown key", did_you_mean(key, known)


def fields(path: Path) -> tuple[str, ...]:
    """Give the keys that a table may have; none where the path leads to no table of fixed keys."""
    model: Any = ShopFile
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = next((each for name, each in model.model_fields.items() if (each.alias or name) == part), None)
            model = _model(field.annotation) if field is not None else None
        elif get_origin(model) in {dict, list}:
            model = _model(get_args(model)[-1])
        else:
            return ()
    return _keys(model) if isinstance(model, type) and issubclass(model, BaseModel) else ()


@cache
def _keys(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _model(annotation: Any) -> Any:
    """Take `| None` and `Annotated` off a type."""
    if get_origin(annotation) in {dict, list} or isinstance(annotation, type):
        return annotation
    inner = [_model(part) for part in get_args(annotation) if part is not type(None)]
    return inner[0] if inner else annotation
