"""The Slack stand-in is strict where Slack is, seen through a small app of unmodified slack-bolt."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.platforms.slack import AppFault, Incomplete, SlackStandIn
from tests.platforms.slack.workspace import Json

Listener = Callable[..., Awaitable[object]]


class TinyApp:
    """A bolt app that does what the test tells it for each kind of payload."""

    def __init__(self, slack: SlackStandIn) -> None:
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        self.heard: list[Json] = []
        self.listeners: dict[str, Listener] = {}
        self.app = AsyncApp(
            client=self.client,
            signing_secret=slack.signing_secret,
            process_before_response=True,
            ignoring_self_events_enabled=False,
        )
        self.app.use(self._heard)

    async def _heard(self, body: Json, ack: Any, client: Any, **_: Any) -> Any:
        self.heard.append(body)
        kind = body.get("type", body.get("command"))
        listener = self.listeners.get(str(kind))
        if listener is None:
            return await ack()
        return await listener(body, ack, client) or ack.response

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Hand a request to bolt."""
        return await to_aiohttp_response(await self.app.async_dispatch(await to_bolt_request(request)))


def manifest(*, should_escape: bool) -> Json:
    """Give as much of a manifest as says how a command's text arrives."""
    return {"features": {"slash_commands": [{"command": "/shop", "should_escape": should_escape}]}}


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackStandIn]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # the SDK would take loopback calls there
    async with SlackStandIn() as stand_in:
        yield stand_in


