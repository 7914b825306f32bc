"""What a rehearsal notes of messages: the sentences, to whom by kind, and nothing that a person wrote."""

from __future__ import annotations

from bot.chat import Card
from bot.rehearsing import Message, NotedVoice, PlayedClock
from tests.bot.rehearsing.test_account import ANN, NOON

CARD = Card("Thank you", (("It has arrived.",),), (("Dedicated to", ("a grandmother",)),), order="GIFT")


async def test_facts_and_staff_cards_are_not_noted() -> None:
    """A buyer's message keeps its sentences and loses its facts; of a staff card, which holds an address, the title stays."""
    notes: list[Message] = []
    voice = NotedVoice("slack", PlayedClock(NOON), notes)
    await voice.tell(ANN, CARD, key="slack:T1/U1:1")
    reference = await voice.post("C-STAFF", CARD, key="staff:GIFT")
    await voice.amend("C-STAFF", reference, CARD)
    await voice.tell(ANN, CARD, key="sellers:buy:announced")
    assert [(each.whom, each.title, each.text) for each in notes] == [
        ("buyer", "Thank you", "It has arrived."),
        ("channel", "Thank you", ""),
        ("changed", "Thank you", ""),
        ("admin", "Thank you", "It has arrived."),
    ]
    assert "U1" not in repr(notes[0]).replace(notes[0].key, "")
