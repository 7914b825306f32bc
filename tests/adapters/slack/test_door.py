"""The Slack door: what people do in Slack reaches the conversation, and its answers reach them, privately."""

import json
from urllib.parse import urlencode

import pytest
from aiohttp import web

from adapters.slack import Connection, SlackDoor
from bot.chat import Button, Card
from bot.logs import JsonLines
from tests.adapters.slack.talk import SEEN, Answered, cancel, conversation
from tests.platforms.slack import Ack, AppFault, SlackStandIn
from tests.platforms.slack.delivery import FORM

pytestmark = pytest.mark.usefixtures("door")


def quiet(slack: SlackStandIn) -> None:
    """Check that Slack refused nothing, and that nothing was ever public."""
    assert slack.refusals == []
    assert slack.public_posts() == []


async def test_a_card_from_an_opener_is_the_acknowledgement(slack: SlackStandIn) -> None:
    """A card that needs no waiting travels in the acknowledgement itself, seen by the person alone."""
    user = slack.person("U1", locale="fr-FR")
    ack = await user.slash("/hello")
    assert ack.json["response_type"] == "ephemeral"
    assert "Bonjour\nslack:T1/U1 in C1" in user.screen("C1")
    quiet(slack)


async def test_the_prefix_of_a_command_is_taken_off(slack: SlackStandIn) -> None:
    """Where a name is taken, `/till-hello` is `/hello`; in another language it is known too."""
    user = slack.person("U1")
    await user.slash("/till-hello")
    assert "Hello" in user.screen("C1")
    await user.slash("/acheter", "cap 2")
    await user.sees("2 × cap")
    quiet(slack)


async def test_unknown_commands_are_answered_with_help(slack: SlackStandIn) -> None:
    """A command nobody knows gets the help and what was typed, not silence."""
    user = slack.person("U1")
    await user.slash("/sell", "<everything> & more")
    assert "You said: sell <everything> & more" in user.screen("C1")
    quiet(slack)


async def test_a_form_is_filled_in_with_suggestions_and_answered(slack: SlackStandIn) -> None:
    """`/buy` opens a modal, suggests while one types, keeps errors beside the field, and answers in the channel."""
    user = slack.person("U1")
    await user.slash("/buy")
    assert user.form.labels == ("Product", "Quantity", "Code")
    assert "What would you like?" in user.form.said
    assert await user.suggest("Product", "mug") == ["Mug, blue", "Mug, red"]
    assert await user.suggest("Product", "hat") == []
    ack = await user.fill({"Product": "Mug, blue", "Quantity": "0"})
    assert ack.errors == {"quantity": "At least one"}
    assert "At least one" in user.form.said
    await user.fill({"Quantity": "2", "Code": "WELCOME10"})
    assert user.modal is None
    card = await user.sees("2 × mug/blue")
    assert "Code 'WELCOME10', value 'asked'" in card.said
    assert card.seen_by == "U1"
    assert card.channel == "C1"
    assert card.buttons == ("Pay", "Cancel")
    quiet(slack)


async def test_every_kind_of_field_comes_back(slack: SlackStandIn) -> None:
    """A list, a free amount and several checks come back as they were chosen; what was chosen before stands."""
    user = slack.person("U1")
    await user.slash("/donate")
    await user.fill({"Amount": "12,50 €", "Options": ["Anonymous", "Cover the fees"]})
    await user.sees("12,50 € for trees ('anonymous', 'fees')")
    await user.slash("/donate")
    await user.fill({"Cause": "Clean water", "Amount": "5"})
    await user.sees("5 for water ()")
    quiet(slack)


async def test_a_step_runs_after_the_acknowledgement(slack: SlackStandIn) -> None:
    """`/buy cap 2` is acknowledged with nothing, and answered privately at its response_url."""
    user, other = slack.person("U1"), slack.person("U2")
    other.join("C1")
    ack = await user.slash("/buy", "cap 2")
    assert ack.raw == ""
    await user.sees("2 × cap", "C1")
    assert other.screen("C1") == ""
    quiet(slack)


async def test_refusals_and_crashes_are_answered(slack: SlackStandIn) -> None:
    """What cannot be, and what breaks, is a card too."""
    user = slack.person("U1")
    await user.slash("/buy", "gone 1")
    await user.sees("SoldOut")
    await user.slash("/boom")
    await user.sees("Trouble")
    quiet(slack)