@pytest.fixture
async def tiny(slack: SlackStandIn) -> AsyncIterator[TinyApp]:
    app = TinyApp(slack)
    server = web.Application()
    server.router.add_post("/slack/events", app.answer)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.events_url = "http://{}:{}/slack/events".format(*runner.addresses[0][:2])
    yield app
    await slack.settled()
    await runner.cleanup()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "Hello") -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(text: str = "Pay", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": "pay", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def entry(label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": label.lower(), "label": plain(label), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Buy"), "submit": plain("Buy"), "blocks": list(blocks), **more}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text.lower()}


PRODUCT = entry("Product", {"type": "external_select", "action_id": "product", "min_query_length": 0})
QUANTITY = entry("Quantity", {"type": "plain_text_input", "action_id": "quantity"}, optional=True)


async def refused(call: Awaitable[object]) -> tuple[str, str]:
    """Return the error code and the messages of a call that must be refused."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return answer["error"], " ".join(answer.get("response_metadata", {}).get("messages", []))


async def test_a_slash_command_carries_what_slack_documents_and_its_answer_is_private(
    slack: SlackStandIn, tiny: TinyApp
) -> None:
    """A slash command reaches the app signed and complete, and its answer is seen by nobody else."""
    user, other = slack.person("U1", locale="fr-FR"), slack.person("U2")
    other.join("C1")

    async def answer(body: Json, ack: Any, _client: Any) -> None:
        await ack(text=f"You said {body['text']}")

    tiny.listeners["/buy"] = answer
    await user.slash("/buy", "mug & <2>")
    heard = tiny.heard[0]
    assert heard["command"] == "/buy"
    assert heard["text"] == "mug &amp; &lt;2&gt;"
    assert {"team_id", "channel_id", "user_id", "trigger_id", "response_url", "api_app_id"} <= set(heard)
    assert user.screen("C1") == "You said mug & <2>"
    assert other.screen("C1") == ""
    assert slack.public_posts() == []


async def test_a_forged_signature_is_turned_away_by_bolt(slack: SlackStandIn, tiny: TinyApp) -> None:
    """A delivery signed with another secret never reaches a listener."""
    forger = slack.signing_secret
    slack.signing_secret = "another"
    ack = await slack.post(b"command=%2Fbuy", "application/x-www-form-urlencoded")
    slack.signing_secret = forger
    assert ack.status == 401
    assert tiny.heard == []


async def test_an_acknowledgement_after_three_seconds_is_an_error(
    slack: SlackStandIn, tiny: TinyApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that acknowledges too late is shown to the person as a timeout."""
    never = asyncio.Event()

    async def late(_body: Json, _ack: Any, _client: Any) -> None:
        await never.wait()

    tiny.listeners["/buy"] = late
    monkeypatch.setattr("tests.platforms.slack.delivery.ACKNOWLEDGEMENT_SECONDS", 0.05)
    with pytest.raises(AppFault, match="operation_timeout"):
        await slack.person("U1").slash("/buy")
    never.set()


async def test_an_answer_that_is_no_200_is_an_error(slack: SlackStandIn, tiny: TinyApp) -> None:
    """An app that answers a command with an HTTP error lets Slack show `dispatch_failed`."""

    async def broken(_body: Json, _ack: Any, _client: Any) -> None:
        raise ValueError("broken")

    tiny.listeners["/buy"] = broken
    with pytest.raises(AppFault, match="dispatch_failed"):
        await slack.person("U1").slash("/buy")


async def test_a_form_is_opened_filled_refused_and_sent(slack: SlackStandIn, tiny: TinyApp) -> None:
    """A modal opens on a trigger, suggests, keeps errors beside its fields, and closes on an empty answer."""
    user = slack.person("U1")

    async def ask(body: Json, ack: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(PRODUCT, QUANTITY, private_metadata="m"))
        await ack()

    async def suggest(body: Json, ack: Any, _client: Any) -> None:
        assert "trigger_id" not in body
        await ack(options=[option("Mug, blue", "mug-blue")] if body["value"] in "Mug, blue" else [])

    async def submit(body: Json, ack: Any, _client: Any) -> None:
        values = body["view"]["state"]["values"]
        assert body["view"]["private_metadata"] == "m"
        assert values["product"]["product"]["selected_option"]["value"] == "mug-blue"
        if values["quantity"]["quantity"]["value"] == "2":
            await ack()
        else:
            await ack(response_action="errors", errors={"quantity": "Two at least"})

    tiny.listeners |= {"/buy": ask, "block_suggestion": suggest, "view_submission": submit}
    await user.slash("/buy")
    assert user.form.labels == ("Product", "Quantity")
    assert await user.suggest("Product", "Mu") == ["Mug, blue"]
    assert await user.suggest("Product", "Hat") == []
    with pytest.raises(Incomplete):
        await user.fill()
    ack = await user.fill({"Product": "Mug, blue"})
    assert ack.errors == {"quantity": "Two at least"}
    assert "Two at least" in user.form.said
    await user.fill({"quantity": "2"})
    assert user.modal is None


async def test_a_trigger_is_good_once_and_for_three_seconds(slack: SlackStandIn, tiny: TinyApp) -> None:
    """A modal on a spent, old or invented trigger is refused."""
    user = slack.person("U1")
    await user.slash("/buy")
    trigger = tiny.heard[-1]["trigger_id"]
    await tiny.client.views_open(trigger_id=trigger, view=modal(section()))
    assert (await refused(tiny.client.views_open(trigger_id=trigger, view=modal(section()))))[0] == (
        "exchanged_trigger_id"
    )
    await user.slash("/buy")
    slack.advance(3.1)
    late = tiny.client.views_open(trigger_id=tiny.heard[-1]["trigger_id"], view=modal(section()))
    assert (await refused(late))[0] == "expired_trigger_id"
    assert (await refused(tiny.client.views_open(trigger_id="1.2.3", view=modal(section()))))[0] == (
        "invalid_trigger_id"
    )


BAD_BLOCKS: dict[str, tuple[Json, str]] = {
    "header": ({"type": "header", "text": plain("x" * 151)}, "less than 151 characters"),
    "markup in a header": ({"type": "header", "text": mrkdwn("x")}, "valid enum value"),
    "section": (section("x" * 3001), "less than 3001 characters"),
    "empty text": (section(""), "more than 0 characters"),
    "bare section": ({"type": "section"}, "missing required field: text"),
    "fields": ({"type": "section", "fields": [mrkdwn("x")] * 11}, "no more than 10 items"),
    "field": ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "less than 2001 characters"),
    "button": (actions(button("x" * 76)), "less than 76 characters"),
    "action_id": (actions(button() | {"action_id": "x" * 256}), "less than 256 characters"),
    "value": (actions(button(value="x" * 2001)), "less than 2001 characters"),
    "url": (actions(button(url="https://x.test/" + "x" * 3000)), "less than 3001 characters"),
    "no url": (actions(button(url="nowhere")), "valid url"),
    "style": (actions(button(style="green")), "valid enum value"),
    "elements": (actions(*(button(f"{n}") | {"action_id": f"a{n}"} for n in range(26))), "no more than 25 items"),
    "same action twice": (actions(button(), button()), "action_id already exists"),
    "unknown field": (section() | {"colour": "red"}, "invalid additional property: colour"),
    "unknown block": ({"type": "table"}, "unsupported type: table"),
    "input in actions": (actions({"type": "plain_text_input"}), "unsupported type: plain_text_input"),
    "options": (
        actions({"type": "static_select", "options": [option(f"{n}") for n in range(101)]}),
        "no more than 100 items",
    ),
    "option text": (actions({"type": "static_select", "options": [option("x" * 76, "x")]}), "less than 76"),
    "option value": (actions({"type": "static_select", "options": [option("x", "x" * 151)]}), "less than 151"),
    "initial option": (
        actions({"type": "static_select", "options": [option("x")], "initial_option": option("y")}),
        "must exactly match",
    ),
    "no options": (actions({"type": "static_select"}), "options or option_groups"),
    "context": ({"type": "context", "elements": [mrkdwn("x")] * 11}, "no more than 10 items"),
    "block_id": (section() | {"block_id": "x" * 256}, "less than 256 characters"),
}


