"""The Discord drivers play each part of a scene, shown on a small conversation of its own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from adapters.discord import Discord, DiscordHttp
from bot.chat import Card
from bot.orders import Buyer
from tests.adapters.discord.talk import Answered, Shelf, conversation
from tests.conformance import discord_door as drivers
from tests.conformance.doors import Door


@dataclass
class Open:
    """The driver, and what it is connected to."""

    driver: drivers.DiscordGateway | drivers.DiscordHttp
    adapter: Discord | DiscordHttp


def adapter_for(driver: drivers.DiscordGateway | drivers.DiscordHttp) -> Discord | DiscordHttp:
    environ, talk = driver.environ(), conversation(Answered(), Shelf())
    token, base = environ["DISCORD_TOKEN"], environ["DISCORD_API_BASE"]
    if isinstance(driver, drivers.DiscordHttp):
        return DiscordHttp(talk, token=token, public_key=environ["DISCORD_PUBLIC_KEY"], api_base=base)
    return Discord(talk, token=token, api_base=base, gateway=environ["DISCORD_GATEWAY"])


@pytest.fixture(params=[drivers.DiscordGateway, drivers.DiscordHttp])
async def door(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    driver = await request.param.open()
    adapter = adapter_for(driver)
    app = web.Application()
    if isinstance(adapter, DiscordHttp):
        app.add_routes(adapter.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await adapter.start()
    await driver.connect(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield Open(driver, adapter)
    await runner.cleanup()
    await adapter.close()
    await driver.close()


async def test_a_scene_by_form(door: Open) -> None:
    """Saying a command gives the form, filling it in its errors and then the card, pressing the next card."""
    conforms: Door = door.driver
    ada = await conforms.person("Ada")
    assert await ada.suggest("buy.product", "mug") == ["Mug, blue", "Mug, red"]
    form = await ada.say("/buy")
    assert form.fields == ("product", "quantity", "code")
    assert "What would you like?" in form.text
    assert (await ada.fill(quantity="1")).is_form
    again = await ada.fill(product="Mug, bl", quantity="0")
    assert (again.is_form, "At least one" in again.text) == (True, True)
    card = await ada.fill(quantity="2")
    assert not card.is_form
    assert "2 × mug/blue" in card.text
    assert (card.buttons, card.links) == (("Cancel",), {"Pay": "https://pay.test/T7"})
    assert "Cancelled T1" in (await ada.press("Canc")).text
    assert [seen.text.splitlines()[0] for seen in await ada.everything()][-1] == "Cancelled T1"
    assert await conforms.public() == []


async def test_a_scene_by_text(door: Open) -> None:
    """Typed commands are answered by cards, in the person's language; choices are pressed like buttons."""
    ada = await door.driver.person("Ada", locale="fr")
    assert "Bonjour" in (await ada.say("/hello")).text
    assert "2 × cap" in (await ada.say("/buy cap 2")).text
    assert "nonsense" in (await ada.say("/nonsense now")).text
    gift = await ada.say("/donate")
    assert gift.fields == ("cause", "amount", "rhythm", "dedication", "options")
    assert "for the sea" in (await ada.fill(cause="Clean", amount="5", dedication="for the sea", options=["fees"])).text
    with pytest.raises(LookupError):
        await ada.press("Nothing")


async def test_news_and_staff(door: Open) -> None:
    """Private news is heard by its reader alone; the staff reads its channel, which is not public."""
    ada, bob, staff = await door.driver.person("Ada"), await door.driver.person("Bob"), await door.driver.staff()
    await door.adapter.tell(Buyer("discord", str(ada.person.id), str(ada.person.id), "", "en"), Card("Paid"), key="1")
    channel = staff.person.stand_in.guilds[0].channels[1]
    await door.adapter.post(str(channel.id), Card("Order T7"), key="1")
    assert (await ada.hears("Paid")).text == "Paid"
    assert await bob.everything() == []
    assert [seen.text for seen in await staff.everything()] == ["Order T7"]
    assert await door.driver.public() == []
    assert f'discord = ["{staff.person.id}"' in door.driver.config()
