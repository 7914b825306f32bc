"""Checks for JSON shapes, each yielding the complaints Slack would put into `response_metadata.messages`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Check = Callable[[object, str], Iterator[str]]


def complaint(text: str, at: str) -> str:
    """Return one message in the form Slack writes them, with the JSON pointer of the offending place."""
    return f"[ERROR] {text} [json-pointer:{at}]"


@dataclass(frozen=True)
class String:
    """A string of a bounded length, counted in characters, or one of a closed set."""

    most: int
    least: int = 1
    one_of: frozenset[str] | None = None

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        if not isinstance(value, str):
            yield complaint("must provide a string", at)
            return
        if len(value) > self.most:
            yield complaint(f"must be less than {self.most + 1} characters", at)
        if len(value) < self.least:
            yield complaint(f"must be more than {self.least - 1} characters", at)
        if self.one_of is not None and value not in self.one_of:
            yield complaint("must be a valid enum value", at)


@dataclass(frozen=True)
class Url:
    """An absolute URL of a bounded length."""

    most: int = 3000

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        yield from String(self.most)(value, at)
        if isinstance(value, str):
            parts = urlsplit(value)
            if not parts.scheme or not (parts.netloc or parts.path) or " " in value:
                yield complaint("must be a valid url", at)


def boolean(value: object, at: str) -> Iterator[str]:
    """Complain about anything that is neither true nor false."""
    if not isinstance(value, bool):
        yield complaint("must provide a boolean", at)


@dataclass(frozen=True)
class Integer:
    """A whole number within bounds."""

    least: int
    most: int

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        if not isinstance(value, int) or isinstance(value, bool):
            yield complaint("must provide an integer", at)
        elif not self.least <= value <= self.most:
            yield complaint(f"must be between {self.least} and {self.most}", at)


@dataclass(frozen=True)
class Array:
    """A list of a bounded length, each item of one shape."""

    of: Check
    most: int
    least: int = 1

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        if not isinstance(value, list):
            yield complaint("must provide an array", at)
            return
        if len(value) > self.most:
            yield complaint(f"no more than {self.most} items allowed", at)
        if len(value) < self.least:
            yield complaint(f"no less than {self.least} items allowed", at)
        for index, item in enumerate(value):
            yield from self.of(item, f"{at}/{index}")


@dataclass(frozen=True)
class Object:
    """An object with required and optional fields; a field it does not know is refused."""

    required: Mapping[str, Check] = field(default_factory=dict)
    optional: Mapping[str, Check] = field(default_factory=dict)

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        if not isinstance(value, dict):
            yield complaint("must provide an object", at)
            return
        for name in self.required:
            if name not in value:
                yield complaint(f"missing required field: {name}", at)
        for name, item in value.items():
            check = self.required.get(name) or self.optional.get(name)
            if check is None:
                yield complaint(f"invalid additional property: {name}", at)
            else:
                yield from check(item, f"{at}/{name}")


@dataclass(frozen=True)
class ByType:
    """An object whose field `type` chooses its shape among those allowed here."""

    shapes: Mapping[str, Object]

    def __call__(self, value: object, at: str) -> Iterator[str]:
        """Yield what is wrong with the value."""
        if not isinstance(value, dict):
            yield complaint("must provide an object", at)
            return
        kind = value.get("type")
        shape = self.shapes.get(kind) if isinstance(kind, str) else None
        if shape is None:
            yield complaint(f"unsupported type: {kind}", f"{at}/type")
            return
        yield from shape(value, at)

    def only(self, kinds: Sequence[str]) -> "ByType":
        """Return the same choice narrowed to some types."""
        return ByType({kind: self.shapes[kind] for kind in kinds})


def typed(kind: str, required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Object:
    """Return the shape of an object whose `type` is fixed."""
    this = String(100, one_of=frozenset({kind}))
    return Object({"type": this, **required}, optional or {})