@pytest.mark.parametrize("block", BAD_BLOCKS.values(), ids=BAD_BLOCKS.keys())
async def test_blocks_slack_refuses_are_refused(slack: SlackStandIn, tiny: TinyApp, block: tuple[Json, str]) -> None:
    """A message with a block beyond Slack's limits is refused as `invalid_blocks`, and nobody sees it."""
    slack.channel("C1")
    sent = tiny.client.chat_postMessage(channel="C1", text="Hello", blocks=[section(), block[0]])
    error, messages = await refused(sent)
    assert error == "invalid_blocks"
    assert block[1] in messages
    assert slack.public_posts() == []


GOOD_BLOCKS: list[Json] = [
    {"type": "header", "text": plain("x" * 150)},
    section("x" * 3000),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    {"type": "divider"},
    actions(*(button("x" * 75, value="x" * 2000, url="https://x.test/") | {"action_id": f"a{n}"} for n in range(25))),
    actions({"type": "static_select", "options": [option("x" * 75, "x" * 150)] * 100}),
]


async def test_blocks_at_the_limits_are_taken(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Everything just within the limits is posted; a fifty-first block is refused."""
    slack.channel("C1")
    await tiny.client.chat_postMessage(channel="C1", text="Hello", blocks=GOOD_BLOCKS + [section()] * 44)
    error, messages = await refused(
        tiny.client.chat_postMessage(channel="C1", text="Hello", blocks=GOOD_BLOCKS + [section()] * 45)
    )
    assert (error, "no more than 50 items" in messages) == ("invalid_blocks", True)
    assert len(slack.public_posts("C1")) == 1


BAD_VIEWS: dict[str, tuple[Json, str]] = {
    "title": (modal(section(), title=plain("x" * 25)), "less than 25 characters"),
    "submit": (modal(section(), submit=plain("x" * 25)), "less than 25 characters"),
    "private_metadata": (modal(section(), private_metadata="x" * 3001), "less than 3001 characters"),
    "callback_id": (modal(section(), callback_id="x" * 256), "less than 256 characters"),
    "blocks": (modal(*[section()] * 101), "no more than 100 items"),
    "unknown field": (modal(section(), colour="red"), "invalid additional property: colour"),
    "no submit": ({"type": "modal", "title": plain("Buy"), "blocks": [PRODUCT]}, "missing required field: submit"),
    "field in a field": (modal(PRODUCT | {"element": QUANTITY}), "unsupported type: input"),
    "same block twice": (modal(PRODUCT, PRODUCT), "block_id already exists"),
}


@pytest.mark.parametrize("view", BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
async def test_views_slack_refuses_are_refused(slack: SlackStandIn, tiny: TinyApp, view: tuple[Json, str]) -> None:
    """A modal beyond Slack's limits is refused as `invalid_arguments`, and none opens."""
    user = slack.person("U1")
    await user.slash("/buy")
    error, messages = await refused(tiny.client.views_open(trigger_id=tiny.heard[-1]["trigger_id"], view=view[0]))
    assert error == "invalid_arguments"
    assert view[1] in messages
    assert user.modal is None


async def test_calls_without_the_right_token_or_channel_are_refused(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Missing and wrong tokens, unknown methods, channels, people and arguments get Slack's own errors."""
    slack.person("U1")
    slack.channel("C2", bot=False)
    stranger = AsyncWebClient(token="xoxb-stranger", base_url=slack.api_url)
    nobody = AsyncWebClient(base_url=slack.api_url)
    assert (await refused(stranger.auth_test()))[0] == "invalid_auth"
    assert (await refused(nobody.auth_test()))[0] == "not_authed"
    assert (await refused(tiny.client.api_call("chat.shout")))[0] == "unknown_method"
    assert (await refused(tiny.client.chat_postMessage(channel="C9", text="x")))[0] == "channel_not_found"
    assert (await refused(tiny.client.chat_postMessage(channel="C2", text="x")))[0] == "not_in_channel"
    slack.channel("C1")
    assert (await refused(tiny.client.api_call("chat.postMessage", json={"channel": "C1"})))[0] == "no_text"
    assert (await refused(tiny.client.chat_postMessage(channel="C1", text="x", colour="red")))[0] == (
        "invalid_arguments"
    )
    assert (await refused(tiny.client.chat_postEphemeral(channel="C1", user="U1", text="x")))[0] == (
        "user_not_in_channel"
    )
    assert (await refused(tiny.client.users_info(user="U9")))[0] == "user_not_found"
    assert (await refused(tiny.client.conversations_open(users="U9")))[0] == "user_not_found"


async def test_a_locale_is_told_only_when_asked_for(slack: SlackStandIn, tiny: TinyApp) -> None:
    """users.info gives the locale with include_locale, and not without."""
    slack.person("U1", locale="fr-FR")
    assert "locale" not in (await tiny.client.users_info(user="U1"))["user"]
    assert (await tiny.client.users_info(user="U1", include_locale=True))["user"]["locale"] == "fr-FR"


async def test_a_response_url_answers_five_times_in_thirty_minutes(slack: SlackStandIn, tiny: TinyApp) -> None:
    """The sixth use of a response_url is refused, and so is one after thirty minutes."""
    user = slack.person("U1")
    await user.slash("/buy")
    hook = AsyncWebhookClient(tiny.heard[-1]["response_url"])
    for number in range(5):
        assert (await hook.send(text=f"{number}")).status_code == 200
    spent = await hook.send(text="5")
    assert (spent.status_code, json.loads(spent.body)["error"]) == (404, "used_url")
    assert [message.said for message in user.seen("C1")] == ["0", "1", "2", "3", "4"]
    await user.slash("/buy")
    slack.advance(30 * 60 + 1)
    late = AsyncWebhookClient(tiny.heard[-1]["response_url"])
    assert json.loads((await late.send(text="late")).body)["error"] == "expired_url"
    assert slack.public_posts() == []


async def test_a_pressed_message_is_replaced_and_deleted_but_a_commands_is_not(
    slack: SlackStandIn, tiny: TinyApp
) -> None:
    """replace_original edits the message whose button was pressed; a slash command has none to edit."""
    user = slack.person("U1")

    async def answer(_body: Json, ack: Any, _client: Any) -> None:
        await ack(text="Card", blocks=[section("Card"), actions(button("Pay"))])

    tiny.listeners["/buy"] = answer
    await user.slash("/buy")
    command = AsyncWebhookClient(tiny.heard[-1]["response_url"])
    await command.send(text="More", replace_original=True)
    assert [message.said for message in user.seen("C1")] == ["Card\n[Pay]", "More"]
    await user.press("Pay")
    pressed = tiny.heard[-1]
    assert pressed["container"]["is_ephemeral"] is True
    assert "message" not in pressed
    hook = AsyncWebhookClient(pressed["response_url"])
    await hook.send(text="Paid", replace_original=True)
    assert [message.said for message in user.seen("C1")] == ["Paid", "More"]
    await hook.send(delete_original=True)
    assert [message.said for message in user.seen("C1")] == ["More"]
    await hook.send(text="For all", response_type="in_channel")
    assert [posting.said for posting in slack.public_posts("C1")] == ["For all"]


async def test_a_url_button_opens_its_page_and_tells_the_app(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Pressing a button with a URL sends block_actions too."""
    user = slack.person("U1")
    user.join("C1")
    slack.channel("C1").bot = True
    await tiny.client.chat_postMessage(
        channel="C1", text="Pay", blocks=[actions(button(url="https://pay.test/1", value="1"))]
    )
    await user.press("Pay")
    assert user.visited == ["https://pay.test/1"]
    assert tiny.heard[-1]["actions"][0]["value"] == "1"
    assert tiny.heard[-1]["message"]["blocks"][0]["type"] == "actions"


async def test_an_acknowledgement_of_a_press_says_nothing(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Slack ignores what is said in the acknowledgement of a press, so the stand-in refuses it."""
    user = slack.person("U1")
    user.join("C1")
    slack.channel("C1").bot = True
    await tiny.client.chat_postMessage(channel="C1", text="Pay", blocks=[actions(button())])

    async def answer(_body: Json, ack: Any, _client: Any) -> None:
        await ack(text="lost")

    tiny.listeners["block_actions"] = answer
    with pytest.raises(AppFault, match="nothing may be said"):
        await user.press("Pay")


async def test_a_select_in_a_message_sends_what_was_chosen(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Choosing an option of a message's select sends block_actions with that option."""
    user = slack.person("U1")
    user.join("C1")
    slack.channel("C1").bot = True
    select = {"type": "static_select", "action_id": "which", "options": [option("Blue"), option("Red")]}
    await tiny.client.chat_postMessage(channel="C1", text="Which?", blocks=[actions(select)])
    await user.choose("Red")
    assert tiny.heard[-1]["actions"][0]["selected_option"]["value"] == "red"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "?"}}, "no input block"),
        ({"response_action": "errors", "errors": {}}, "at least one field"),
        ({"response_action": "update", "view": modal(section(), title=plain("x" * 25))}, "less than 25"),
    ],
)
async def test_wrong_answers_to_a_submission_are_errors(
    slack: SlackStandIn, tiny: TinyApp, answer: Json, complaint: str
) -> None:
    """Errors for fields that are not there, and views Slack refuses, let the submission fail."""
    user = slack.person("U1")

    async def ask(body: Json, ack: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(QUANTITY))
        await ack()

    async def submit(_body: Json, _ack: Any, _client: Any) -> BoltResponse:
        return BoltResponse(status=200, body=answer)

    tiny.listeners |= {"/buy": ask, "view_submission": submit}
    await user.slash("/buy")
    with pytest.raises(AppFault, match=complaint):
        await user.fill({"Quantity": "1"})


