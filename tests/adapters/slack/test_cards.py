"""Cards as Block Kit: every element drawn, every limit kept, checked with the stand-in's own strictness."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.cards import bar, message, options
from bot.chat import Button, Card, Choice, Link, Progress, Select
from bot.words import Moment, Ref, Rich
from tests.adapters.slack.talk import cancel, donate, place
from tests.platforms.slack.block_kit import MESSAGE_BLOCKS, blocks_complaints
from tests.platforms.slack.reading import lines_of, links_of, mrkdwn_of
from tests.platforms.slack.workspace import Json

AT = datetime(2017, 2, 1, 8, 0, tzinfo=UTC)


def drawn(card: Card) -> list[Json]:
    """Draw a card, which Slack must take."""
    blocks = [dict(block) for block in message(card).blocks]
    assert list(blocks_complaints(blocks, MESSAGE_BLOCKS)) == []
    return blocks


def test_every_element_is_drawn() -> None:
    """Title, text, progress, facts, picture, buttons, link, select and footer all show, in this order."""
    card = Card(
        "Mug, blue",
        text=(("Two & a half <mugs>",), ("Closes ", Moment(AT, "1 February 2017"), ".")),
        facts=(("Total", ("€25.00",)), ("Seller", (Ref("Shop", "https://shop.test"),))),
        progress=Progress(30, 100, "30 € of 100 €"),
        actions=(
            Link("Pay", "https://pay.test/T7", style="primary"),
            Button("Cancel", cancel, "T7", style="danger"),
            Button("Donate", donate),
            Select("Which one?", (Choice("mug/blue", "Mug, blue"),), place),
        ),
        picture="https://shop.test/mug.png",
        footer=("Test money",),
        order="T7",
        tone="good",
    )
    blocks = drawn(card)
    assert list(lines_of(blocks)) == [
        "✅ Mug, blue",
        "Two & a half <mugs>",
        "Closes 1 February 2017 · 2017-02-01 08:00 UTC.",
        "███░░░░░░░\n30 € of 100 €",
        "Total\n€25.00",
        "Seller\nShop",
        "Mug, blue",
        "[Pay]",
        "[Cancel]",
        "[Donate]",
        "Test money",
    ]
    actions = next(block for block in blocks if block["type"] == "actions")["elements"]
    assert [(each["action_id"], each.get("value"), each.get("style")) for each in actions] == [
        ("link#0", "T7", "primary"),
        ("buy.cancel#1", "T7", "danger"),
        ("donate#2", None, None),
        ("buy.place#3.0", None, None),
    ]


def test_facts_that_people_typed_stay_as_they_typed_them() -> None:
    """Asterisks and the like in a fact are text, never bold, struck or code."""
    lines = list(lines_of(drawn(Card("Gift", facts=(("Dedication", ("*For* _you_ `~` <@U1>",)),)))))
    assert lines == ["Gift", "Dedication\n*For* _you_ `~` <@U1>"]


def test_the_text_beside_the_blocks_says_it_all() -> None:
    """Notifications and screen readers get the whole card in words, the progress too."""
    card = Card(
        "Water <now>",
        text=(("Every drop",),),
        facts=(("Raised", ("30 €",)),),
        progress=Progress(30, 100, "30 € of 100 €"),
        actions=(Link("Pay", "https://pay.test/T7"),),
        footer=("Test money",),
    )
    assert message(card).text == (
        "Water &lt;now&gt;\nEvery drop\n30 € of 100 €\nRaised: 30 €\nPay: https://pay.test/T7\nTest money"
    )


@pytest.mark.parametrize(
    ("value", "goal", "shown"),
    [(0, 100, "░" * 10), (99, 100, "█" * 9 + "░"), (100, 100, "█" * 10), (250, 100, "█" * 10), (5, 0, "░" * 10)],
)
def test_the_bar_is_full_only_when_the_goal_is_reached(value: int, goal: int, shown: str) -> None:
    """The bar rounds down, and never grows beyond its ten cells."""
    assert bar(Progress(value, goal, "")) == shown


def test_long_text_is_split_and_long_labels_are_cut() -> None:
    """A paragraph beyond a section's 3000 characters goes on in the next; a title and a label are cut."""
    card = Card("T" * 151, text=(("word " * 1000,),), actions=(Button("L" * 76, cancel),))
    blocks = drawn(card)
    assert blocks[0]["text"]["text"] == "T" * 149 + "…"
    assert [block["type"] for block in blocks] == ["header", "section", "section", "actions"]
    assert blocks[3]["elements"][0]["text"]["text"] == "L" * 74 + "…"


