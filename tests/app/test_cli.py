"""The command line, as operators use it: exit codes and the words they read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from tests.conformance.world import SHOP

SECRET = "a secret of the tests, long enough"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a config and no secrets in the environment."""
    (tmp_path / "config").mkdir()
    path = tmp_path / "config" / "shop.toml"
    path.write_text(SHOP, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in (
        "TILLBOT_CONFIG",
        "TILLBOT_SECRET",
        "STRIPE_API_KEY",
        "STRIPE_API_BASE",
        "DATABASE_URL",
        "DISCORD_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    return path


def tillbot(*words: str) -> Result:
    """Say `tillbot WORDS`."""
    return CliRunner().invoke(app, list(words))


def test_check_says_it_is_good(shop: Path) -> None:
    """A good config is said to be good, with what is in it."""
    done = tillbot("check")
    assert done.exit_code == 0
    assert "config/shop.toml is good. Products: 4, causes: 2" in done.output


def test_check_names_every_line(shop: Path) -> None:
    """A bad one exits 1, with every mistake on a line of its own."""
    shop.write_text(SHOP.replace('"4.00"', '"4,00"').replace("[seller]", "[seler]"), encoding="utf-8")
    done = tillbot("check")
    line = next(number for number, text in enumerate(SHOP.splitlines(), 1) if '"4.00"' in text)
    assert done.exit_code == 1
    assert f'config/shop.toml:{line}: product "zine", price:' in done.output
    assert "seler" in done.output


def test_init_writes_and_never_overwrites(shop: Path, tmp_path: Path) -> None:
    """`init` writes a folder that passes its own check, and refuses to write over anything."""
    assert tillbot("init", "new").exit_code == 0
    assert tillbot("check", "new/shop.toml").exit_code == 0
    again = tillbot("init", "new")
    assert again.exit_code == 1
    assert "is there already; nothing was written" in again.output


def test_run_names_all_that_is_missing(shop: Path) -> None:
    """`run` without secrets names each that is missing, at once, and serves nothing."""
    done = tillbot("run", "--port", "0")
    assert done.exit_code == 1
    assert "STRIPE_API_KEY: is not set" in done.output
    assert "WATER_STRIPE_KEY: is not set" in done.output


def test_run_takes_no_sandbox_without_test(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox in Stripe's place is refused unless --test says so."""
    for name, value in {
        "STRIPE_API_KEY": "sk_test_x",
        "WATER_STRIPE_KEY": "sk_test_y",
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "TILLBOT_SECRET": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    done = tillbot("run", "--port", "0")
    assert done.exit_code == 1
    assert "no order would be real" in done.output


def test_staff_prints_a_signed_link(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`staff` prints the link, and says what is missing without a secret."""
    assert "TILLBOT_SECRET: is not set" in tillbot("staff").output
    monkeypatch.setenv("TILLBOT_SECRET", SECRET)
    assert tillbot("staff").output.startswith("http://127.0.0.1:8080/staff/staff:")


def test_manifest(shop: Path) -> None:
    """The manifest is JSON for the configured door; without an address or Socket Mode it says what is missing."""
    assert "set [web] public_url" in tillbot("manifest", "slack").output
    shop.write_text(SHOP + '\n[slack]\nenabled = true\nsocket = true\nprefix = "till-"\n', encoding="utf-8")
    made = json.loads(tillbot("manifest", "slack").output)
    assert made["settings"]["socket_mode_enabled"] is True
    assert {"/till-buy", "/till-acheter"} <= {command["command"] for command in made["features"]["slash_commands"]}


def test_invitation_asks_for_the_least(shop: Path) -> None:
    """Only a shop that grants roles asks to manage them."""
    bare = tillbot("invite", "discord", "123").output
    perk = '\n[perk.backer]\nplatform = "discord"\nkind = "role"\ntarget = "7"\nworkspace = "9"\nname = "Backer"\n'
    shop.write_text(SHOP + perk, encoding="utf-8")
    granting = tillbot("invite", "discord", "123").output
    permissions = [int(address.strip().rpartition("=")[2]) for address in (bare, granting)]
    assert permissions[1] - permissions[0] == 1 << 28


def test_register_needs_a_token(shop: Path) -> None:
    """Without a token it says which one to set."""
    done = tillbot("register", "discord")
    assert done.exit_code == 1
    assert "DISCORD_TOKEN: is not set" in done.output


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1"])
def test_a_month_that_is_none_is_said_before_anything_else(shop: Path, month: str) -> None:
    """Whoever mistypes the month reads so, whether the keys are there or not."""
    done = tillbot("statement", "--month", month)
    assert done.exit_code == 1
    assert f"--month: '{month}' is no month; write it like 2026-11." in done.output
