"""Slack: slash commands, buttons, modals, direct messages, mentions and the App Home, through slack-bolt.

Over HTTP or Socket Mode, in one workspace or in many.
"""

from adapters.slack.connection import API_BASE, Connection
from adapters.slack.door import SlackDoor
from adapters.slack.voice import SlackVoice

__all__ = ["API_BASE", "Connection", "SlackDoor", "SlackVoice"]
