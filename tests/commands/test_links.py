"""Addresses in the operator's texts become links; the words around them stay as they are."""

import pytest

from bot.words import Ref, plain
from commands.links import linked
from commands.order_card import order_card
from tests.bot.rig import Rig

AT = "https://harbour.example/a(1)?b=2&c=3"


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("No address at all.", ("No address at all.",)),
        (AT, (Ref(AT, AT),)),
        (f"Here: {AT}.", ("Here: ", Ref(AT, AT), ".")),
        (f"({AT}), and {AT}", ("(", Ref(AT, AT), "), and ", Ref(AT, AT))),
        ("«\u00a0https://x.example\u00a0»", ("«\u00a0", Ref("https://x.example", "https://x.example"), "\u00a0»")),
        ("javascript:alert(1) http://", ("javascript:alert(1) http://",)),
    ],
)
def test_addresses_become_links(text: str, pieces: tuple[str | Ref, ...]) -> None:
    """A web address is a link without the full stop after it, and reads as it was written."""
    assert linked((text,)) == pieces
    assert plain(linked((text,))) == text


async def test_what_is_delivered_can_be_followed(rig: Rig) -> None:
    """The address of a zine that is delivered by message is a link in the card that tells of the payment."""
    await rig.paid(await rig.place("zine"))
    card = order_card(await rig.context(), (await rig.mine())[0])
    assert [piece.url for line in card.text for piece in line if isinstance(piece, Ref)] == [
        "https://harbour.example/zine"
    ]
