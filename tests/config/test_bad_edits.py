"""Bad edits never take the shop down, and each is told with its exact line."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import BadConfig
from bot.settings import Settings
from config.read import check
from tests.config.mutations import Edit, edits, sample

#: How many edits of each kind are tried, at most.
_EACH = 24


def _chosen() -> list[Edit]:
    by_kind: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits():
        by_kind[edit.what.split()[0]].append(edit)
    chance = random.Random(2017)  # noqa: S311 - the same edits on every run
    return [edit for kind in by_kind.values() for edit in chance.sample(kind, min(_EACH, len(kind)))]


def test_the_sample_that_is_edited_is_right() -> None:
    """The sample with its retirement uncommented is accepted, so that each refusal below is the edit's doing."""
    assert check("\n".join(sample()), "shop.toml").plans["buy"].alternatives[3].name == "Amazon"


def test_two_hundred_bad_edits_are_refused_with_their_exact_line() -> None:
    """Each of more than two hundred bad edits is refused, naming its exact line and key, with no other exception."""
    chosen = _chosen()
    assert len(chosen) >= 200
    for edit in chosen:
        with pytest.raises(BadConfig) as caught:
            check(edit.text, "shop.toml")
        found = [(problem.line, problem.key) for problem in caught.value.problems]
        assert any(line == edit.line and edit.key in key for line, key in found), (edit.what, str(caught.value))


def test_no_refusal_repeats_a_secret() -> None:
    """Whatever else is wrong with a line that holds a secret, the messages never repeat the secret."""
    for number, edit in enumerate(edit for edit in edits() if edit.what.startswith("secret")):
        if number % 8 == 0:
            with pytest.raises(BadConfig) as caught:
                check(edit.text, "shop.toml")
            assert "abcdefgh" not in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    """Several bad edits at once are each told with their line, also where a line is no TOML at all."""
    lines = sample()
    broken = {
        "price": '"12,5"',
        "zone": '"Pariss"',
        "presets": '["ten"]',
        "support": "nobody",
        "stripe_key_env": '"sk_live_abcdefgh"',
        "closes": "2017-02-01",
    }
    expected = set()
    for key, value in broken.items():
        number = next(number for number, line in enumerate(lines) if line.startswith(f"{key} = "))
        lines[number] = f"{key} = {value}"
        expected.add(number + 1)
    with pytest.raises(BadConfig) as caught:
        check("\n".join(lines), "shop.toml")
    told = [problem.line for problem in caught.value.problems]
    assert set(told) == expected
    assert told == sorted(told)


@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_any_damage_is_read_or_refused(data: st.DataObject) -> None:
    """Characters lost, changed or moved anywhere give Settings or BadConfig with lines of the file, never anything else."""
    text = "\n".join(sample())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text) - 1))
        length = data.draw(st.integers(0, 40))
        put = data.draw(st.text(alphabet="\"'[]{}=.,#\\\n\t 0aé\u2028\x00-T:", max_size=4))
        text = text[:start] + put + text[start + length :]
    try:
        found: Settings | BadConfig = check(text, "shop.toml")
    except BadConfig as error:
        found = error
    if isinstance(found, BadConfig):
        assert found.problems
        assert all(1 <= problem.line <= text.count("\n") + 1 and problem.what for problem in found.problems)
