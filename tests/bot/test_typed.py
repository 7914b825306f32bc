"""Typed text that is no text: JSON can carry it, a database cannot, and whoever typed the rest is served."""

from __future__ import annotations

import pytest

from bot.chat import Then
from bot.typed import typed
from tests.bot.rig import Rig


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\x00b", "ab"), ("\ud83d", ""), ("🫖 é\n\t", "🫖 é\n\t"), ("\udc00x", "x"), ("", "")],
)
def test_what_is_no_character_is_left_out(text: str, kept: str) -> None:
    """NUL and halves of surrogate pairs go, all else stays, pictures and line ends too."""
    assert typed(text) == kept


async def test_a_gift_with_such_a_dedication_is_kept_with_the_rest_of_it(rig: Rig) -> None:
    """The gift is taken with the words that can be read, and nothing goes further that a database refuses."""
    card = await rig.press(
        "donate.give", cause="water", amount="10", rhythm="once", dedication="for\x00 the\ud83d tide"
    )
    order = await rig.order(card.order)
    assert order.donation is not None
    assert order.donation.dedication == "for the tide"
    assert (await rig.say("/buy zi\x00ne")).state == "awaiting"
    command = rig.house.conversation.find("buy")
    assert command is not None
    ctx = await rig.context("ann")
    opened = rig.house.conversation.open(ctx, command, {"product": "zi\x00ne"})
    assert isinstance(opened, Then)
    assert (await rig.house.conversation.run(ctx, opened)).state == "awaiting"