async def test_suggestions_beyond_slacks_limits_are_errors(slack: SlackStandIn, tiny: TinyApp) -> None:
    """More than a hundred suggestions, or one too long, let the suggestion fail."""
    user = slack.person("U1")
    given: list[Json] = []

    async def ask(body: Json, ack: Any, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(PRODUCT))
        await ack()

    async def suggest(_body: Json, ack: Any, _client: Any) -> None:
        await ack(options=given)

    tiny.listeners |= {"/buy": ask, "block_suggestion": suggest}
    await user.slash("/buy")
    given[:] = [option(f"{n}") for n in range(100)]
    assert len(await user.suggest("Product", "")) == 100
    given.append(option("100"))
    with pytest.raises(AppFault, match="no more than 100"):
        await user.suggest("Product", "")
    given[:] = [option("x" * 76)]
    with pytest.raises(AppFault, match="less than 76"):
        await user.suggest("Product", "")


async def test_a_view_is_updated_in_place_and_a_stale_hash_is_refused(slack: SlackStandIn, tiny: TinyApp) -> None:
    """views.update draws the modal anew, unless somebody did so before."""
    user = slack.person("U1")
    await user.slash("/buy")
    opened = await tiny.client.views_open(trigger_id=tiny.heard[-1]["trigger_id"], view=modal(section("One")))
    view = opened["view"]
    await tiny.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Two")))
    assert "Two" in user.form.said
    stale = tiny.client.views_update(view_id=view["id"], hash=view["hash"], view=modal(section("Three")))
    assert (await refused(stale))[0] == "hash_conflict"


