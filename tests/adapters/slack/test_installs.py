"""Many workspaces: installed by OAuth, spoken to each by its own token, forgotten at once; nothing reaches the wrong one."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import ClientResponse, ClientSession, web

from adapters.slack import SlackDoor, SlackVoice
from adapters.slack.install import Install
from adapters.slack.installed import InstalledWorkspaces
from adapters.slack.installs import MOST_STATES, STATE_SECONDS, States
from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH, scopes
from bot.chat import Card
from bot.errors import Unreachable
from bot.orders import Buyer
from tests.adapters.slack.memory import Remembered
from tests.adapters.slack.talk import SEEN, Answered, conversation
from tests.platforms.slack.distribution import Distribution

SECRET = "a secret of the tests, long enough"


@dataclass
class App:
    """The app at work in many workspaces, and how people install it."""

    slack: Distribution
    memory: Remembered
    workspaces: InstalledWorkspaces
    voice: SlackVoice
    address: str
    browser: ClientSession

    async def begin(self) -> tuple[str, str]:
        """Open the page that installs: the state, and the cookie that goes with it."""
        async with self.browser.get(self.address + INSTALL_PATH) as page:
            assert page.status == 200
            cookie = page.headers["Set-Cookie"].partition(";")[0]
            assert "oauth/v2/authorize" in await page.text()
        return cookie.partition("=")[2], cookie

    async def finish(self, code: str, state: str, cookie: str) -> ClientResponse:
        """Come back from Slack."""
        query = {"code": code, "state": state}
        headers = {"Cookie": cookie}
        async with self.browser.get(self.address + REDIRECT_PATH, params=query, headers=headers) as page:
            await page.read()
        return page

    async def install(self, holder: str) -> None:
        """Install the app in a workspace or an organisation."""
        state, cookie = await self.begin()
        assert (await self.finish(self.slack.allow(holder), state, cookie)).status == 200


@pytest.fixture(params=[False])
async def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # the SDK would take loopback calls there
    SEEN.clear()
    memory = Remembered()
    redirect = "https://till.test" + REDIRECT_PATH
    slack = Distribution(orgs={"E1": ("T3", "T4")}, rotation=bool(request.param), redirect_uri=redirect)
    async with slack, ClientSession() as browser:
        workspaces = InstalledWorkspaces(
            memory,
            secret=SECRET,
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            api_base=slack.api_url,
        )
        door = SlackDoor(conversation(Answered()), workspaces, signing_secret=slack.signing_secret)
        served = web.Application()
        served.add_routes(door.routes())
        served.add_routes(Install(workspaces, scopes=scopes(), public_url="https://till.test").routes())
        runner = web.AppRunner(served)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = "http://{}:{}".format(*runner.addresses[0][:2])
        slack.reached_at(address + "/slack/events")
        yield App(slack, memory, workspaces, SlackVoice(workspaces), address, browser)
        await door.aclose()
        for stand in slack.stands.values():
            await stand.settled()
        await runner.cleanup()
        await workspaces.aclose()


def buyer(team: str, user: str = "U1") -> Buyer:
    return Buyer("slack", f"{team}/{user}", user, team, "en", "")


rotating = pytest.mark.parametrize("app", [True], indirect=True)


async def test_two_workspaces_and_an_organisation_are_each_spoken_to_alone(app: App) -> None:
    """The same user id in each of four workspaces is four people, each told in their own."""
    for holder in ("T1", "T2", "E1"):
        await app.install(holder)
    people = {team: stand.person("U1") for team, stand in app.slack.stands.items()}
    for team, person in people.items():
        await person.say(f"buy {team} 2")
        await person.sees(f"2 × {team}", person.direct)
    assert {ctx.person.id for ctx in SEEN} == {"T1/U1", "T2/U1", "T3/U1", "T4/U1"}
    for team, person in people.items():
        await asyncio.sleep(0)
        connection = await app.workspaces.of(team)
        assert connection
        connection.pace.hold(person.direct, 0)
        assert await app.voice.tell(buyer(team), Card(f"Paid in {team}"), key=team) == "sent"
        await person.sees(f"Paid in {team}")
    for team, person in people.items():
        assert [each for each in people if f"Paid in {each}" in person.screen()] == [team]
    assert app.slack.strays == []


async def test_tokens_are_unreadable_where_they_are_kept(app: App) -> None:
    """Neither token nor anything else of an installation can be read in the database, and none under another's name."""
    await app.install("T1")
    kept = "\n".join(app.memory.kept.values())
    assert app.slack.live("T1").token not in kept
    assert "xoxb" not in kept
    app.memory.kept["slack:install:T2"] = app.memory.kept["slack:install:T1"]
    assert await app.workspaces.of("T2") is None
    others = InstalledWorkspaces(app.memory, secret="another", client_id="1", client_secret="2")
    assert await others.of("T1") is None


