"""Whom notices to sellers and alerts go to: each staff channel, and each admin in private."""

from __future__ import annotations

from bot.settings import Settings


def seats(settings: Settings) -> list[dict[str, str]]:
    """Name whom sellers' notices and alerts go to: each staff channel, and each admin in private.

    On the web an admin is whoever opened a staff link, and reads the channel; Slack's user groups ("S...") are no
    people, and their members read the channel.
    """
    channels = [{"platform": platform, "channel": channel, "user": ""} for platform, channel in settings.notify.items()]
    admins = [
        {"platform": platform, "channel": "", "user": user}
        for platform, users in settings.admins.items()
        for user in users
        if platform != "web" and not (platform == "slack" and user.startswith("S"))
    ]
    return channels + admins
