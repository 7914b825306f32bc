"""What people type, made fit to be kept: without what is no character, which databases refuse."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.chat import Answers

#: NUL, which PostgreSQL's text cannot hold (https://www.postgresql.org/docs/current/datatype-character.html), and halves
#: of surrogate pairs, which are no text in any encoding. JSON can write both, and no keyboard does.
_NO_CHARACTER: Final = re.compile("[\x00\ud800-\udfff]")


def typed(text: str) -> str:
    """Give text without what is no character."""
    return _NO_CHARACTER.sub("", text)


def typed_options(options: Mapping[str, str]) -> Mapping[str, str]:
    """Give a command's options without it."""
    return {name: typed(value) for name, value in options.items()}


def typed_answers(answers: Answers) -> Answers:
    """Give a form's answers without it."""
    return Answers({name: tuple(map(typed, values)) for name, values in answers.values.items()})