async def test_a_state_is_good_once_and_in_its_browser_alone(app: App) -> None:
    """A state that is used again, unknown, or brought by another browser installs nothing."""
    state, cookie = await app.begin()
    assert (await app.finish(app.slack.allow("T1"), state, "slack-app-oauth-state=other")).status == 400
    assert (await app.finish(app.slack.allow("T1"), "made-up", "slack-app-oauth-state=made-up")).status == 401
    assert await app.workspaces.of("T1") is None
    assert (await app.finish(app.slack.allow("T1"), state, cookie)).status == 200
    assert (await app.finish(app.slack.allow("T2"), state, cookie)).status == 401
    assert await app.workspaces.of("T2") is None


async def test_a_code_that_slack_does_not_know_installs_nothing(app: App) -> None:
    """A made-up code, and a refusal by the person, are told so and leave no trace."""
    state, cookie = await app.begin()
    assert (await app.finish("made-up", state, cookie)).status == 401
    async with app.browser.get(app.address + REDIRECT_PATH, params={"error": "<b>access_denied"}) as page:
        assert "<b>access" not in await page.text()
    assert app.memory.kept == {}


async def test_states_expire_and_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state older than ten minutes is refused, and abandoned ones are forgotten."""
    memory = Remembered()
    states = States(memory)
    old = await states.async_issue()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + STATE_SECONDS + 1)
    assert not await states.async_consume(old)
    for number in range(MOST_STATES + 5):
        memory.kept[f"slack:state:{number}"] = str(now + STATE_SECONDS + 2 + number)
    new = await states.async_issue()
    assert len(memory.kept) == MOST_STATES
    assert await states.async_consume(new)


@pytest.mark.parametrize(
    "event", [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}]
)
async def test_an_uninstalled_workspace_is_forgotten_at_once(app: App, event: dict[str, object]) -> None:
    """After the event nothing is kept of it, nobody in it is told anything, and the others are served."""
    await app.install("T1")
    await app.install("T2")
    ada, bob = app.slack.stands["T1"].person("U1"), app.slack.stands["T2"].person("U1")
    app.slack.end("T1")
    await app.slack.announce("T1", event)
    assert "slack:install:T1" not in app.memory.kept
    with pytest.raises(Unreachable) as gone:
        await app.voice.tell(buyer("T1"), Card("Paid"), key="1")
    assert gone.value.for_good
    assert gone.value.gone
    await app.voice.tell(buyer("T2"), Card("Paid"), key="2")
    await bob.sees("Paid")
    await ada.slash("/buy", "cap 1")
    assert ada.screen() == ""
    assert SEEN == []
    assert app.slack.strays == []


async def test_users_tokens_and_late_repetitions_end_nothing(app: App) -> None:
    """A revoked user token, and the end of an earlier installation told late, leave the installation."""
    await app.install("T1")
    await app.slack.announce("T1", {"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": []}})
    await app.slack.announce("T1", {"type": "app_uninstalled"}, at=int(time.time()) - 60)
    assert await app.workspaces.of("T1") is not None


async def test_a_workspace_that_leaves_its_organisation_is_forgotten(app: App) -> None:
    """What an organisation takes a workspace out of is not spoken to there, and goes on elsewhere."""
    await app.install("E1")
    for team in ("T3", "T4"):
        await app.slack.stands[team].person("U1").slash("/hello")
    await app.slack.announce("T3", {"type": "team_access_revoked", "team_ids": ["T3"]})
    assert await app.workspaces.of("T3") is None
    assert await app.workspaces.of("T4") is not None
    await app.slack.announce("T4", {"type": "app_uninstalled"})
    assert await app.workspaces.of("T4") is None
    assert await app.workspaces.all() == []


@rotating
async def test_tokens_are_exchanged_once_however_many_ask(app: App) -> None:
    """A token that has ended is exchanged by one of all who need it, and the new one is kept."""
    await app.install("T1")
    person = app.slack.stands["T1"].person("U1")
    await _ends(app, time.time() - 1)
    app.slack.expire()
    await asyncio.gather(*(app.workspaces.of("T1") for _ in range(5)))
    assert app.slack.exchanges == 1
    await app.voice.tell(buyer("T1"), Card("Paid"), key="1")
    await person.sees("Paid")
    assert app.slack.strays == []


@rotating
async def test_a_token_that_ends_soon_is_exchanged_in_passing(app: App) -> None:
    """While a token still lives nobody waits for its exchange."""
    await app.install("T1")
    person = app.slack.stands["T1"].person("U1")
    await _ends(app, time.time() + 3600)
    await person.slash("/buy", "cap 1")
    await person.sees("1 × cap")
    async with asyncio.timeout(5):
        while not app.slack.exchanges:  # noqa: ASYNC110 - a call to the stand-in's OAuth wakes nobody
            await asyncio.sleep(0.01)
    await app.voice.tell(buyer("T1"), Card("Paid"), key="1")
    assert app.slack.exchanges == 1


@rotating
async def test_an_exchange_that_fails_takes_nothing_away(app: App) -> None:
    """Where Slack refuses the exchange, the installation stays, and the next word tries again."""
    await app.install("T1")
    await _ends(app, time.time() - 1)
    grant = app.slack.live("T1")
    refresh, grant.refresh = grant.refresh, "elsewhere"
    assert await app.workspaces.of("T1") is not None
    grant.refresh = refresh
    assert await app.workspaces.of("T1") is not None
    assert app.slack.exchanges == 1


async def _ends(app: App, at: float) -> None:
    """Let what is kept of T1's token say that it ends then."""
    kept = await app.workspaces.installs.serving("T1")
    assert kept
    kept.bot_token_expires_at = int(at)
    await app.workspaces.installs.async_save(kept)


