"""What an endpoint's parameters must look like, and the refusals for those that do not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from adapters.sandbox.currencies import CURRENCIES
from adapters.sandbox.encoding import Raw
from adapters.sandbox.errors import Refusal, missing, unknown

MAX_INTEGER = 2**63 - 1


class Kind(Protocol):
    """The shape of one parameter."""

    def read(self, raw: Raw, param: str) -> Any:
        """Give the value that `raw` writes, or raise Refusal naming `param`."""


def _text(raw: Raw, param: str, noun: str = "string") -> str:
    if not isinstance(raw, str):
        raise Refusal(f"Invalid {noun}: {raw}", param=param)
    if not raw:
        raise Refusal(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a parameter;"
            f" however '{param}' cannot be unset. You should remove '{param}' from your request"
            " or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=param,
        )
    return raw


@dataclass(frozen=True)
class Text:
    """A string of at most `longest` characters."""

    longest: int = 5000

    def read(self, raw: Raw, param: str) -> str:
        """Give the string."""
        text = _text(raw, param)
        if len(text) > self.longest:
            raise Refusal(
                f"Invalid string: {text[:10]}...{text[-10:]}; must be at most {self.longest} characters", param=param
            )
        return text


@dataclass(frozen=True)
class Emptied:
    """A parameter that an empty string unsets."""

    kind: Kind

    def read(self, raw: Raw, param: str) -> Any:
        """Give the value, or None where it is to be unset."""
        return None if raw == "" else self.kind.read(raw, param)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, raw: Raw, param: str) -> str:
        """Give the word."""
        text = _text(raw, param)
        if text not in self.words:
            listed = ", ".join(self.words[:-1]) + f", or {self.words[-1]}" if len(self.words) > 1 else self.words[0]
            raise Refusal(f"Invalid {param}: must be one of {listed}", param=param)
        return text


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds."""

    least: int = 0
    most: int = MAX_INTEGER

    def read(self, raw: Raw, param: str) -> int:
        """Give the number."""
        text = _text(raw, param, "integer")
        if not re.fullmatch(r"-?[0-9]{1,20}", text):
            raise Refusal(f"Invalid integer: {text}", code="parameter_invalid_integer", param=param)
        number = int(text)
        if number < self.least:
            if self.least == 0:
                raise Refusal("Invalid non-negative integer", code="parameter_invalid_integer", param=param)
            raise Refusal(
                f"This value must be greater than or equal to {self.least}.",
                code="parameter_invalid_integer",
                param=param,
            )
        if number > self.most:
            raise Refusal(
                f"This value must be less than or equal to {self.most} (it currently is {number}).",
                code="parameter_invalid_integer",
                param=param,
            )
        return number


@dataclass(frozen=True)
class Percent:
    """A percentage, above 0 and at most 100."""

    def read(self, raw: Raw, param: str) -> float:
        """Give the percentage."""
        text = _text(raw, param, "decimal")
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", text) or not 0 < float(text) <= 100:  # noqa: PLR2004
            raise Refusal(f"Invalid decimal: {text}; must be greater than 0 and at most 100", param=param)
        return float(text)


@dataclass(frozen=True)
class Boolean:
    """`true` or `false`."""

    def read(self, raw: Raw, param: str) -> bool:
        """Give the truth value."""
        text = _text(raw, param, "boolean")
        if text not in {"true", "false"}:
            raise Refusal(f"Invalid boolean: {text}", param=param)
        return text == "true"


@dataclass(frozen=True)
class Currency:
    """A currency that Stripe supports; any case is taken, lower case is given."""

    def read(self, raw: Raw, param: str) -> str:
        """Give the code in lower case."""
        text = _text(raw, param)
        if text.lower() not in CURRENCIES:
            raise Refusal(
                f"Invalid currency: {text}. Stripe currently supports these currencies: {', '.join(CURRENCIES)}",
                param=param,
            )
        return text.lower()


