"""Each Slack driver plays each part of a scene, shown on a small conversation of its own."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from adapters.slack import Connection, SlackDoor, SlackVoice
from bot.chat import Card
from tests.adapters.slack.talk import Answered, conversation
from tests.conformance.doors import Door
from tests.conformance.slack_door import STAFF_CHANNEL, SlackHttp, SlackSocket


@pytest.fixture(params=[SlackHttp, SlackSocket], ids=lambda door: str(door.name))
async def door(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackHttp]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # the SDK would take loopback calls there
    driver: SlackHttp = await request.param.open()
    environ = driver.environ()
    connection = Connection(bot_token=environ["SLACK_BOT_TOKEN"], api_base=environ["SLACK_API_BASE"])
    served = SlackDoor(
        conversation(Answered()),
        connection,
        signing_secret=environ.get("SLACK_SIGNING_SECRET", ""),
        app_token=environ.get("SLACK_APP_TOKEN", ""),
    )
    app = web.Application()
    app.add_routes(served.routes())
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await served.start()
    await driver.connect("http://{}:{}".format(*runner.addresses[0][:2]))
    yield driver
    await driver.slack.settled()
    await served.aclose()
    await driver.slack.settled()
    await runner.cleanup()
    await connection.aclose()
    await driver.close()


async def test_a_scene_by_form(door: SlackHttp) -> None:
    """Saying a command gives the form, filling it in its errors and then the card, pressing the next card."""
    conforms: Door = door
    ada = await conforms.person("Ada")
    assert await ada.suggest("buy.product", "mug") == ["Mug, blue", "Mug, red"]
    form = await ada.say("/buy")
    assert form.fields == ("product", "quantity", "code")
    assert "What would you like?" in form.text
    assert (await ada.fill(quantity="1")).is_form
    again = await ada.fill(product="Mug, bl", quantity="0")
    assert "At least one" in again.text
    card = await ada.fill(quantity="2")
    assert not card.is_form
    assert "2 × mug/blue" in card.text
    assert (card.buttons, card.links) == (("Cancel",), {"Pay": "https://pay.test/T7"})
    assert "Cancelled T7" in (await ada.press("Canc")).text
    assert [seen.text.splitlines()[0] for seen in await ada.everything()] == ["⚠️ Cancelled T7"]
    assert await conforms.public() == []


async def test_a_scene_by_text(door: SlackHttp) -> None:
    """Typed commands are answered by cards, in the person's language; choices are pressed like buttons."""
    ada = await door.person("Ada", locale="fr")
    assert "Bonjour" in (await ada.say("/hello")).text
    assert "2 × cap" in (await ada.say("/buy cap 2")).text
    assert (await ada.say("buy which")).buttons == ("Mug, blue", "Mug, red", "Cap")
    assert "1 × cap" in (await ada.press("Cap")).text
    gift = await ada.say("/donate")
    assert gift.fields == ("cause", "amount", "options")
    assert "5 for water ('fees',)" in (await ada.fill(cause="Clean", amount="5", options=["fees"])).text
    with pytest.raises(LookupError):
        await ada.press("Nothing")


async def test_news_and_staff(door: SlackHttp) -> None:
    """Private news is heard by its reader alone; the staff reads its channel, which is not public."""
    ada, bob, staff = await door.person("Ada"), await door.person("Bob"), await door.staff()
    environ = door.environ()
    connection = Connection(bot_token=environ["SLACK_BOT_TOKEN"], api_base=environ["SLACK_API_BASE"])
    await connection.tell(ada.person.id, Card("Paid"))
    await SlackVoice(connection).post(STAFF_CHANNEL, Card("Order T7"), key="1")
    await connection.aclose()
    assert (await ada.hears("Paid")).text == "Paid"
    assert await bob.everything() == []
    assert [seen.text for seen in await staff.everything()] == ["Order T7"]
    assert await door.public() == []
    assert 'slack = ["USTAFF"' in door.config()
