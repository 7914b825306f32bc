"""Signed tokens: read for their own purpose, with their own secret, untouched; anything else is nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.tokens import Signer

SIGNER = Signer("a secret of the test, long enough")
#: Lone surrogates too: that is how broken bytes of a cookie arrive.
ANY = st.text(st.characters(codec=None), max_size=60)


@given(st.text(max_size=40))
def test_a_token_gives_its_text_back(text: str) -> None:
    """What was signed is read again, whatever the text."""
    assert SIGNER.read("pay", SIGNER.sign("pay", text)) == text


@given(st.text(max_size=40), st.sampled_from(["pay", "person", "staff"]), st.sampled_from(["pay", "person", "staff"]))
def test_a_token_is_good_for_one_purpose(text: str, made: str, read: str) -> None:
    """A cookie is no pay link, and a pay link no staff link."""
    assert SIGNER.read(read, SIGNER.sign(made, text)) == (text if made == read else None)


@given(st.text(max_size=20), st.data())
def test_a_token_that_was_tampered_with_is_refused(text: str, data: st.DataObject) -> None:
    """One character changed, dropped or added anywhere, and it is nothing."""
    token = SIGNER.sign("pay", text)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda one: one != token[at]))
    for forged in (token[:at] + other + token[at + 1 :], token[:at] + token[at + 1 :], token[:at] + other + token[at:]):
        if forged != token:
            assert SIGNER.read("pay", forged) is None


@given(ANY)
@example("\udcff.\udcff")
@example("")
@example(".")
def test_any_text_can_be_read_and_is_refused(token: str) -> None:
    """What we did not sign is refused, never an error: empty, long, or bytes that are no text."""
    assert SIGNER.read("pay", token) is None


@given(st.text(max_size=20))
def test_another_secret_reads_nothing(text: str) -> None:
    """Another shop's token is refused, and its digests are others."""
    other = Signer("a secret of another, long enough")
    assert other.read("pay", SIGNER.sign("pay", text)) is None
    assert other.digest("address", text) != SIGNER.digest("address", text)
    assert text == "" or text not in SIGNER.digest("address", text) or len(text) < 3


def test_a_short_secret_is_refused() -> None:
    """A secret that could be guessed makes no signer."""
    with pytest.raises(ValueError, match="16 characters"):
        Signer("short")
