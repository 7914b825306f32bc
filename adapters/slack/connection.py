"""The connection to Slack's Web API: what we say there, and what its refusals mean to us."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.cards import Message, message
from adapters.slack.mrkdwn import Json
from adapters.slack.pace import Pace
from adapters.slack.replies import Held, Reply
from bot.chat import Card
from bot.errors import Later, Unreachable

API_BASE: Final = "https://slack.com/api/"

#: Seconds after which a call is given up.
_CALL_SECONDS: Final = 10
_MOST_DIRECTS: Final = 10_000
_OK: Final = 200
_TOO_MANY: Final = 429
_BROKEN: Final = 500
#: Errors that pass by themselves (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
_PASSING: Final = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
#: The workspace is no more, or has sent the app away (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
_GONE: Final = frozenset({"account_inactive", "team_access_not_granted", "token_revoked"})
#: The token that we were given is wrong, or Slack lets nobody use it from here (the same page): that passes once somebody
#: has seen to it, and says nothing of the workspace.
_OURS: Final = frozenset({"invalid_auth", "not_authed", "token_expired"})

Sent = TypeVar("Sent")


class Connection:
    """One workspace, spoken to with its bot token. Close it with `aclose`.

    `team` is its id where it is known; `org` says that the token is an organisation's, for which each call has to name
    the workspace.
    """

    def __init__(
        self, *, bot_token: str, api_base: str = API_BASE, team: str = "", org: bool = False, pace: Pace | None = None
    ) -> None:
        self.team = team
        self.org = org
        self.api_base = api_base
        self.pace = pace or Pace()
        self._web = AsyncWebClient(token=bot_token, base_url=api_base, team_id=team if org else None)
        self._session: ClientSession | None = None
        self._directs: OrderedDict[str, str] = OrderedDict()
        self.held = Held()

    @property
    def bot_token(self) -> str:
        """The token in use."""
        return self._web.token or ""

    def renew(self, bot_token: str) -> None:
        """Speak with another token from now on: they are rotated."""
        self._web.token = bot_token

    @property
    def web(self) -> AsyncWebClient:
        """The SDK's client, on a session of its own; to be asked for inside the running loop."""
        self._web.session = self._open_session()
        return self._web

    def _open_session(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession(timeout=ClientTimeout(total=_CALL_SECONDS))
        return self._session

    async def aclose(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def call(self, called: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        """Await a call of the Web API.

        Raises Later where Slack asks us to wait (429), Unreachable where it refuses, `for_good` unless it may pass.
        """
        try:
            return await called
        except SlackApiError as error:
            raise _meaning(error.response) from error
        except (ClientError, TimeoutError, SlackClientError) as error:
            raise Unreachable(f"slack: {type(error).__name__}", for_good=False) from error

    async def direct(self, user: str) -> str:
        """Give the id of our direct message with a person, opened if need be. Raises Unreachable or Later."""
        known = self._directs.get(user)
        if known is not None:
            return known
        opened = await self.call(self.web.conversations_open(users=user))
        self.knows_direct(user, str(opened["channel"]["id"]))
        return self._directs[user]

    def knows_direct(self, user: str, channel: str) -> None:
        """Remember the direct message with a person."""
        self._directs[user] = channel
        while len(self._directs) > _MOST_DIRECTS:
            self._directs.popitem(last=False)

    def is_direct(self, user: str, channel: str) -> bool:
        """Tell whether a channel is known to be our direct message with this person."""
        return bool(channel) and self._directs.get(user) == channel

    async def post(self, channel: str, card: Card, thread: str = "", *, paced: bool = False) -> str:
        """Post a card and answer its reference: channel and timestamp. Raises Unreachable or Later.

        With `paced`, Later is also raised where something was said there less than a second ago: a job comes again,
        while an answer that somebody waits for goes ahead.
        """
        if paced:
            await self.pace.ask(channel)
        self.pace.said(channel)

        async def send(drawn: Message) -> AsyncSlackResponse:
            return await self.call(
                self.web.chat_postMessage(
                    channel=channel,
                    text=drawn.text,
                    blocks=drawn.blocks,
                    thread_ts=thread or None,
                    unfurl_links=False,
                    unfurl_media=False,
                )
            )

        posted = await _drawn(card, send)
        return f"{posted['channel']} {posted['ts']}"

    async def whisper(self, channel: str, user: str, card: Card, thread: str = "") -> None:
        """Show a card to one person in a channel. Raises Unreachable or Later."""

        async def send(drawn: Message) -> AsyncSlackResponse:
            return await self.call(
                self.web.chat_postEphemeral(
                    channel=channel, user=user, text=drawn.text, blocks=drawn.blocks, thread_ts=thread or None
                )
            )

        await _drawn(card, send)

    async def amend(self, reference: str, card: Card) -> None:
        """Replace a posted card. Raises Unreachable or Later."""
        channel, _, ts = reference.partition(" ")

        async def send(drawn: Message) -> AsyncSlackResponse:
            return await self.call(self.web.chat_update(channel=channel, ts=ts, text=drawn.text, blocks=drawn.blocks))

        await _drawn(card, send)

    async def tell(self, user: str, card: Card, *, paced: bool = False) -> None:
        """Write to a person directly. Raises Unreachable or Later, `paced` as `post` does."""
        await self.post(await self.direct(user), card, paced=paced)

    async def publish(self, user: str, view: Json) -> None:
        """Show a person their App Home. Raises Unreachable or Later."""
        await self.call(self.web.views_publish(user_id=user, view=view))

    async def respond(self, hook: str, card: Card, *, replace: bool, thread: str = "") -> None:
        """Answer at a response_url, in place of the message it came from or beside it. Raises Unreachable.

        A private card is ephemeral; in place of a message it is as private as that was.
        """
        beside = "ephemeral" if card.private else "in_channel"
        how: Json = {"replace_original": True} if replace else {"response_type": beside}
        if thread and not replace:
            how["thread_ts"] = thread

        async def send(drawn: Message) -> None:
            await self._hook(hook, {"text": drawn.text, "blocks": drawn.blocks, **how})

        await _drawn(card, send)

    async def edit(self, reply: Reply | None, card: Card) -> bool:
        """Replace the message a reply stands for, while that lives; tell whether it was done."""
        if reply is None or not reply.lives(time.time()):
            return False
        try:
            await self.respond(reply.hook, card, replace=True)
        except (Unreachable, Later):
            return False
        return True

    async def _hook(self, hook: str, body: Json) -> None:
        try:
            answer = await AsyncWebhookClient(hook, session=self._open_session()).send_dict(body)
        except (ClientError, TimeoutError, SlackClientError) as error:
            raise Unreachable(f"slack response_url: {type(error).__name__}", for_good=False) from error
        if answer.status_code != _OK or '"ok":false' in answer.body.replace(" ", ""):
            why = "invalid_blocks" if "invalid_blocks" in answer.body else str(answer.status_code)
            raise Unreachable(f"slack response_url: {why}")


async def _drawn(card: Card, send: Callable[[Message], Awaitable[Sent]]) -> Sent:
    """Draw and send a card; once more without its picture where Slack refuses the blocks, as it does if it cannot load it."""
    try:
        return await send(message(card))
    except Unreachable as error:
        if not card.picture or "invalid_blocks" not in error.why:
            raise
        return await send(message(card, picture=False))


def _meaning(response: Any) -> Unreachable | Later:
    """Tell what a refusal of the Web API means to whoever wanted to say something."""
    if response.status_code == _TOO_MANY:
        seconds = response.headers.get("Retry-After", "1")
        return Later(datetime.now(UTC) + timedelta(seconds=int(seconds) if seconds.isdecimal() else 1))
    code = response.get("error") if isinstance(response.data, dict) else None
    passing = response.status_code >= _BROKEN or code is None or code in _PASSING | _OURS
    return Unreachable(
        f"slack: {code or response.status_code}", for_good=not passing, gone=code in _GONE, ours=code in _OURS
    )