async def test_direct_messages_and_mentions_arrive_as_events_and_again_when_retried(
    slack: SlackStandIn, tiny: TinyApp
) -> None:
    """A direct message and a mention arrive as documented, and a repetition carries the same event id."""
    user = slack.person("U1")
    await user.say("buy mug & 2", retries=1)
    first, second = tiny.heard
    assert first["event_id"] == second["event_id"]
    assert (first["event"]["type"], first["event"]["channel_type"]) == ("message", "im")
    assert first["event"]["text"] == "buy mug &amp; 2"
    await user.mention("help", thread="1.2")
    assert tiny.heard[-1]["event"]["type"] == "app_mention"
    assert tiny.heard[-1]["event"]["text"] == "<@U0BOT> help"
    assert tiny.heard[-1]["event"]["thread_ts"] == "1.2"


async def test_the_app_can_write_to_a_person_directly_until_they_leave(slack: SlackStandIn, tiny: TinyApp) -> None:
    """conversations.open gives the direct message, which nobody else sees; a deactivated account has none."""
    user = slack.person("U1")
    channel = (await tiny.client.conversations_open(users="U1"))["channel"]["id"]
    posted = await tiny.client.chat_postMessage(channel=channel, text="Shipped <https://x.test|here>")
    await tiny.client.chat_update(channel=channel, ts=posted["ts"], text="Delivered")
    assert (await user.sees("Delivered", user.direct)).edits == 1
    await slack.settled()
    echoed = [body["event"] for body in tiny.heard]
    assert [event.get("subtype") for event in echoed] == [None, "message_changed"]
    assert echoed[0]["bot_id"] == "B0BOT"
    assert slack.public_posts() == []
    await tiny.client.chat_delete(channel=channel, ts=posted["ts"])
    assert user.seen() == []
    user.leave()
    assert (await refused(tiny.client.conversations_open(users="U1")))[0] == "user_disabled"
    assert (await refused(tiny.client.chat_postMessage(channel=channel, text="x")))[0] == "user_disabled"


