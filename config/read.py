"""Reads shop.toml: a file becomes Settings, or BadConfig with everything that is wrong with it, line by line."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as File
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from bot.errors import BadConfig, Problem
from bot.settings import Settings
from config.build import settings
from config.catalogue_files import Kept, read_listings, version
from config.crosschecks import crosschecks, known_of, secrets
from config.find import locales
from config.findings import Finding, findings, label
from config.lines import Outline, Path
from config.plans import out_of_order, tables
from config.schema import ShopFile
from config.syntax import parse

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def read(path: str | File, *, tombstones: Mapping[str, str] = NOTHING, kept: Kept | None = None) -> Settings:
    """Read a config file. `tombstones` are ids of products sold before, with the names they were sold under.

    With `kept`, what did not change in its catalogue files since the last time gives the very same products.
    Raises BadConfig with every problem found, in the order of the lines.
    """
    file = File(path)
    return check(_text(file), str(path), tombstones=tombstones, kept=kept)


def check(text: str, file: str, *, tombstones: Mapping[str, str] = NOTHING, kept: Kept | None = None) -> Settings:
    """Check the text of a config file. `file` is what messages call it; catalogue files lie beside it. Raises BadConfig."""
    whole = text
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    parsed = parse(text)
    problems = [Problem(file, broken.line, broken.key, broken.what, broken.instead) for broken in parsed.broken]
    if not parsed.whole:
        raise BadConfig(_sorted(problems, file))
    leaks = list(secrets(parsed.raw))
    found = list(crosschecks(parsed.raw, tombstones))
    known = known_of(parsed.raw, locales=locales())
    more = read_listings(file, parsed.raw, known, tombstones=tombstones, kept=kept or Kept())
    problems += more.problems
    found += more.findings
    known = replace(known, products=known.products | {each.id: None for each in more.products}.keys())
    shop: ShopFile | None = None
    try:
        shop = ShopFile.model_validate(parsed.raw, context=known)
        found += out_of_order(shop)
    except ValidationError as error:
        found += findings(error.errors(include_url=False))
    meant = {finding.meant for finding in found}
    found = [finding for finding in found if not (finding.depends and finding.path in meant)]
    if problems:  # what is missing may have stood in a line that was left out
        found = [finding for finding in found if not finding.depends]
    problems += _problems(leaks, found, file, parsed.outline)
    if problems or shop is None:
        raise BadConfig(_sorted(problems, file))
    digest = version(whole, more.digests)
    return replace(
        settings(shop, digest, more.products, more.perks), file=file, retirement_lines=_lines(shop, parsed.outline)
    )


def _lines(shop: ShopFile, where: Outline) -> dict[tuple[str, str], int]:
    """Say where the retirements stand, for what only the database knows to be wrong with them."""
    keys = ("closes", "cancelled", "reopened")
    found = {(feature, ""): where.line(path) for feature, path in tables(shop)}
    return found | {(feature, key): where.line((*path, key)) for feature, path in tables(shop) for key in keys}


def _problems(leaks: Iterable[Finding], found: Iterable[Finding], file: str, where: Outline) -> Iterator[Problem]:
    """Place findings in the file; of a secret nothing more is said, and nothing twice of the same key."""
    hidden = [leak.path for leak in leaks]
    said: set[Path] = set()
    for finding in (*leaks, *found):
        inside = any(finding.path[: len(path)] == path and finding not in leaks for path in hidden)
        if finding.path not in said and not inside:
            said.add(finding.path)
            yield Problem(file, where.line(finding.path), label(finding.path), finding.what, finding.instead)


def _sorted(problems: Iterable[Problem], file: str) -> list[Problem]:
    """Put them in the order of the lines, those of the config itself first."""
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file != file, problem.file, problem.line))


def _text(file: File) -> str:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        better = "write one with `tillbot init`, or name it with --config or TILLBOT_CONFIG"
        raise BadConfig([Problem(str(file), 1, "", "there is no such file", better)]) from None
    except IsADirectoryError:
        raise BadConfig([Problem(str(file), 1, "", "is a folder", "name the file in it: shop.toml")]) from None
    except OSError as error:
        raise BadConfig([Problem(str(file), 1, "", f"cannot be read: {error.strerror}", "")]) from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadConfig([Problem(str(file), 1, "", "is saved as UTF-16", "save it as UTF-8")])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadConfig([Problem(str(file), line, "", "holds bytes that are no UTF-8", "save it as UTF-8")]) from None
