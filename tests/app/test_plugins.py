"""Plugins: another distribution's command and adapter, found by their entry points, in a running shop."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import App, Plan, plugins
from bot.errors import BadConfig
from commands.menu import MENU
from tests.conformance.world import HOOKS, KEYS, SHOP

TOY = """
from bot.app.doors import Door
from bot.chat import Card, Command
from bot.orders import Buyer

hello = Command("hello")


@hello.opens
def ask(ctx, typed):
    return Card(ctx.tongue.word("hello.title", name=ctx.shop.settings.name))


class Pigeon:
    platform = "pigeon"

    async def tell(self, buyer: Buyer, card: Card, *, key: str) -> str:
        return "sent"

    async def post(self, channel: str, card: Card, *, key: str) -> str:
        return key

    async def amend(self, channel: str, reference: str, card: Card) -> None:
        return None


opened = []


def loft(opening):
    opened.append(opening)
    return Door(Pigeon())
"""
ENTRIES = "[tillbot.commands]\nhello = toy:hello\n\n[tillbot.adapters]\npigeon = toy:loft\n"
WORDS = """
msgid ""
msgstr "Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "command.hello"
msgstr "hello"

msgid "command.hello.summary"
msgstr "Say hello"

msgid "hello.title"
msgstr "Hello from {name}"
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install a toy distribution for a test."""
    site = tmp_path / "site"
    (site / "toy" / "locales").mkdir(parents=True)
    (site / "toy" / "__init__.py").write_text(TOY, encoding="utf-8")
    (site / "toy" / "locales" / "en.po").write_text(WORDS, encoding="utf-8")
    (site / "toy-1.0.dist-info").mkdir()
    (site / "toy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (site / "toy-1.0.dist-info" / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop("toy", None)


async def test_a_plugin_in_a_running_shop(toy: Path, tmp_path: Path) -> None:
    """A plugin's command is answered in the chat and listed by help, and its adapter is given what it needs."""
    config = tmp_path / "shop.toml"
    config.write_text(SHOP + "\n[web]\nchat = true\n", encoding="utf-8")
    environ = {**KEYS, **HOOKS, "TILLBOT_SECRET": "a secret of the tests, long enough"}
    plan = Plan(config=config, database=f"sqlite:///{tmp_path / 'shop.sqlite3'}", environ=environ, port=0)
    async with App.open(plan) as app:
        from bot.chat import Card, Person, Place

        conversation = app.house.conversation
        ctx = conversation.context(Person("web", "ann", "ann", locale="fr"), Place("web"), key="1")
        answer = conversation.hear(ctx, "/hello")
        assert isinstance(answer, Card)
        assert answer.title == "Hello from Example Harbour Shop"
        listed = conversation.hear(ctx, "/help")
        assert isinstance(listed, Card)
        assert any("/hello" in str(line) for line in listed.text)
        opening = sys.modules["toy"].opened[0]
        assert opening.conversation is conversation
        await opening.memory.put("loft", "full")
        assert await opening.memory.take("loft") == "full"
        assert await opening.memory.get("loft") is None


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ("[tillbot.commands]\nhello = toy:nothing\n", "cannot be loaded"),
        ("[tillbot.commands]\nhello = toy:Pigeon\n", "is no bot.chat.Command"),
        ("[tillbot.commands]\nhello = toy:again\n", "takes the name /buy"),
    ],
)
def test_a_plugin_that_does_not_fit(toy: Path, entries: str, why: str) -> None:
    """A plugin that cannot be loaded, is no command or takes a taken name is refused by its name."""
    (toy / "toy-1.0.dist-info" / "entry_points.txt").write_text(entries)
    (toy / "toy" / "__init__.py").write_text(TOY + '\nagain = Command("buy")\n', encoding="utf-8")
    with pytest.raises(BadConfig, match=why) as refused:
        plugins.menu(MENU)
    assert refused.value.problems[0].key == "hello"
