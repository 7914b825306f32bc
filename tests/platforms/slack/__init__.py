"""A stand-in for Slack: it speaks the wire protocol from both ends, and is strict where Slack is."""

from tests.platforms.slack.acknowledgement import Ack
from tests.platforms.slack.faults import Call
from tests.platforms.slack.person import Incomplete, Person
from tests.platforms.slack.refusal import AppFault, Refused
from tests.platforms.slack.server import Server
from tests.platforms.slack.workspace import Message, Posting, View


class SlackStandIn(Server):
    """The server, and the people who use it."""

    def person(self, user_id: str, locale: str = "en-US") -> Person:
        """Add a member of the workspace."""
        return Person(self, user_id, locale)


__all__ = ["Ack", "AppFault", "Call", "Incomplete", "Message", "Person", "Posting", "Refused", "SlackStandIn", "View"]
