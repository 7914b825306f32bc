"""The doctor over a whole shop: config, secrets, database, Stripe and a platform, each with what to do."""

from __future__ import annotations

from pathlib import Path

from adapters.sandbox.server import Sandbox
from bot.app.doctor import findings
from bot.findings import Finding
from tests.conformance.slack_door import SlackSocket
from tests.conformance.world import KEYS, SHOP

SECRET = "a secret of the tests, long enough"


async def examined(folder: Path, config: str, **environ: str) -> list[Finding]:
    """Examine a shop."""
    path = folder / "shop.toml"
    path.write_text(config, encoding="utf-8")
    database = f"sqlite:///{folder / 'shop.sqlite3'}"
    return [found async for found in findings(path, database, environ, sandbox=True)]


async def test_a_shop_that_is_well(tmp_path: Path) -> None:
    """Everything is tried, down to Slack's tokens, and nothing of a secret is repeated."""
    door = await SlackSocket.open()
    try:
        async with Sandbox(path=tmp_path / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values())) as sandbox:
            environ = {**KEYS, **door.environ(), "TILLBOT_SECRET": SECRET, "STRIPE_API_BASE": sandbox.base}
            found = await examined(tmp_path, SHOP + door.config(), **environ)
    finally:
        await door.close()
    subjects = [finding.subject for finding in found]
    assert {"the config", "TILLBOT_SECRET", "the database", "Stripe, the shop", "Stripe, water"} <= set(subjects)
    assert any("Slack" in subject for subject in subjects)
    assert [finding for finding in found if not finding.well and "Slack" not in finding.subject] == []
    said = repr(found)
    assert not [value for name, value in environ.items() if "BASE" not in name and value in said]


async def test_a_shop_that_is_ill(tmp_path: Path) -> None:
    """Each thing that is wrong is said, with what to do, and the rest is tried all the same."""
    ills = {finding.subject: finding for finding in await examined(tmp_path, SHOP, TILLBOT_SECRET="short")}
    assert ills["TILLBOT_SECRET"].says == "is too short"
    assert "STRIPE_API_KEY" in repr(ills["the environment"]) or "WATER_STRIPE_KEY" in repr(ills["the environment"])
    assert ills["the database"].well
    assert all(finding.todo for finding in ills.values() if not finding.well)


async def test_a_config_that_is_ill(tmp_path: Path) -> None:
    """A bad config is all there is to say, line by line."""
    found = await examined(tmp_path, SHOP.replace('"4.00"', '"4,00"'))
    assert [finding.well for finding in found] == [False]
    assert "shop.toml:" in found[0].says