async def test_faults_on_demand(slack: SlackStandIn, tiny: TinyApp) -> None:
    """A method can be told to be limited, broken, refused or slow, so many times."""
    slack.person("U1")
    slack.limit("auth.test", retry_after=7)
    with pytest.raises(SlackApiError) as limited:
        await tiny.client.auth_test()
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "7")
    slack.break_down("auth.test")
    with pytest.raises(SlackApiError) as broken:
        await tiny.client.auth_test()
    assert broken.value.response.status_code == 500
    slack.refuse("users.info", "user_not_visible")
    assert (await refused(tiny.client.users_info(user="U1")))[0] == "user_not_visible"
    slack.delay("users.info", 0.05)
    begun = time.monotonic()
    assert (await tiny.client.users_info(user="U1"))["ok"]
    assert time.monotonic() - begun >= 0.05
    assert [made.error for made in slack.refusals] == ["ratelimited", "fatal_error", "user_not_visible"]


async def test_markup_that_people_would_see_as_links_is_found(slack: SlackStandIn, tiny: TinyApp) -> None:
    """Mentions, links and bare URLs in a message are told from escaped text and dates."""
    user = slack.person("U1")
    slack.channel("C1").people.add("U1")
    text = "*Look* <!channel> <@U2> <https://a.test|A> https://b.test <!date^0^{date}|1970> &lt;@U3&gt;"
    await tiny.client.chat_postMessage(channel="C1", text="x", blocks=[section(text)])
    verbatim = {"type": "section", "text": mrkdwn("https://c.test") | {"verbatim": True}}
    await tiny.client.chat_postMessage(channel="C1", text="y", blocks=[verbatim])
    first, second = user.seen("C1")
    assert first.links == ("!channel", "@U2", "https://a.test", "https://b.test")
    assert first.said == "Look !channel @U2 A https://b.test 1970 <@U3>"
    assert second.links == ()


@pytest.mark.parametrize(
    ("should_escape", "arrives"),
    [
        (True, "post mug <#C7|sea-shop> <@UADA|uada> #nowhere a#sea-shop @nobody &lt;b&gt;"),
        (False, "post mug #sea-shop @uada #nowhere a#sea-shop @nobody &lt;b&gt;"),
    ],
)
async def test_named_channels_and_people_arrive_with_their_ids(
    slack: SlackStandIn, tiny: TinyApp, *, should_escape: bool, arrives: str
) -> None:
    """Where the manifest says so, and nowhere else, `#channel` and `@person` of a slash command arrive with their ids."""
    slack.make(manifest(should_escape=should_escape))
    slack.channel("C7", "sea-shop")
    await slack.person("UADA").slash("/shop", "post mug #sea-shop @uada #nowhere a#sea-shop @nobody <b>")
    assert tiny.heard[-1]["text"] == arrives