def test_what_fits_exactly_stays_whole() -> None:
    """At the limits nothing is cut: title 150, section 3000, button 75, fact 2000."""
    card = Card(
        "T" * 150,
        text=(("x" * 3000,),),
        facts=(("N", ("y" * (2000 - len("*N*\n") - 1),)),),
        actions=(Button("L" * 75, cancel),),
    )
    assert "…" not in "".join(lines_of(drawn(card)))


def test_eleven_facts_take_two_sections() -> None:
    """A section holds ten fields."""
    blocks = drawn(Card("Facts", facts=tuple((f"N{n}", (f"{n}",)) for n in range(11))))
    assert [len(block["fields"]) for block in blocks[1:]] == [10, 1]


def test_more_than_fifty_blocks_lose_their_middle_but_not_their_actions() -> None:
    """Sixty paragraphs are cut with an ellipsis; title, buttons and footer stay."""
    card = Card("Long", text=tuple((f"p{n}",) for n in range(60)), actions=(Button("Go", cancel),), footer=("foot",))
    lines = list(lines_of(drawn(card)))
    assert lines[0] == "Long"
    assert lines[-4:] == ["p45", "…", "[Go]", "foot"]


def test_buttons_and_options_beyond_the_limits_take_more_rows() -> None:
    """Twenty-six buttons take two rows, a hundred and one options two lists; an over-long address is left out."""
    buttons = tuple(Button(f"{n}", cancel, f"{n}") for n in range(26))
    rows = [block for block in drawn(Card("B", actions=buttons)) if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [25, 1]
    choices = tuple(Choice(f"{n}", f"Choice {n}") for n in range(101))
    (row,) = (block for block in drawn(Card("S", actions=(Select("S", choices, place),))) if block["type"] == "actions")
    assert [len(element["options"]) for element in row["elements"]] == [100, 1]
    assert len(drawn(Card("L", actions=(Link("Pay", "https://x.test/" + "x" * 3000),)))) == 1


def test_options_that_could_not_come_back_whole_are_left_out() -> None:
    """A label is cut to 75 characters; a value beyond 150 would come back broken."""
    (kept,) = options([Choice("v" * 150, "l" * 76), Choice("v" * 151, "too long"), Choice("", "empty")])
    assert kept["value"] == "v" * 150
    assert len(kept["text"]["text"]) == 75  # type: ignore[index]


def test_a_picture_that_slack_could_not_load_is_left_out() -> None:
    """Only an https address is drawn as a picture."""
    assert len(drawn(Card("P", picture="http://127.0.0.1/x.png"))) == 1
    assert len(message(Card("P", picture="https://shop.test/x.png"), picture=False).blocks) == 1


PIECES = st.one_of(
    st.text(max_size=4000),
    st.builds(Moment, st.just(AT), st.text(max_size=100)),
    st.builds(Ref, st.text(min_size=1, max_size=50), st.just("https://shop.test/")),
)
RICH: st.SearchStrategy[Rich] = st.lists(PIECES, max_size=3).map(tuple)
WORD = st.text(min_size=1, max_size=200)
ACTIONS = st.one_of(
    st.builds(Button, WORD, st.sampled_from([cancel, donate]), st.text(max_size=80)),
    st.builds(Link, WORD, st.just("https://pay.test/")),
    st.builds(Select, WORD, st.lists(st.builds(Choice, WORD, WORD), max_size=3).map(tuple), st.just(place)),
)
CARDS = st.builds(
    Card,
    WORD,
    text=st.lists(RICH, max_size=4).map(tuple),
    facts=st.lists(st.tuples(WORD, RICH), max_size=12).map(tuple),
    actions=st.lists(ACTIONS, max_size=30).map(tuple),
    footer=RICH,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(CARDS)
def test_no_card_is_ever_refused_and_no_text_becomes_a_link(card: Card) -> None:
    """Whatever a card holds, Slack takes it, and only the operator's own links are links."""
    blocks = drawn(card)
    assert set(links_of(list(mrkdwn_of(blocks)))) <= {"https://shop.test/"}
    said = message(card).text
    assert len(said) <= 4000
    assert list(links_of([(said, False)])) == []