async def test_a_channel_is_found_by_its_id_where_one_workspace_knows_it(app: App) -> None:
    """A bare channel goes to the one workspace that knows it, a shared one nowhere until its workspace is named."""
    await app.install("T1")
    await app.install("T2")
    for team in ("T1", "T2"):
        app.slack.stands[team].channel("CSHARED")
    app.slack.stands["T2"].channel("C2")
    reference = await app.voice.post("C2", Card("Order T7"), key="1")
    assert reference.startswith("T2/C2 ")
    await app.voice.amend("C2", reference, Card("Order T7, paid"))
    assert [posting.said for posting in app.slack.stands["T2"].public_posts()] == ["Order T7", "Order T7, paid"]
    with pytest.raises(Unreachable, match="2 workspaces"):
        await app.voice.post("CSHARED", Card("Order T8"), key="2")
    assert (await app.voice.post("T1/CSHARED", Card("Order T8"), key="3")).startswith("T1/CSHARED ")
    assert app.slack.stands["T2"].public_posts("CSHARED") == []


async def test_an_admin_is_found_where_they_are_a_member(app: App) -> None:
    """A person named without a workspace is told in the one that they belong to."""
    await app.install("T1")
    await app.install("T2")
    app.slack.stands["T1"].person("U7")
    boss = app.slack.stands["T2"].person("UBOSS")
    await app.voice.tell(Buyer("slack", "UBOSS", "UBOSS", "", ""), Card("Look"), key="1")
    await boss.sees("Look")
    with pytest.raises(Unreachable, match="0 workspaces"):
        await app.voice.tell(Buyer("slack", "UNOBODY", "UNOBODY", "", ""), Card("Look"), key="2")
