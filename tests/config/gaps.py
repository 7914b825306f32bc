"""What a catalogue of words lacks beside the English one: `uv run python -m tests.config.gaps` names it for every language."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from string import Formatter

from config.words import Tome, Words

#: Every plural rule that gettext knows of shows all its forms below this.
_ENOUGH = 1000


def gaps(wanted: Tome, found: Tome) -> list[str]:
    """Name what is missing, unknown, empty, or without a placeholder or plural form, each with its key."""
    lacking = [f"{key}: missing: {wanted.sentences[key][0]}" for key in set(wanted.sentences) - set(found.sentences)]
    unknown = [f"{key}: unknown" for key in set(found.sentences) - set(wanted.sentences)]
    both = set(found.sentences) & set(wanted.sentences)
    return sorted([*lacking, *unknown, *(each for key in both for each in _faults(key, wanted, found))])


def _faults(key: str, wanted: Tome, found: Tome) -> Iterator[str]:
    english, said = wanted.sentences[key], found.sentences[key]
    forms = 1 + max(map(found.form, range(_ENOUGH))) if len(english) > 1 else 1
    written = [form for form in said if form.strip()]
    if len(written) != forms:
        yield f"{key}: {len(written)} of {forms} plural forms" if forms > 1 else f"{key}: empty"
        return
    if any(form != form.strip() for form in said):
        yield f"{key}: a space at its end"
    holes = set().union(*map(_holes, english))
    lost = holes - set().union(*map(_holes, said))
    # "one mug" may say its number in words; every other placeholder stands in every form.
    lost |= {name for form in said for name in holes - _holes(form) - {"count"}}
    if lost:
        yield f"{key}: without {', '.join(f'{{{name}}}' for name in sorted(lost))}"
    if made_up := set().union(*map(_holes, said)) - holes:
        yield f"{key}: unknown {', '.join(f'{{{name}}}' for name in sorted(made_up))}"


def _holes(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


if __name__ == "__main__":
    tomes = Words.load().tomes
    named = [f"{locale}.po: {gap}" for locale in tomes for gap in gaps(tomes["en"], tomes[locale])]
    sys.stdout.writelines(f"{line}\n" for line in named)
    sys.exit(bool(named))
