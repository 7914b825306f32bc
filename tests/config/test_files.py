"""The files that come with the config package: where they are found, what init writes, and that they stay valid."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.retirement import Stage, stage
from config.find import HERE, find
from config.initial import schema_text, write_initial
from config.read import check, read
from config.sample import SAMPLE, retirement_lines
from config.secrets import NAMES
from tests.config.shops import HEAD, MUG

STORY = HERE / "examples" / "twitter-2017.toml"


def _uncommented(path: Path) -> str:
    """Do what the demo asks for: take the "# " from the lines that it names."""
    found = retirement_lines(path)
    assert found is not None
    first, last = found
    lines = path.read_text(encoding="utf-8").splitlines()
    for number in range(first - 1, last):
        assert lines[number].startswith("#")
        lines[number] = lines[number].removeprefix("#").removeprefix(" ")
    return "\n".join(lines) + "\n"


def test_the_config_is_looked_up_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--config comes before TILLBOT_CONFIG, and that before ./config/shop.toml; a folder means the file in it."""
    monkeypatch.chdir(tmp_path)
    assert find(None, {}) == Path("config/shop.toml")
    assert find(None, {"TILLBOT_CONFIG": "/etc/till.toml"}) == Path("/etc/till.toml")
    assert find("mine.toml", {"TILLBOT_CONFIG": "/etc/till.toml"}) == Path("mine.toml")
    assert find(str(tmp_path), {}) == tmp_path / "shop.toml"


def test_the_packaged_sample_is_never_an_operators_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no config the sample of the package is not taken in its place."""
    monkeypatch.chdir(tmp_path)
    assert not find(None, {}).exists()


def test_init_writes_a_shop_that_is_right(tmp_path: Path) -> None:
    """The folder that init writes holds a valid shop, its schema, and every secret's name without a value."""
    written = write_initial(tmp_path / "till")
    assert [path.name for path in written] == ["shop.toml", "shop.schema.json", ".env.example"]
    assert read(written[0]).digest == read(SAMPLE).digest
    assert json.loads(written[1].read_text())["title"] == "Tillbot's shop.toml"
    names = written[2].read_text()
    assert all(re.search(rf"^(# )?{name}=", names, re.MULTILINE) for name in NAMES)
    assert not re.search(r"(KEY|SECRET|TOKEN)=\S", names)


@pytest.mark.parametrize("name", ["shop.toml", "shop.schema.json", ".env.example"])
def test_init_overwrites_nothing(tmp_path: Path, name: str) -> None:
    """Where one of the files is there already, init refuses and writes none of them."""
    (tmp_path / name).write_text("mine")
    with pytest.raises(FileExistsError, match=re.escape(name)):
        write_initial(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_the_schema_beside_the_sample_is_the_schema() -> None:
    """shop.schema.json is what the models say: `uv run python -c` with config.initial.schema_text() writes it anew."""
    assert (HERE / "shop.schema.json").read_text(encoding="utf-8") == schema_text()
    assert SAMPLE.read_text(encoding="utf-8").startswith("#:schema ./shop.schema.json\n")
    definitions = json.loads(schema_text())["$defs"]
    assert definitions["ProductTable"]["properties"]["price"]["anyOf"][0]["type"] == "string"
    assert definitions["ProductTable"]["additionalProperties"] is False


def test_the_sample_shows_everything_once() -> None:
    """The sample has a shipped, a sent and a plain product, a last one, variants, both kinds of causes, and a coupon."""
    settings = read(SAMPLE)
    products = settings.catalogue.products
    assert {product.fulfil for product in products} == {"ship", "message", "none"}
    assert [variant.label for variant in settings.catalogue.variants.values()][:2] == ["Mug, blue", "Mug, white"]
    assert 1 in {variant.stock for variant in settings.catalogue.variants.values()}
    assert {cause.account for cause in settings.causes.values()} == {"water", ""}
    assert settings.account_keys["water"] == "WATER_STRIPE_KEY"
    assert "WELCOME10" in settings.coupons
    assert settings.notify["web"] == "staff"
    assert not settings.plans


def test_uncommenting_the_named_lines_retires_buy() -> None:
    """Taking the "# " from exactly the lines that the demo names makes a valid config in which Buy is closed."""
    first, last = retirement_lines(SAMPLE) or (0, 0)
    lines = SAMPLE.read_text(encoding="utf-8").splitlines()
    assert last == len(lines)
    assert not lines[first - 2].startswith("#")
    settings = check(_uncommented(SAMPLE), "shop.toml")
    assert stage(settings.plans["buy"], datetime.now(UTC)) is Stage.RETIRED
    assert len(settings.plans["buy"].alternatives) == 4
    assert settings.catalogue.products


def test_nothing_to_uncomment_is_said_so(tmp_path: Path) -> None:
    """A file whose retirement is in force already, or that has none, names no lines."""
    file = tmp_path / "shop.toml"
    file.write_text(_uncommented(SAMPLE), encoding="utf-8")
    assert retirement_lines(file) is None
    assert retirement_lines(STORY) is None


def _story() -> str:
    text = STORY.read_text(encoding="utf-8")
    return text[text.index("[retirement.buy]") :]


def test_the_story_of_2017_is_told_right() -> None:
    """The example closes Buy on 1 February 2017 on under two weeks' notice, and names the four places in their order."""
    plan = read(STORY).plans["buy"]
    assert plan.closes.astimezone(plan.zone).isoformat() == "2017-02-01T00:00:00-08:00"
    assert plan.zone.key == "America/Los_Angeles"
    assert plan.closes - plan.announced < timedelta(days=14)
    assert plan.short_notice_reason
    assert set(plan.reason) == {"en", "fr"}
    assert [place.name for place in plan.alternatives] == ["Facebook Shop", "Pinterest", "Messenger", "Amazon"]
    assert all(place.url.startswith("https://") and set(place.note) == {"en", "fr"} for place in plan.alternatives)
    assert plan.contact == "support@shopify.com"
    assert read(STORY).causes


def test_the_storys_tables_can_be_pasted_under_any_shop() -> None:
    """The retirement of 2017 comes last, names no product, and is valid below every other shop."""
    assert "products" not in _story()
    for text in (HEAD, HEAD + MUG, SAMPLE.read_text(encoding="utf-8")):
        assert check(text + "\n" + _story(), "shop.toml").plans["buy"] == read(STORY).plans["buy"]


def test_the_samples_retirement_is_the_storys() -> None:
    """What is commented out in the sample are the tables of the example, word for word."""
    text = _uncommented(SAMPLE)
    assert text[text.index("[retirement.buy]") :] == _story()


def test_a_check_loads_no_sdk() -> None:
    """Reading a config loads no SDK, database, web server, Babel or file watcher: `tillbot check` starts cold."""
    heavy = ("aiohttp", "sqlalchemy", "stripe", "slack_bolt", "discord", "babel", "watchfiles", "tomlkit", "rapidfuzz")
    code = (
        "import sys; from config.read import read; from config.sample import SAMPLE; read(SAMPLE); "
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parent)  # noqa: S603 - our own code
    assert done.stdout == "[]\n"
