"""Slack, over HTTP: slash commands, buttons, modals, direct messages and mentions, through slack-bolt."""

from adapters.slack.connection import API_BASE, Connection
from adapters.slack.door import SlackDoor
from adapters.slack.voice import SlackVoice

__all__ = ["API_BASE", "Connection", "SlackDoor", "SlackVoice"]
