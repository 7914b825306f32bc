"""Secrets: known by their looks in the file, taken from the environment or from files, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadConfig
from config.bases import Bases, is_live
from config.leaks import masked, secret_in
from config.secrets import Secrets
from tests.config.shops import said

# Put together here, so that no scanner takes this file for a leak.
SHAPES = {
    "a Stripe key": ["sk_" + "live_51H", "rk_" + "live_51H", "sk_" + "test_51H", "xx sk_" + "test_51H yy"],
    "a Stripe webhook secret": ["whsec" + "_abc"],
    "a Slack token": ["xoxb" + "-1-2-abc", "xapp" + "-1-A0", "xoxe.xoxp" + "-1-abc"],
    "a Discord token": ["M" * 24 + "." + "a" * 6 + "." + "b" * 38],
    "an address with a password in it": ["postgres://till:hidden@db.example/till", "redis://:hidden@cache"],
    "a private key": ["-----BEGIN RSA PRIVATE KEY-----"],
    "a signing secret": ["0123456789abcdef" * 2],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SHAPES.items() for text in texts])
def test_secrets_are_known_by_their_looks(kind: str, text: str) -> None:
    """Each maker's secrets are recognised, refused anywhere in the file, and never repeated."""
    assert secret_in(text) == kind
    assert masked(text) != text
    for line in (f"address = '{text}'", f"'{text}' = 1", f"refunds.en = ['{text}']", f"name.'{text}' = 1"):
        told = "\n".join(said(line + "\n"))
        assert f"looks like {kind}" in told or "is written twice" in told
        assert text not in told


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/zines/twelve-knots.pdf",
        "https://shop.example:8080/@people?mail=a@b.example",
        "shop@harbour.example",
        "whsec is what Stripe calls it",
        "https://cdn.shop.example/0123456789abcdef0123456789abcdef.png",
        "123456789012345678",
    ],
)
def test_ordinary_texts_are_no_secrets(text: str) -> None:
    """Addresses, ids and prose pass."""
    assert secret_in(text) is None
    assert masked(text) == text


def test_a_secret_comes_from_the_environment_or_from_the_file_it_names(tmp_path: Path) -> None:
    """NAME gives the secret, and so does the file of NAME_FILE; it is read anew each time, without its line's end."""
    file = tmp_path / "key"
    file.write_text("from-file\n")
    secrets = Secrets({"STRIPE_API_KEY": "from-environment", "DISCORD_TOKEN_FILE": str(file)})
    assert secrets.get("STRIPE_API_KEY") == "from-environment"
    assert secrets.get("DISCORD_TOKEN") == "from-file"
    file.write_text("changed\n")
    assert secrets.need("DISCORD_TOKEN") == "changed"
    assert secrets.get("SLACK_BOT_TOKEN") == ""


def test_what_is_wrong_with_a_secret_is_said_without_it(tmp_path: Path) -> None:
    """A secret that is missing, doubled or unreadable is a problem that names the variable, never the value."""
    secrets = Secrets({"A": "hidden", "A_FILE": "/x", "B_FILE": str(tmp_path / "none"), "C_FILE": str(tmp_path)})
    with pytest.raises(BadConfig, match="A: is set, and so is A_FILE") as caught:
        secrets.get("A")
    assert "hidden" not in str(caught.value)
    with pytest.raises(BadConfig, match="B_FILE: cannot be read: No such file"):
        secrets.get("B")
    with pytest.raises(BadConfig, match="C_FILE: cannot be read: Is a directory"):
        secrets.get("C")
    with pytest.raises(BadConfig, match="D: is not set; set it, or D_FILE"):
        secrets.need("D")


def test_secrets_do_not_show_themselves() -> None:
    """Neither repr nor str nor formatting gives a secret away."""
    secrets = Secrets({"STRIPE_API_KEY": "hidden"})
    assert "hidden" not in f"{secrets!r} {secrets}"


def test_bases_come_from_the_environment_only() -> None:
    """API addresses are read from the environment, and one that is no address is refused."""
    bases = Bases.of({"STRIPE_API_BASE": "http://127.0.0.1:1", "DISCORD_GATEWAY": "ws://127.0.0.1:2"})
    assert (bases.stripe, bases.gateway, bases.slack) == ("http://127.0.0.1:1", "ws://127.0.0.1:2", "")
    with pytest.raises(BadConfig, match="SLACK_API_BASE: is no address") as caught:
        Bases.of({"SLACK_API_BASE": "slack.example", "DISCORD_GATEWAY": "https://discord.example"})
    assert [problem.key for problem in caught.value.problems] == ["SLACK_API_BASE", "DISCORD_GATEWAY"]


@pytest.mark.parametrize("key", ["sk_" + "live_1", "rk_" + "live_1"])
def test_live_keys_go_only_to_stripe(key: str) -> None:
    """A live key with another base than Stripe's is stopped, unless a proxy is allowed for; a test key goes anywhere."""
    assert is_live(key)
    Bases.of({}).guard("STRIPE_API_KEY", key)
    Bases.of({"STRIPE_API_BASE": "https://api.stripe.com/"}).guard("STRIPE_API_KEY", key)
    for base in ("https://api.stripe.com.evil.example", "http://api.stripe.com", "https://api.stripe.com@evil.example"):
        with pytest.raises(BadConfig, match="WATER_KEY: is a live key") as caught:
            Bases.of({"STRIPE_API_BASE": base}).guard("WATER_KEY", key)
        assert key not in str(caught.value)
        Bases.of({"STRIPE_API_BASE": base}).guard("WATER_KEY", "sk_" + "test_1")
        Bases.of({"STRIPE_API_BASE": base, "TILLBOT_ALLOW_LIVE_PROXY": "1"}).guard("WATER_KEY", key)
