"""Views drawn for Discord: nothing typed becomes markup, and whatever breaks a limit is cut or split, at the edge."""

from datetime import UTC, datetime
from typing import Any, Literal

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.discord import cards, forms
from adapters.discord.identifiers import Act, Fill, Mend, PickUp, read
from adapters.discord.markdown import cut, cut_markdown, escape, markdown
from bot.chat import (
    Action,
    Answers,
    Button,
    Card,
    ChecksField,
    Choice,
    ChoiceField,
    Context,
    Field,
    Form,
    Link,
    Progress,
    Select,
    Step,
    TextField,
)
from bot.words import Moment, Piece, Ref
from tests.platforms.discord import bodies
from tests.platforms.discord.refusals import RefusedError

AT = datetime(2017, 2, 1, tzinfo=UTC)


async def never(ctx: Context, answers: Answers) -> Card:
    return Card("never")


PAY = Step("buy.place", never)


def message(card: Card) -> dict[str, Any]:
    """Draw a card and have it read as strictly as Discord would."""
    drawn = cards.card(card)
    body = {"embeds": [drawn.embed.to_dict()], "components": drawn.view().to_components()}
    return bodies.message(body, flags=0)


def modal(form: Form) -> dict[str, Any]:
    """Draw a form and have it read as strictly as Discord would."""
    return bodies.modal(forms.modal(form).to_dict(), ())


def embed(card: Card) -> dict[str, Any]:
    drawn: dict[str, Any] = message(card)["embeds"][0]
    return drawn


def many(count: int) -> tuple[Choice, ...]:
    return tuple(Choice(f"v{number}", f"Choice {number}") for number in range(count))


