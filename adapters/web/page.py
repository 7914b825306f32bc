"""Pages as HTML: templates filled with views, everything escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.web.render import render
from bot.chat import Button, Card, Command, Context
from bot.words import Tongue

_TEMPLATES: Final = Environment(
    loader=PackageLoader("adapters.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

#: What the page's scripts say; placeholders are filled in the browser.
SCRIPT_WORDS: Final = (
    "web.back_online",
    "web.choose",
    "web.failed",
    "web.new_tab",
    "web.news",
    "web.news_of",
    "web.offline",
    "web.optional",
    "web.retry",
    "web.suggestions",
    "web.suggestions_count",
    "web.working",
    "web.you",
    "web.your_time",
)

#: What the script of a story's panel says besides.
STORY_WORDS: Final = (
    "web.story_arrived",
    "web.story_day_of",
    "web.story_going",
    "web.story_nothing",
    "web.story_restart",
    "web.story_until",
)


def chat_page(ctx: Context, *, languages: Mapping[str, str], chosen: bool, person: str, beside: bool = False) -> str:
    """Write the chat's page. `languages` are locales by their own names; `chosen` says that the address names one.

    `person` is a tag under which a browser tab remembers its conversation; with `beside` the panel of a story stands
    beside it.
    """
    language = ctx.tongue.language
    return _TEMPLATES.get_template("chat.html").render(
        word=ctx.tongue.word,
        words={
            key.removeprefix("web."): language.template(key, ctx.tongue.locale)
            for key in (*SCRIPT_WORDS, *(STORY_WORDS if beside else ()))
        },
        locale=ctx.tongue.locale,
        direction=language.direction(ctx.tongue.locale),
        lang=ctx.tongue.locale if chosen else "",
        languages=languages,
        shop=ctx.shop.settings.name,
        test_money=ctx.shop.test_money,
        person=person,
        staff=ctx.person.admin,
        beside=beside,
    )


def card_page(card: Card, tongue: Tongue, *, home: str, chat: bool, waits: bool = False, feed: str = "") -> str:
    """Write a page of one card, which with `waits` looks again until it says something else.

    `feed` is the address of an Atom feed of the same, for feed readers to find.

    Its buttons that open a command lead into the chat, where there is one.
    """
    drawn = render(card, tongue.zone)
    opens = [
        {"label": action.label, "command": action.to.id, "style": action.style}
        for action in card.actions
        if chat and isinstance(action, Button) and isinstance(action.to, Command)
    ]
    return _TEMPLATES.get_template("card.html").render(
        word=tongue.word,
        words={"your_time": tongue.language.template("web.your_time", tongue.locale)},
        locale=tongue.locale,
        direction=tongue.language.direction(tongue.locale),
        card=drawn,
        links=[action for action in drawn["actions"] if action["kind"] == "link"],
        opens=opens,
        waits=waits,
        feed=feed,
        home=home,
        chat=chat,
    )