async def test_the_interactions_own_id_is_the_key(slack: SlackStandIn) -> None:
    """A command delivered twice has one key, another command another; a form's key is the modal's."""
    user = slack.person("U1")
    fields = {
        "team_id": "T1",
        "user_id": "U1",
        "channel_id": "C1",
        "command": "/buy",
        "text": "cap 1",
        "trigger_id": "1.2.abc",
        "response_url": slack.response_url("commands", "U1", "C1"),
    }
    user.join("C1")
    await slack.deliver_command(fields)
    await slack.deliver_command(fields)
    await user.slash("/buy", "cap 3")
    await user.sees("3 × cap")
    keys = [ctx.key for ctx in SEEN]
    assert keys[:2] == ["slack:T1/U1:1.2.abc"] * 2
    assert keys[2] != keys[0]
    quiet(slack)


async def test_a_pressed_card_is_replaced_by_its_answer(slack: SlackStandIn) -> None:
    """Pressing Cancel puts the answer in the card's place, and hands the core a reply that edits it again."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    card = await user.sees("2 × cap")
    await user.press("Cancel")
    await user.sees("Cancelled T7")
    assert "Cancelled T7" in card.said
    assert SEEN[0].reply == ""
    assert "/actions/" in SEEN[1].reply
    quiet(slack)


async def test_a_refused_press_leaves_the_card(slack: SlackStandIn, connection: Connection) -> None:
    """What is refused is said beside the card, whose buttons stay."""
    user = slack.person("U1")
    await user.slash("/buy", "which")
    await user.sees("Which one?")
    await user.choose("Cap")
    card = await user.sees("1 × cap")
    assert [message.said for message in user.seen("C1")] == [card.said]
    action = card.blocks[-1]["elements"][-1]
    action["value"] = "late"
    await user.press("Cancel")
    await user.sees("SoldOut")
    assert len(user.seen("C1")) == 2
    quiet(slack)


async def test_a_public_message_is_never_replaced_by_a_private_answer(
    slack: SlackStandIn, connection: Connection
) -> None:
    """A button in a message that all can see is answered to the one who pressed it, beside that message."""
    user, other = slack.person("U1"), slack.person("U2")
    for person in (user, other):
        person.join("C1")
    slack.channel("C1").bot = True
    await connection.post("C1", Card("For all", actions=(Button("Cancel", cancel, "T7"),)))
    await user.press("Cancel")
    await user.sees("Cancelled T7")
    assert "Cancelled" not in other.screen("C1")
    assert len(slack.public_posts()) == 1
    assert SEEN[-1].reply == ""


async def test_a_button_that_opens_a_command_opens_its_form(slack: SlackStandIn) -> None:
    """The help's button opens the modal, and its answer comes beside the help."""
    user = slack.person("U1")
    await user.slash("/what")
    await user.press("Buy something")
    await user.fill({"Product": "Cap"})
    await user.sees("1 × cap")
    assert "Help" in user.screen("C1")
    quiet(slack)