# ------------------------------------------------------------------------------------------------------------ sentences


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("**bold** _it_ ~~no~~ `code` ||hide||", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \`code\` \|\|hide\|\|"),
        ("@everyone @here", r"\@everyone \@here"),
        ("<@1> <#2> <@&3> <t:1:F> </buy:1> <:smile:1>", r"\<@1> \<#2> \<@&3> \<t:1:F> \</buy:1> \<:smile:1>"),
        ("[Pay](https://evil.test)", r"\[Pay\](https\://evil.test)"),
        ("https://evil.test", r"https\://evil.test"),
        (
            "# Title\n-# small\n> quote\n- item\n1. one\n2) two",
            "\\# Title\n\\-# small\n\\> quote\n\\- item\n1\\. one\n2\\) two",
        ),
        ("back\\slash", r"back\\slash"),
        ("shop@example.org, 12.50 €, 3 - 1 = 2, C#, a > b", "shop@example.org, 12.50 €, 3 - 1 = 2, C#, a > b"),
    ],
)
def test_what_people_type_stays_as_they_typed_it(typed: str, written: str) -> None:
    """Markup, mentions, links, headings, quotes and lists are escaped; ordinary text is left alone."""
    assert escape(typed) == written


def test_an_instant_is_said_in_the_operators_time_and_shown_in_the_readers() -> None:
    """A moment is its text, followed by Discord's own timestamp."""
    assert markdown(("Closes ", Moment(AT, "1 February 2017"), ".")) == "Closes 1 February 2017 (<t:1485907200:F>)."


def test_a_reference_is_a_link_and_only_to_the_web() -> None:
    """The operator's addresses become masked links; what Discord would not mask is written out."""
    assert markdown((Ref("the [shop]", "https://shop.test/a(b)"),)) == r"[the \[shop\]](https://shop.test/a%28b%29)"
    assert markdown((Ref("https://shop.test", "https://shop.test"),)) == "https://shop.test"
    assert markdown((Ref("mail", "mailto:shop@example.org"),)) == "mail (mailto:shop@example.org)"


def test_text_is_cut_with_a_sign_that_there_was_more() -> None:
    """At the limit nothing is lost; one beyond, the last character says so."""
    assert cut("abcd", 4) == "abcd"
    assert cut("abcde", 4) == "abc…"
    assert cut_markdown("abcde", 4) == "abc…"


@pytest.mark.parametrize("whole", ["ab [label](https://shop.test)", "ab <t:1485907200:F>", "ab \\*\\*\\*"])
def test_markdown_is_never_cut_in_the_middle_of_a_link_a_date_or_an_escape(whole: str) -> None:
    """Wherever the cut falls, what is left is whole."""
    for most in range(4, len(whole)):
        left = cut_markdown(whole, most)
        assert len(left) <= most
        body = left.removesuffix("…")
        assert body.count("[") == body.count("](https://shop.test)")
        assert body.count("<t:") == body.count("<t:1485907200:F>")
        assert (len(body) - len(body.rstrip("\\"))) % 2 == 0


# ---------------------------------------------------------------------------------------------------------------- cards


def test_a_card_is_an_embed_with_facts_and_buttons() -> None:
    """Each part of a card has its place, and the tone its colour."""
    drawn = message(
        Card(
            "Order",
            (("Two ", "mugs"),),
            facts=(("Total", ("€25",)), ("Note", ())),
            actions=(
                Link("Pay", "https://pay.test"),
                Button("Cancel", PAY, "T1", "danger"),
                Select("Which", many(2), PAY),
            ),
            tone="good",
            picture="https://shop.test/mug.png",
            footer=("Test money",),
        )
    )
    shown = drawn["embeds"][0]
    assert (shown["title"], shown["description"], shown["footer"]["text"]) == ("Order", "Two mugs", "Test money")
    assert [(one["name"], one["value"]) for one in shown["fields"]] == [("Total", "€25"), ("Note", "–")]
    assert shown["color"] == 0x248046
    assert shown["thumbnail"] == {"url": "https://shop.test/mug.png"}
    buttons, select = drawn["components"]
    assert [(one["label"], one["style"]) for one in buttons["components"]] == [("Pay", 5), ("Cancel", 4)]
    assert buttons["components"][1]["custom_id"] == "a1|buy.place|T1"
    assert select["components"][0]["custom_id"] == "a2|buy.place|"


@pytest.mark.parametrize(("ratio", "full"), [((0, 100), 0), ((24, 100), 5), ((100, 100), 20), ((500, 100), 20)])
def test_progress_is_said_in_words_before_it_is_drawn(ratio: tuple[int, int], full: int) -> None:
    """A screen reader meets the sentence first; the bar never overflows."""
    text, bar = cards.progress(Progress(*ratio, "24 % of the goal")).split("\n")
    assert text == "24 % of the goal"
    assert bar == "█" * full + "░" * (20 - full)


def test_long_texts_of_a_card_are_cut_at_the_limits() -> None:
    """Title, paragraphs, facts, footer and labels at their limits are whole, and beyond them cut."""
    for extra in (0, 1):
        shown = embed(
            Card(
                "t" * (256 + extra),
                (("d" * (3000),),),
                (("n" * (256 + extra), ("v" * (1024 + extra),)),),
                footer=("f" * 40,),
            )
        )
        (fact,) = shown["fields"]
        lengths = len(shown["title"]), len(fact["name"]), len(fact["value"])
        assert lengths == (256, 256, 1024)
        ends = {shown["title"][-1], fact["name"][-1], fact["value"][-1]}
        assert ends == ({"…"} if extra else {"t", "n", "v"})
    assert len(embed(Card("t", (("d" * 4097,),)))["description"]) == 4096
    (row,) = message(Card("t", actions=(Link("l" * 81, "https://pay.test"),)))["components"]
    assert len(row["components"][0]["label"]) == 80


def test_an_embed_never_exceeds_six_thousand_characters() -> None:
    """With facts enough to fill it, an embed keeps its paragraphs and as many facts as fit."""
    facts = tuple((f"Fact {number}", ("v" * 1024,)) for number in range(25))
    shown = embed(Card("t", (("d" * 4096,),), facts))
    total = len(shown["title"]) + len(shown["description"]) + sum(len(f["name"] + f["value"]) for f in shown["fields"])
    assert total <= 6000
    assert len(shown["description"]) >= 2000
    assert 0 < len(shown["fields"]) < 25


def test_the_twenty_sixth_fact_is_left_out() -> None:
    """An embed has 25 fields."""
    assert len(embed(Card("t", facts=tuple((str(n), ("v",)) for n in range(26))))["fields"]) == 25


def test_buttons_fill_rows_of_five_up_to_twenty_five() -> None:
    """More buttons than fit are left out, and no two have the same id though they say the same."""
    rows = message(Card("t", actions=tuple(Button("Same", PAY, "v") for _ in range(26))))["components"]
    assert [len(row["components"]) for row in rows] == [5] * 5
    ids = [one["custom_id"] for row in rows for one in row["components"]]
    assert len(set(ids)) == 25
    assert {read(one) for one in ids} == {Act("buy.place", "v")}


def test_a_select_of_many_choices_is_split() -> None:
    """Twenty-five choices are one select, twenty-six are two, and five rows are the end."""
    for count, sizes in ((25, [25]), (26, [25, 1]), (130, [25] * 5), (0, [])):
        rows = message(Card("t", actions=(Select("Which", many(count), PAY),)))["components"]
        assert [len(row["components"][0]["options"]) for row in rows] == sizes


def test_a_link_too_long_for_a_button_stands_in_the_text() -> None:
    """Stripe's own session addresses often exceed the 512 characters of a link button: they stay reachable."""
    fits, long = "https://pay.test/" + "x" * 495, "https://pay.test/" + "x" * 496
    assert message(Card("t", actions=(Link("Pay", fits),)))["components"][0]["components"][0]["url"] == fits
    drawn = message(Card("t", (("Then wait.",),), actions=(Link("Pay", long),)))
    assert drawn["components"] == []
    assert drawn["embeds"][0]["description"] == f"**[Pay]({long})**\n\nThen wait."
    assert embed(Card("t", actions=(Link("Write", "mailto:a@b.test"),)))["description"] == "**Write (mailto:a@b.test)**"


# ---------------------------------------------------------------------------------------------------------------- forms


def field_of(shown: Field) -> dict[str, Any]:
    """Draw one field and give its component."""
    drawn: dict[str, Any] = modal(Form("Form", (shown,), "Send", PAY))["components"][0]["component"]
    return drawn


def test_a_form_is_a_modal_with_its_step_in_its_id() -> None:
    """The modal's id leads back to the step, with the form's value."""
    drawn = modal(Form("Buy", (TextField("note", "Note"),), "Send", PAY, value="T1"))
    assert read(drawn["custom_id"]) == Fill("buy.place", "T1")


def test_texts_of_a_form_are_cut_at_the_limits() -> None:
    """Title and label have 45 characters, a hint 100, a sample 100, a text what the field takes."""
    shown = TextField("n", "l" * 46, hint="h" * 101, value="v" * 11, suggestions=("s" * 101,), most=10)
    drawn = modal(Form("t" * 46, (shown,), "Send", PAY))
    label = drawn["components"][0]
    assert (len(drawn["title"]), len(label["label"]), len(label["description"])) == (45, 45, 100)
    assert (len(label["component"]["placeholder"]), len(label["component"]["value"])) == (100, 10)


def test_up_to_twenty_five_choices_are_a_select_and_more_are_a_text() -> None:
    """What was chosen is shown in both: chosen in the select, by its label in the text field."""
    select = field_of(ChoiceField("p", "Product", many(25), required=True, value="v3"))
    assert (select["type"], len(select["options"]), select["required"]) == (3, 25, True)
    assert [one["value"] for one in select["options"] if one["default"]] == ["v3"]
    text = field_of(ChoiceField("p", "Product", many(26), required=True, value="v3"))
    assert (text["type"], text["value"], text["required"]) == (4, "Choice 3", True)
    assert field_of(ChoiceField("p", "Product", (), suggest="buy.product"))["type"] == 4


def test_checks_are_a_select_of_any_number() -> None:
    """None, some or all can be chosen."""
    drawn = field_of(ChecksField("o", "Options", many(3), chosen=("v1",)))
    assert (drawn["min_values"], drawn["max_values"], drawn["required"]) == (0, 3, False)
    assert [one["value"] for one in drawn["options"] if one["default"]] == ["v1"]


def test_an_introduction_stands_above_four_fields_and_below_the_first_of_five() -> None:
    """A modal has room for five components: the introduction gives way, and is not lost."""
    four, five = (tuple(TextField(str(n), f"Field {n}") for n in range(count)) for count in (4, 5))
    assert modal(Form("F", four, "Send", PAY, intro=("Hello",)))["components"][0]["content"] == "Hello"
    assert modal(Form("F", five, "Send", PAY, intro=("Hello",)))["components"][0]["description"] == "Hello"


@pytest.mark.parametrize(
    "junk", [{}, {"component": 1}, {"component": {}}, {"component": {"custom_id": 7}}, {"type": 10}]
)
def test_a_submitted_modal_with_junk_in_it_is_read_as_far_as_it_can_be(junk: dict[str, Any]) -> None:
    """Parts of a submission that are no fields of ours are passed over."""
    field = {"type": 18, "component": {"type": 4, "custom_id": "note", "value": "hi"}}
    assert forms.filled({"components": [junk, field]}, "") == Answers.of(note="hi")


# ------------------------------------------------------------------------------------------------------------------ ids


@pytest.mark.parametrize("value", ["", "T1", "a|b|c", "x" * 80])
def test_an_id_gives_back_what_was_put_in(value: str) -> None:
    """Every kind of custom_id is read as it was written, whatever the value holds, and fits a hundred characters."""
    step = "orders.receipt_"[:15]
    for kept, packed in (
        (Act(step, value), Act(step, value).packed(24)),
        (Fill(step, value), Fill(step, value).packed()),
        (Mend(step, value), Mend(step, value).packed()),
    ):
        assert len(packed) <= 100
        assert read(packed) == kept


def test_a_pick_up_carries_the_text_that_fits() -> None:
    """A text too long for a custom_id leaves its first word."""
    user = 2**63
    assert read(PickUp(user, user, "buy mug 2").packed()) == PickUp(user, user, "buy mug 2")
    assert read(PickUp(user, user, "buy " + "x" * 100).packed()) == PickUp(user, user, "buy")
    assert len(PickUp(user, user, "x" * 100).packed()) == 100


@pytest.mark.parametrize("custom_id", ["", "|", "a", "a|", "a||", "z|x|y", "p|1|x", "p|1.x|y", "0" * 100])
def test_an_id_that_is_none_of_ours_is_not_read(custom_id: str) -> None:
    """Whatever another bot or an old version wrote is no id of ours."""
    assert read(custom_id) is None


# ------------------------------------------------------------------------------------------------ whatever it is, it fits

#: A busy machine is no fault of what is drawn.
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

LONG = st.integers(0, 2).map(lambda number: "*x["[number] * 5000)
TEXTS = st.text(min_size=1).filter(lambda text: bool(text.strip())) | LONG
URLS = st.sampled_from(["https://shop.test/", "mailto:a@b.test"]) | st.just("https://shop.test/").map(
    lambda url: url + "x" * 600
)
PIECES: st.SearchStrategy[Piece] = TEXTS | st.builds(Moment, st.just(AT), TEXTS) | st.builds(Ref, TEXTS, URLS)
RICH = st.lists(PIECES, min_size=1, max_size=3).map(tuple)
CHOICES = st.lists(st.builds(Choice, TEXTS, TEXTS), max_size=60).map(tuple)
STYLE = st.sampled_from(["primary", "plain", "danger"])
ACTIONS: st.SearchStrategy[Action] = (
    st.builds(Button, TEXTS, st.just(PAY), st.text(max_size=80), STYLE)
    | st.builds(Link, TEXTS, URLS)
    | st.builds(Select, TEXTS, CHOICES, st.just(PAY))
)
CARDS = st.builds(
    Card,
    title=TEXTS,
    text=st.lists(RICH, max_size=4).map(tuple),
    facts=st.lists(st.tuples(TEXTS, RICH), max_size=30).map(tuple),
    progress=st.none() | st.builds(Progress, st.integers(0, 10**9), st.integers(0, 10**9), TEXTS),
    actions=st.lists(ACTIONS, max_size=12).map(tuple),
    footer=st.just(()) | RICH,
)


@MANY
@given(CARDS)
def test_no_card_can_be_refused(card: Card) -> None:
    """Whatever a card holds, what is drawn of it is within every limit of Discord."""
    message(card)


KIND: st.SearchStrategy[Literal["text", "integer", "amount"]] = st.sampled_from(["text", "integer", "amount"])
NAMES = st.integers(0, 10**9).map(str)
FIELDS: st.SearchStrategy[Field] = (
    st.builds(
        TextField, NAMES, TEXTS, KIND, st.booleans(), st.text(), st.text(), suggestions=st.lists(TEXTS).map(tuple)
    )
    | st.builds(ChoiceField, NAMES, TEXTS, CHOICES, st.booleans(), st.text(), st.text())
    | st.builds(ChecksField, NAMES, TEXTS, CHOICES, st.lists(TEXTS).map(tuple), st.text())
)
FORMS = st.builds(
    Form,
    title=TEXTS,
    fields=st.lists(FIELDS, min_size=1, max_size=5, unique_by=lambda field: field.name).map(tuple),
    submit=TEXTS,
    to=st.just(PAY),
    intro=st.just(()) | RICH,
    value=st.text(max_size=80),
)


@MANY
@given(FORMS)
def test_no_form_can_be_refused(form: Form) -> None:
    """Whatever a form holds, what is drawn of it is within every limit of Discord."""
    modal(form)


def test_the_reader_of_these_tests_refuses_what_is_too_long() -> None:
    """The check that the two above rest on can fail."""
    with pytest.raises(RefusedError):
        bodies.message({"embeds": [discord.Embed(title="x" * 257).to_dict()]}, flags=0)
