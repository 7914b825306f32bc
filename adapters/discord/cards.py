"""Cards as Discord draws them: an embed, rows of buttons, and selects. What would break a limit is cut or split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, assert_never

import discord
from discord import ui

from adapters.discord.identifiers import Act
from adapters.discord.markdown import cut, cut_markdown, escape, link, markdown
from bot.chat import Action, Button, Card, Choice, Link, Progress, Select
from bot.words import Rich, plain

# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_TITLE: Final = 256
MOST_DESCRIPTION: Final = 4096
MOST_FIELDS: Final = 25
MOST_NAME: Final = 256
MOST_FACT: Final = 1024
MOST_FOOTER: Final = 2048
MOST_TOGETHER: Final = 6000
# https://docs.discord.com/developers/components/reference
MOST_ROWS: Final = 5
MOST_IN_A_ROW: Final = 5
MOST_LABEL: Final = 80
MOST_URL: Final = 512
MOST_OPTIONS: Final = 25
MOST_OPTION_LABEL: Final = 100
MOST_OPTION_VALUE: Final = 100
MOST_PLACEHOLDER: Final = 150

#: Characters of a progress bar.
_BAR: Final = 20
#: What an embed keeps for its paragraphs, however many facts there are.
_LEAST_DESCRIPTION: Final = 2000
_NOTHING: Final = "–"

_COLOURS: Final[dict[str, int]] = {"plain": 0x5865F2, "good": 0x248046, "warn": 0xF0B232, "bad": 0xDA373C}
_STYLES: Final[dict[Literal["primary", "plain", "danger"], discord.ButtonStyle]] = {
    "primary": discord.ButtonStyle.primary,
    "plain": discord.ButtonStyle.secondary,
    "danger": discord.ButtonStyle.danger,
}


@dataclass(frozen=True)
class Drawn:
    """A card ready to be sent."""

    embed: discord.Embed
    items: tuple[ui.Item[ui.View], ...] = ()

    def view(self) -> ui.View:
        """Make the SDK's view of it, one it does not keep: presses are found by their custom_id, after a restart too."""
        view = ui.View(timeout=None)
        for item in self.items:
            view.add_item(item)
        view.stop()
        return view


def card(drawn: Card) -> Drawn:
    """Draw a card."""
    links, fitting = _sorted(drawn.actions)
    embed = discord.Embed(title=cut_markdown(escape(drawn.title), MOST_TITLE), colour=_COLOURS[drawn.tone])
    left = MOST_TOGETHER - len(embed.title or "")
    if drawn.footer:
        footer = cut(plain(drawn.footer), MOST_FOOTER)
        embed.set_footer(text=footer)
        left -= len(footer)
    description = _description(drawn, links)
    left = _facts(embed, drawn.facts, left - min(len(description), _LEAST_DESCRIPTION))
    most = min(MOST_DESCRIPTION, left + min(len(description), _LEAST_DESCRIPTION))
    embed.description = cut_markdown(description, most)
    if drawn.picture.startswith(("https://", "http://")):
        if drawn.private:
            embed.set_thumbnail(url=drawn.picture)
        else:  # posted for everybody, as a shop window
            embed.set_image(url=drawn.picture)
    return Drawn(embed, _items(fitting))


def _sorted(actions: Sequence[Action]) -> tuple[list[Link], list[Action]]:
    """Tell links that no button can hold (Stripe's own are often too long) from all other actions."""
    links = [action for action in actions if isinstance(action, Link) and not _fits_a_button(action.url)]
    return links, [action for action in actions if action not in links]


def _fits_a_button(url: str) -> bool:
    return url.startswith(("https://", "http://")) and len(url) <= MOST_URL


def _description(drawn: Card, links: Sequence[Link]) -> str:
    paragraphs = [f"**{link(action.label, action.url)}**" for action in links]
    paragraphs += [markdown(paragraph) for paragraph in drawn.text]
    if drawn.progress is not None:
        paragraphs.append(progress(drawn.progress))
    return "\n\n".join(paragraphs)


def progress(bar: Progress) -> str:
    """Draw how far a goal is reached: first in words, which a screen reader reads, then as a bar."""
    full = round(bar.ratio * _BAR)
    return f"{escape(bar.text)}\n{'█' * full}{'░' * (_BAR - full)}"


def _facts(embed: discord.Embed, facts: Sequence[tuple[str, Rich]], left: int) -> int:
    """Add as many facts as there is room for, and tell how much room is left."""
    for name, value in facts[:MOST_FIELDS]:
        shown = cut_markdown(escape(name), MOST_NAME) or _NOTHING
        said = cut_markdown(markdown(value), MOST_FACT) if plain(value).strip() else _NOTHING
        if len(shown) + len(said) > left:
            break
        embed.add_field(name=shown, value=said, inline=True)
        left -= len(shown) + len(said)
    return left


def _items(actions: Sequence[Action]) -> tuple[ui.Item[ui.View], ...]:
    """Draw the actions in their order, five buttons a row and a select in a row of its own, as long as there are rows."""
    items: list[ui.Item[ui.View]] = []
    row, in_row = 0, 0
    for action in actions:
        for item in _action(action, len(items)):
            if in_row + item.width > MOST_IN_A_ROW:
                row, in_row = row + 1, 0
            if row >= MOST_ROWS:
                return tuple(items)
            item.row = row
            in_row += item.width
            items.append(item)
    return tuple(items)


def _action(action: Action, number: int) -> list[ui.Item[ui.View]]:
    match action:
        case Button():
            return [button(action.label, Act(action.to.id, action.value).packed(number), action.style)]
        case Link():
            return [ui.Button(label=cut(action.label, MOST_LABEL), url=action.url)]
        case Select():
            return _selects(action, number)
    assert_never(action)


def button(label: str, custom_id: str, style: Literal["primary", "plain", "danger"] = "plain") -> ui.Button[Any]:
    """Draw a button."""
    return ui.Button(label=cut(label, MOST_LABEL), custom_id=custom_id, style=_STYLES[style])


def _selects(select: Select, number: int) -> list[ui.Item[ui.View]]:
    """Draw a select, split where it has more choices than one can list."""
    listed = options(select.choices)
    parts = [listed[start : start + MOST_OPTIONS] for start in range(0, len(listed), MOST_OPTIONS)]
    return [
        ui.Select(
            custom_id=Act(select.to.id).packed(number + part),
            placeholder=cut(select.label, MOST_PLACEHOLDER),
            options=choices,
        )
        for part, choices in enumerate(parts)
    ]


def options(choices: Sequence[Choice], chosen: Sequence[str] = ()) -> list[discord.SelectOption]:
    """Draw choices, however many; one whose value cannot come back whole, or is there already, is left out."""
    by_value = {choice.value: choice for choice in choices if _fits_an_option(choice.value)}
    return [
        discord.SelectOption(
            label=cut(choice.label, MOST_OPTION_LABEL) or _NOTHING, value=choice.value, default=choice.value in chosen
        )
        for choice in by_value.values()
    ]


def _fits_an_option(value: str) -> bool:
    return 0 < len(value) <= MOST_OPTION_VALUE and value == value.strip()