async def test_buttons_of_another_time_are_answered(slack: SlackStandIn, connection: Connection) -> None:
    """A button whose step is no more says so."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    card = await user.sees("2 × cap")
    card.blocks[-1]["elements"][-1]["action_id"] = "buy.forgotten#1"
    await user.press("Cancel")
    await user.sees("From another time")
    quiet(slack)


async def test_plain_text_in_a_direct_message_is_a_command(slack: SlackStandIn) -> None:
    """`buy cap 2` written to the app is answered there, once, however often Slack repeats it."""
    user = slack.person("U1")
    await user.say("buy cap 2", retries=2)
    await user.sees("2 × cap", user.direct)
    await user.say("hello")
    await user.sees("Hello", user.direct)
    assert len([message for message in user.seen(user.direct) if "2 × cap" in message.said]) == 1
    assert len(SEEN) == 1
    assert SEEN[0].place.private
    quiet(slack)


async def test_a_form_cannot_follow_a_message_so_a_button_offers_it(slack: SlackStandIn) -> None:
    """`buy` in a direct message is answered with a button that opens the form, and the answer comes there to stay."""
    user = slack.person("U1")
    await user.say("buy mug")
    await user.sees("What would you like?", user.direct)
    await user.press("Buy")
    await user.fill({"Product": "Cap"})
    card = await user.sees("1 × cap", user.direct)
    assert card.seen_by is None
    await user.press("Cancel")
    await user.sees("Cancelled T7", user.direct)
    assert "Cancelled T7" in card.said
    assert "/actions/" in SEEN[-1].reply
    quiet(slack)


async def test_a_mention_is_answered_to_the_person_alone(slack: SlackStandIn) -> None:
    """`@tillbot buy cap 2` is answered in the channel, in sight of nobody else."""
    user, other = slack.person("U1"), slack.person("U2")
    other.join("C1")
    await user.mention("buy cap 2", thread="1.5")
    card = await user.sees("2 × cap", "C1")
    assert (card.seen_by, card.thread_ts) == ("U1", "1.5")
    assert "2 × cap" not in other.screen("C1")
    await user.press("Cancel")
    await user.sees("Cancelled T7")
    assert card.thread_ts == "1.5"
    quiet(slack)


async def test_a_refusal_in_a_thread_stays_in_the_thread(slack: SlackStandIn) -> None:
    """What is said beside a card in a thread is said in that thread."""
    user = slack.person("U1")
    await user.mention("buy which", thread="1.5")
    await user.sees("Which one?")
    slack.workspace.channel("C1").messages[-1].blocks[-1]["elements"][0]["options"][0]["value"] = "gone"
    await user.choose("Mug, blue")
    assert (await user.sees("SoldOut")).thread_ts == "1.5"
    quiet(slack)


async def test_where_the_channel_takes_no_answer_a_direct_message_does(slack: SlackStandIn) -> None:
    """If the response_url is refused, the private answer comes as a direct message."""
    user = slack.person("U1")
    slack.refuse("response_url", "expired_url")
    await user.slash("/buy", "cap 2")
    await user.sees("2 × cap", user.direct)
    assert slack.public_posts() == []


async def test_where_no_form_opens_an_invitation_does(slack: SlackStandIn) -> None:
    """If the modal is refused, the acknowledgement carries a button that opens it."""
    user = slack.person("U1")
    slack.refuse("views.open", "expired_trigger_id")
    await user.slash("/buy")
    assert user.modal is None
    await user.press("Buy")
    assert user.form.title == "Buy"
    assert slack.public_posts() == []


async def test_kept_news_comes_with_the_next_word(slack: SlackStandIn, cards: Answered) -> None:
    """What could not be told before is told after the answer, privately, and once."""
    user = slack.person("U1")
    cards.kept = [Card("Paid T1"), Card("Shipped T2")]
    await user.slash("/hello")
    await user.sees("Paid T1")
    await user.sees("Shipped T2")
    await user.slash("/hello")
    assert user.screen().count("Paid T1") == 1
    quiet(slack)


async def test_news_that_the_answer_has_said_is_not_said_again(slack: SlackStandIn, cards: Answered) -> None:
    """A step may make the very news that waits after it; of the same order and state it is shown once."""
    user = slack.person("U1")
    cards.kept = [Card("Once more", order="T7", state="awaiting"), Card("Paid", order="T7", state="paid")]
    await user.slash("/buy", "cap 2")
    await user.sees("Paid")
    assert "Once more" not in user.screen()
    quiet(slack)


async def test_a_slow_locale_is_not_waited_for(slack: SlackStandIn) -> None:
    """A locale that takes longer than 800 ms lets the default speak, and is known the next time."""
    user = slack.person("U1", locale="fr-FR")
    slack.delay("users.info", 1.0)
    ack = await user.slash("/hello")
    assert ack.seconds < 1.0
    assert "Hello" in user.screen()
    await slack.called("users.info")
    await user.slash("/hello")
    assert "Bonjour" in user.screen()
    assert len([made for made in slack.calls if made.method == "users.info"]) == 1


async def test_a_locale_that_is_refused_lets_the_default_speak(slack: SlackStandIn) -> None:
    """Without the scope for it, people are spoken to in the workspace's default language."""
    user = slack.person("U1", locale="fr-FR")
    slack.refuse("users.info", "missing_scope", times=5)
    await user.slash("/hello")
    await user.slash("/hello")
    assert "Bonjour" not in user.screen()
    assert len(slack.calls) == 1


