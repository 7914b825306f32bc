"""Sentences in Slack's own form: data stays data, dates speak in the reader's zone, nothing grows beyond its limit."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.mrkdwn import _atoms, addressed, cut, escape, fold, text_objects, typed
from bot.words import Moment, Ref
from tests.platforms.slack.reading import links_of, unescape

AT = datetime(2017, 2, 1, 8, 0, tzinfo=UTC)


def test_the_three_characters_are_escaped() -> None:
    """&, < and > are escaped, so that nothing typed becomes a mention or a link."""
    assert escape("<@U1> & <!channel>") == "&lt;@U1&gt; &amp; &lt;!channel&gt;"


def test_a_date_is_said_in_both_zones() -> None:
    """A date reads in the operator's civil time, and natively in the reader's, with a fallback."""
    moment = Moment(AT, "1er février 2017 à 09:00 (Europe/Paris)")
    native = "<!date^1485936000^{date_long_pretty} {time}|2017-02-01 08:00 UTC>"
    assert fold(("Closes ", moment, "."), 3000) == [f"Closes 1er février 2017 à 09:00 (Europe/Paris) · {native}."]


def test_a_link_of_ours_is_a_link_and_cannot_be_broken_out_of() -> None:
    """An address with markup of its own stays one link."""
    (said,) = fold((Ref("Terms > all", "https://shop.test/?a=<b>|c&d"),), 3000)
    assert said == "<https://shop.test/?a=%3Cb%3E%7Cc&amp;d|Terms &gt; all>"
    assert list(links_of([(said, False)])) == ["https://shop.test/?a=%3Cb%3E%7Cc&amp;d"]


def test_a_link_too_long_is_its_label() -> None:
    """A link that does not fit is left as text."""
    assert fold((Ref("Terms", "https://shop.test/" + "x" * 3000),), 3000) == ["Terms"]


def test_text_alone_is_plain_text_and_only_dates_and_links_need_markup() -> None:
    """In plain_text nothing is markup; mrkdwn is verbatim, so that addresses stay text."""
    (plain,) = text_objects(("*mug* https://x.test",), 3000)
    assert plain == {"type": "plain_text", "text": "*mug* https://x.test", "emoji": False}
    (marked,) = text_objects(("https://x.test ", Ref("here", "https://y.test")), 3000)
    assert marked["verbatim"] is True


def test_what_was_typed_is_read_as_it_was_seen() -> None:
    """Slack's markup of links, names and entities reads as its labels; our own mention is left out."""
    assert typed("a &amp; b &lt;c&gt; <http://mug.com|mug.com> <@U1|ann>") == "a & b <c> mug.com ann"
    assert typed("<mailto:a@b.test>") == "a@b.test"
    assert addressed("<@U0BOT> buy mug") == "buy mug"


def test_cut_keeps_what_fits() -> None:
    """Text at the limit stays whole; beyond it an ellipsis says that something is missing."""
    assert cut("x" * 24, 24) == "x" * 24
    assert cut("x" * 25, 24) == "x" * 23 + "…"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.integers(20, 200))
def test_folding_loses_nothing_and_keeps_the_limit(text: str, most: int) -> None:
    """Any text folds into chunks within the limit that together read as it did, white space between chunks aside."""
    chunks = fold((text,), most)
    assert all(0 < len(chunk) <= most for chunk in chunks)
    assert "".join(unescape("".join(chunks)).split()) == "".join(text.split())
    assert list(links_of([(chunk, False) for chunk in chunks])) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.integers(20, 200))
def test_plain_text_loses_nothing_either(text: str, most: int) -> None:
    """Any text becomes plain_text objects within the limit."""
    objects = text_objects((text,), most)
    assert all(0 < len(str(each["text"])) <= most for each in objects)
    assert "".join("".join(str(each["text"]) for each in objects).split()) == "".join(text.split())


@settings(deadline=None)
@given(st.lists(st.text(max_size=12) | st.builds(Ref, st.text(max_size=6), st.just("https://y.test/?a&b"))))
def test_what_fits_whole_is_what_its_parts_come_to(rich: list[str | Ref]) -> None:
    """A sentence that need not be broken is written as its words are, one after another."""
    whole = "".join(atom for piece in rich for atom in _atoms(piece, 1000))
    wanted = [whole.strip()] if whole.strip() else []
    assert fold(tuple(rich), max(len(whole), 1)) == wanted
