"""What only the whole file can tell: prices and stock of variants, ids that were sold before, keys that are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from config.findings import Finding
from config.known import Known
from config.leaks import secrets_in
from config.wrong import show

Raw = Mapping[str, Any]


def table(raw: Any, *names: str) -> dict[str, Any]:
    """Give a table inside the file; an empty one where there is none, or something else in its place."""
    for name in names:
        raw = raw.get(name) if isinstance(raw, dict) else None
    return raw if isinstance(raw, dict) else {}


def known_of(raw: Raw, *, locales: tuple[str, ...]) -> Known:
    """Gather what the parts of the file must know of each other, whatever else is wrong with it."""
    shop, seller, web = table(raw, "shop"), table(raw, "seller"), table(raw, "web")
    currency, locale, support = shop.get("currency"), shop.get("default_locale"), seller.get("support")
    return Known(
        currency=currency if isinstance(currency, str) and len(currency) == 3 and currency.isupper() else "EUR",  # noqa: PLR2004 - ISO 4217
        default_locale=locale if isinstance(locale, str) and locale in locales else "en",
        locales=locales,
        products=table(raw, "product").keys(),
        perks=tuple(table(raw, "perk")),
        ships=bool(raw.get("shipping")),
        public="public_url" in web,
        support=support if isinstance(support, str) else "",
    )


def crosschecks(raw: Raw, tombstones: Mapping[str, str]) -> Iterator[Finding]:
    """Find what is wrong between the tables of a file."""
    for name, product in table(raw, "product").items():
        if isinstance(product, dict):
            yield from _variants(name, product)
            yield from _buried(name, product, tombstones)
    yield from _shipped_twice(raw)


def _variants(name: str, product: dict[str, Any]) -> Iterator[Finding]:
    path = ("product", name)
    variants = table(product, "variant")
    if not variants and "price" not in product:
        yield Finding((*path, "price"), "is missing", 'write price = "12.50"', depends=True)
    for variant, values in variants.items():
        if isinstance(values, dict) and "price" not in values and "price" not in product:
            better = f'write price = "12.50" here or in [product.{name}]'
            yield Finding((*path, "variant", variant, "price"), "is missing", better, depends=True)
        if isinstance(values, dict) and "stock" in values and product.get("every") == "month":
            better = f"take it out, or every in [product.{name}]: what is paid monthly does not run out"
            yield Finding((*path, "variant", variant, "stock"), "is of something paid monthly", better, depends=True)
    for key in ("stock", "gtin", "mpn"):
        if variants and key in product:
            yield Finding((*path, key), "does not say of which variant", f"write it in [product.{name}.variant.…]")
    yield from _options(name, product, variants)


def _options(name: str, product: dict[str, Any], variants: dict[str, Any]) -> Iterator[Finding]:
    """Find variants that do not say what they are of each option, and two that say the same."""
    options = product.get("options", [])
    if not isinstance(options, list):
        return
    folded = [str(option).strip().casefold() for option in options]
    if len(set(folded)) < len(folded):
        yield Finding(("product", name, "options"), "names an option twice", "take one of the two out")
    if options and not variants:
        better = f"write [product.{name}.variant.…] with values, or take it out"
        yield Finding(("product", name, "options"), "has no variants that differ in them", better, depends=True)
    seen: dict[tuple[str, ...], str] = {}
    for variant, table_ in variants.items():
        values = table_.get("values", []) if isinstance(table_, dict) else None
        if not isinstance(values, list):
            continue
        path = ("product", name, "variant", variant, "values")
        if len(values) != len(options):
            better = "write one for each of " + ", ".join(map(str, options)) if options else "name the options first"
            at = path if "values" in table_ else path[:-1]
            yield Finding(at, f"has {len(values)} values for {len(options)} options", better, depends=True)
        elif values and (other := seen.setdefault(tuple(map(str, values)), variant)) != variant:
            yield Finding(path, f"is the same as of variant {show(other)}", "write what differs")


def _buried(name: str, product: dict[str, Any], tombstones: Mapping[str, str]) -> Iterator[Finding]:
    was = tombstones.get(name)
    now = product.get("name")
    if was is not None and isinstance(now, str) and now.strip() != was:
        what = f"the id {show(name)} was sold before as {show(was)}"
        better = f"write another id, such as [product.{name}-2]: old orders and messages still mean the first"
        yield Finding(("product", name), what, better)


def _shipped_twice(raw: Raw) -> Iterator[Finding]:
    """Find countries that two shipping rates name: an order ships at one."""
    rates = raw.get("shipping")
    named: dict[str, int] = {}
    for number, rate in enumerate(rates if isinstance(rates, list) else ()):
        countries = rate.get("countries") if isinstance(rate, dict) else None
        for at, country in enumerate(countries if isinstance(countries, list) else ()):
            if isinstance(country, str) and named.setdefault(country, number) != number:
                what = f"{show(country)} stands in shipping {named[country] + 1} already"
                yield Finding(("shipping", number, "countries", at), what, "name it in one of the two")


def secrets(raw: Raw) -> Iterator[Finding]:
    """Find every secret in the file."""
    for path, kind in secrets_in(raw):
        better = (
            "take it out, put it in the environment (see .env.example), and make a new one: this one was written down"
        )
        yield Finding(path, f"looks like {kind}; secrets never stand in this file", better)