async def test_a_pay_link_that_is_pressed_changes_nothing(slack: SlackStandIn) -> None:
    """A URL button reports that it was pressed; the card stays as it is."""
    user = slack.person("U1")
    await user.slash("/buy", "cap 2")
    card = await user.sees("2 × cap")
    before = card.said
    ack = await user.press("Pay")
    assert ack.raw == ""
    assert user.visited == ["https://pay.test/T7"]
    assert card.said == before
    quiet(slack)


async def test_slack_may_verify_the_address(slack: SlackStandIn) -> None:
    """The challenge by which Slack verifies a request URL is answered."""
    body = json.dumps({"type": "url_verification", "token": "x", "challenge": "3eZbrw1a"}).encode()
    ack = await slack.post(body, "application/json")
    assert (ack.status, ack.json) == (200, {"challenge": "3eZbrw1a"})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"payload=%7B", FORM),
        (b"payload=[]", FORM),
        (b"payload=%7B%7D", FORM),
        (urlencode({"command": "/buy"}).encode(), FORM),
        (urlencode({"payload": '{"type": "block_actions"}'}).encode(), FORM),
        (urlencode({"payload": '{"type": "view_submission", "view": {}}'}).encode(), FORM),
        (b'{"type": "event_callback", "event": {"type": "message"}}', "application/json"),
        (b'{"type": "event_callback", "event": 1}', "application/json"),
    ],
)
async def test_junk_is_survived(slack: SlackStandIn, body: bytes, kind: str) -> None:
    """Whatever arrives, signed as it may be, the door answers, makes no order, and serves the next person."""
    ack: Ack = await slack.post(body, kind)
    assert ack.status in (200, 400, 404, 500)
    user = slack.person("U1")
    await user.slash("/hello")
    assert "Hello" in user.screen()
    assert SEEN == []


async def test_what_cannot_be_read_is_not_repeated_in_the_log(
    slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """A submission that breaks the door is logged by the kind of the error, without what it holds."""
    view = {"type": "modal", "id": "V1", "hash": "1", "callback_id": "x", "private_metadata": '{"for Grandma": 1}'}
    payload = {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "1", "view": view}
    await slack.post(urlencode({"payload": json.dumps(payload)}).encode(), FORM)
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any("TypeError" in line for line in lines)
    assert not any("Grandma" in line for line in lines)


async def test_a_forged_request_is_refused(slack: SlackStandIn) -> None:
    """A request that is not signed with our secret gets 401, and nothing happens."""
    genuine, slack.signing_secret = slack.signing_secret, "another"
    ack = await slack.post(urlencode({"command": "/buy", "text": "cap 2"}).encode(), FORM)
    slack.signing_secret = genuine
    assert ack.status == 401
    assert SEEN == []


async def test_closing_lets_what_was_acknowledged_be_answered(slack: SlackStandIn, door: SlackDoor) -> None:
    """After `aclose` everything acknowledged has been answered, and nothing more is taken."""
    user = slack.person("U1")
    slack.delay("response_url", 0.2)
    await user.slash("/buy", "cap 2")
    assert user.screen() == ""
    await door.aclose()
    assert "2 × cap" in user.screen()
    with pytest.raises(AppFault, match="503"):
        await user.slash("/hello")


def test_a_door_without_a_signing_secret_cannot_be_made(connection: Connection, cards: Answered) -> None:
    """Without a signing secret anybody could speak for anybody."""
    with pytest.raises(ValueError, match="signing secret"):
        SlackDoor(conversation(cards), connection, signing_secret="")


async def test_credentials_of_an_oauth_install_in_the_environment_change_nothing(
    slack: SlackStandIn, connection: Connection, cards: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt reads SLACK_CLIENT_ID by itself; the door still speaks with the token it was given."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    second = SlackDoor(conversation(cards), connection, signing_secret=slack.signing_secret)
    app = web.Application()
    app.add_routes(second.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = "http://{}:{}/slack/events".format(*runner.addresses[0][:2])
    user = slack.person("U1")
    await user.slash("/hello")
    assert "Hello" in user.screen()
    await second.aclose()
    await runner.cleanup()
