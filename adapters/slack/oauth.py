"""The call by which codes and refresh tokens become tokens, as this SDK and this aiohttp can make it together."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse


class OAuthClient(AsyncWebClient):
    """The SDK's client, which sends the app's credentials in the body of the call.

    Its own way, HTTP Basic, goes through aiohttp's BasicAuth, which is deprecated and goes away with aiohttp 4; Slack takes
    both (https://docs.slack.dev/reference/methods/oauth.v2.access).
    """

    async def oauth_v2_access(self, *, client_id: str, client_secret: str, **arguments: Any) -> AsyncSlackResponse:
        """Exchange a code, or with grant_type=refresh_token a refresh token, for a token. Raises SlackApiError."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self.api_call(
            "oauth.v2.access", data={"client_id": client_id, "client_secret": client_secret, **given}
        )