@dataclass(frozen=True)
class Email:
    """An e-mail address, judged as loosely as Stripe does."""

    def read(self, raw: Raw, param: str) -> str:
        """Give the address."""
        text = _text(raw, param)
        if not re.fullmatch(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", text):
            raise Refusal(f"Invalid email address: {text}", code="email_invalid", param=param)
        return text


@dataclass(frozen=True)
class Url:
    """An absolute http or https address."""

    longest: int = 5000

    def read(self, raw: Raw, param: str) -> str:
        """Give the address."""
        text = _text(raw, param)
        if len(text) > self.longest:
            raise Refusal(f"Not a valid URL: longer than {self.longest} characters", code="url_invalid", param=param)
        try:
            parts = urlsplit(text)
        except ValueError:
            raise Refusal("Not a valid URL", code="url_invalid", param=param) from None
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Refusal(
                "Invalid URL: An explicit scheme (such as https) must be provided.", code="url_invalid", param=param
            )
        return text


@dataclass(frozen=True)
class Metadata:
    """Pairs of text: at most 50, names up to 40 characters, values up to 500 (https://docs.stripe.com/api/metadata).

    An empty value unsets the pair; it is given as it came, and the endpoint takes it out.
    """

    def read(self, raw: Raw, param: str) -> dict[str, str]:
        """Give the pairs."""
        if raw == "":
            return {}
        if isinstance(raw, str):
            raise Refusal(f"Invalid hash: {raw}", param=param)
        pairs: dict[str, str] = {}
        for name, value in raw.items():
            if not isinstance(value, str):
                raise Refusal(
                    "Metadata values must be strings; nested values are not supported", param=f"{param}[{name}]"
                )
            if len(name) > 40:  # noqa: PLR2004
                raise Refusal(
                    f"Metadata keys can have up to 40 characters (yours has {len(name)})", param=f"{param}[{name}]"
                )
            if len(value) > 500:  # noqa: PLR2004
                raise Refusal(
                    f"Metadata values can have up to 500 characters, but you passed in a value that is {len(value)}"
                    " characters.",
                    param=f"{param}[{name}]",
                )
            pairs[name] = value
        if len(pairs) > 50:  # noqa: PLR2004
            raise Refusal(f"Metadata can have up to 50 keys (yours has {len(pairs)})", param=param)
        return pairs


@dataclass(frozen=True)
class Array:
    """A list of at most `most` items of one kind."""

    item: Kind
    most: int = 100

    def read(self, raw: Raw, param: str) -> list[Any]:
        """Give the items in the order of their indexes."""
        if isinstance(raw, str) or not all(index.isdigit() for index in raw):
            raise Refusal("Invalid array", param=param)
        if len(raw) > self.most:
            raise Refusal(f"Array above maximum length {self.most} (it has {len(raw)} items)", param=param)
        return [self.item.read(raw[index], f"{param}[{index}]") for index in sorted(raw, key=int)]


@dataclass(frozen=True)
class Hash:
    """Named parameters, some of them required; any other name is refused."""

    fields: Mapping[str, Kind]
    required: tuple[str, ...] = ()

    def read(self, raw: Raw, param: str = "") -> dict[str, Any]:
        """Give the values of the parameters that came."""
        if isinstance(raw, str):
            raise Refusal(f"Invalid object: {raw}", param=param)
        strange = [name for name in raw if name not in self.fields]
        if strange:
            raise unknown([self._path(param, name) for name in strange])
        values = {name: self.fields[name].read(value, self._path(param, name)) for name, value in raw.items()}
        for name in self.required:
            if name not in values:
                raise missing(self._path(param, name))
        return values

    @staticmethod
    def _path(param: str, name: str) -> str:
        return f"{param}[{name}]" if param else name


@dataclass(frozen=True)
class Range:
    """An instant in whole seconds, or bounds `gt`, `gte`, `lt`, `lte` around it."""

    bounds: Hash = field(default_factory=lambda: Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), Integer())))

    def read(self, raw: Raw, param: str) -> dict[str, int]:
        """Give the bounds, both equal for a single instant."""
        if isinstance(raw, str):
            at = Integer().read(raw, param)
            return {"gte": at, "lte": at}
        return self.bounds.read(raw, param)
