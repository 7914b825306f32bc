"""Forms as modals: every field drawn and read back, every limit kept, checked with the stand-in's own strictness."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.forms import Errand, answers, field_errors, modal
from bot.chat import Answers, ChecksField, Choice, ChoiceField, Field, Form, TextField
from bot.words import Ref
from tests.adapters.slack.talk import place
from tests.platforms.slack.block_kit import view_complaints
from tests.platforms.slack.workspace import Json


def drawn(*fields: Field, **more: Any) -> Json:
    """Draw a form, which Slack must take."""
    view = modal(Form("Title", fields, "Send", place, **more), Errand(hook="https://hooks.test/1"))
    assert list(view_complaints(view)) == []
    return dict(view)


def element(field: Field) -> Json:
    """Draw one field and give its element."""
    found: Json = drawn(field)["blocks"][0]["element"]
    return found


def numbered(count: int) -> tuple[Choice, ...]:
    """Make so many choices."""
    return tuple(Choice(f"v{n}", f"Label {n}") for n in range(count))


def test_the_step_and_the_errand_travel_with_the_modal() -> None:
    """`callback_id` is the step's id; `private_metadata` brings back the value and where to answer."""
    errand = Errand("T7", "https://hooks.test/1", "C1", "1.2", private=True)
    view = modal(Form("Title", (), "Send", place, value="T7"), errand)
    assert view["callback_id"] == "buy.place"
    assert Errand.unpacked(str(view["private_metadata"])) == errand


def test_an_errand_too_long_keeps_its_value() -> None:
    """private_metadata holds 3000 characters; beyond them the answer goes by direct message."""
    kept = Errand.unpacked(Errand("T7", "https://hooks.test/" + "x" * 3000).packed())
    assert kept == Errand("T7")


def test_titles_and_buttons_are_cut_at_24_characters() -> None:
    """A modal's title and submit have 24 characters."""
    view = modal(Form("T" * 25, (), "S" * 25, place, intro=("Read ", Ref("this", "https://x.test"))), Errand())
    assert list(view_complaints(view)) == []
    assert view["title"] == {"type": "plain_text", "text": "T" * 23 + "…", "emoji": False}


def test_text_fields() -> None:
    """A text keeps its value, hint and length; suggestions stand in it until it is typed over; a number is a number."""
    view = drawn(TextField("note", "Note", value="abc", hint="Why", long=True, most=100, required=True))
    block = view["blocks"][0]
    assert (block["optional"], block["hint"]["text"]) == (False, "Why")
    assert block["element"]["multiline"] is True
    assert (block["element"]["initial_value"], block["element"]["max_length"]) == ("abc", 100)
    assert element(TextField("a", "A", "amount", suggestions=("5 €", "10 €")))["placeholder"]["text"] == "5 € · 10 €"
    assert element(TextField("n", "N", "integer", value="2"))["initial_value"] == "2"
    assert "initial_value" not in element(TextField("n", "N", "integer", value="two"))


def test_choices_are_completed_listed_or_typed() -> None:
    """With an option's id choices are completed while typing; up to a hundred are listed; more are typed."""
    suggested = element(ChoiceField("p", "P", numbered(2), value="v1", suggest="buy.product"))
    assert (suggested["type"], suggested["action_id"]) == ("external_select", "buy.product")
    assert suggested["initial_option"]["text"]["text"] == "Label 1"
    assert element(ChoiceField("p", "P", (), value="v9", suggest="buy.product"))["initial_option"]["value"] == "v9"
    listed = element(ChoiceField("p", "P", numbered(100), value="v99"))
    assert (listed["type"], listed["initial_option"]["value"]) == ("static_select", "v99")
    typed = element(ChoiceField("p", "P", numbered(101), value="v100"))
    assert (typed["type"], typed["initial_value"]) == ("plain_text_input", "Label 100")
    assert element(ChoiceField("p", "P", ()))["type"] == "plain_text_input"


def test_checks_are_boxes_or_a_list() -> None:
    """Ten checks are boxes, eleven a list of which many may be chosen; none at all are not drawn."""
    boxes = element(ChecksField("c", "C", numbered(10), chosen=("v1", "unknown")))
    assert (boxes["type"], [each["value"] for each in boxes["initial_options"]]) == ("checkboxes", ["v1"])
    assert element(ChecksField("c", "C", numbered(11)))["type"] == "multi_static_select"
    assert drawn(ChecksField("c", "C", ()))["blocks"] == []


def test_answers_are_read_back() -> None:
    """Texts, choices and checks come back by the fields' names; what was left empty is not there."""
    state = {
        "product": {"buy.product": {"type": "external_select", "selected_option": {"value": "cap"}}},
        "quantity": {"quantity": {"type": "number_input", "value": "2"}},
        "code": {"code": {"type": "plain_text_input", "value": None}},
        "cause": {"cause": {"type": "static_select", "selected_option": None}},
        "options": {"options": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}},
    }
    assert answers({"state": {"values": state}}, "T7") == Answers(
        {"value": ("T7",), "product": ("cap",), "quantity": ("2",), "options": ("a", "b")}
    )


def test_errors_stand_beside_their_fields() -> None:
    """An error that names no field stands at the first, joined to what is there."""
    view = drawn(TextField("a", "A"), TextField("b", "B"), intro=("Hello",))
    assert field_errors(view, {"b": "Bad", "other": "Odd", "a": "x" * 3000}) == {
        "b": "Bad",
        "a": ("Odd " + "x" * 3000)[:1999] + "…",
    }


NAMES = st.sampled_from(["product", "quantity", "code", "cause", "options"])
TEXT = st.text(min_size=1, max_size=200)
CHOICES = st.lists(st.builds(Choice, TEXT, TEXT), max_size=12, unique_by=lambda choice: choice.value).map(tuple)
FIELDS = st.one_of(
    st.builds(TextField, NAMES, TEXT, st.sampled_from(["text", "integer", "amount"]), value=st.text(max_size=300)),
    st.builds(ChoiceField, NAMES, TEXT, CHOICES, value=TEXT, suggest=st.sampled_from(["", "buy.product"])),
    st.builds(ChecksField, NAMES, TEXT, CHOICES, chosen=st.lists(TEXT, max_size=3).map(tuple)),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FIELDS, max_size=5, unique_by=lambda field: field.name))
def test_no_form_is_ever_refused(fields: list[Field]) -> None:
    """Whatever its fields hold, Slack takes the modal."""
    drawn(*fields)
