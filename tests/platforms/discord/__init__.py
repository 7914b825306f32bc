"""A Discord for tests: the REST API, the gateway and interactions over HTTP, as the unmodified discord.py speaks to them."""

from tests.platforms.discord.client import NotOnScreenError
from tests.platforms.discord.endpoint import NotVerifiedError
from tests.platforms.discord.people import Answer, DidNotRespondError, Person
from tests.platforms.discord.servers import Channel, Guild, Role
from tests.platforms.discord.stand_in import DiscordStandIn
from tests.platforms.discord.traffic import Request
from tests.platforms.discord.world import Interaction, Post

__all__ = [
    "Answer",
    "Channel",
    "DidNotRespondError",
    "DiscordStandIn",
    "Guild",
    "Interaction",
    "NotOnScreenError",
    "NotVerifiedError",
    "Person",
    "Post",
    "Request",
    "Role",
]
