"""Reading shop.toml: what is accepted, what is refused, and how it is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.catalogue import Image
from bot.errors import BadConfig
from bot.money import Money
from bot.perks import Perk
from config.read import check, read
from tests.config import shops
from tests.config.shops import HEAD, MUG, said


def _euros(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_message_of_a_bad_price() -> None:
    """A price with a comma is refused with file, line, key, what is wrong and what would be right."""
    with pytest.raises(BadConfig) as caught:
        check(HEAD + MUG.replace("12.50", "12,5"), "config/shop.toml")
    assert str(caught.value) == 'config/shop.toml:13: product "mug", price: "12,5" is no amount; write "12.50"'


def test_a_whole_shop_becomes_settings() -> None:
    """Every table of the file arrives in Settings, with money in the right currency."""
    settings = shops.read(
        """
[product.mug]
name = "Mug"
description = "Holds tea."
price = "12.50"
limit = 3
fulfil = "ship"
tags = ["cup"]
sku = "M"
[product.mug.variant.blue]
name = "blue"
stock = 4
[product.mug.variant.red]
name = "red"
price = "13"
sku = "M-R"
[product.zine]
name = "Zine"
price = "4.00"
fulfil = "message"
message = "https://shop.example/zine.pdf"
[cause.water]
name = "Water"
recipient = "Trust"
presets = ["10", "25.50"]
goal = "100"
currency = "GBP"
stripe_key_env = "WATER_STRIPE_KEY"
fee_percent = 1.4
fee_fixed = "0.20"
[coupon.FIVE]
amount = "5.00"
minimum = "20"
products = ["mug"]
until = 2030-12-31
[[shipping]]
name = "Post"
countries = ["FR"]
price = "0.00"
[[shipping]]
name.fr = "Ailleurs"
countries = ["*", "DE"]
price = "9.90"
[notify]
slack = "C1"
[admins]
discord = ["1"]
[stripe]
automatic_tax = true
[limits]
hold_minutes = 45
declines_person = 4
declines_address = 8
declines_shop = 20
declines_minutes = 15
[web]
public_url = "https://till.example/"
port = 9000
[discord]
enabled = true
prefix = "?"
"""
    )
    blue, red, zine = settings.catalogue.variants.values()
    assert (blue.id, blue.label, blue.price, blue.stock, blue.sku) == ("mug/blue", "Mug, blue", _euros(1250), 4, "M")
    assert (red.price, red.stock, red.sku, red.product.limit) == (_euros(1300), None, "M-R", 3)
    assert (zine.id, zine.label, zine.product.message) == ("zine", "Zine", "https://shop.example/zine.pdf")
    water = settings.causes["water"]
    assert (water.account, water.goal, water.fee_percent) == ("water", Money(10000, "GBP"), Decimal("1.4"))
    assert water.presets == (Money(1000, "GBP"), Money(2550, "GBP"))
    five = settings.coupons["FIVE"]
    assert (five.amount, five.minimum, five.products, five.until) == (
        _euros(500),
        _euros(2000),
        ("mug",),
        date(2030, 12, 31),
    )
    post, elsewhere = settings.shipping
    assert (post.name, post.countries, post.price) == ({"en": "Post"}, ("FR",), _euros(0))
    assert elsewhere.countries[0] == "DE"
    assert "US" in elsewhere.countries
    assert "FR" not in elsewhere.countries
    assert settings.notify == {"slack": "C1"}
    assert settings.is_admin("discord", "1")
    assert settings.account_keys == {"": "STRIPE_API_KEY", "water": "WATER_STRIPE_KEY"}
    assert settings.account_webhook_secrets == {"": "STRIPE_WEBHOOK_SECRET", "water": "WATER_STRIPE_KEY_WEBHOOK_SECRET"}
    limits = settings.limits
    assert (limits.declines_person, limits.declines_address, limits.declines_shop) == (4, 8, 20)
    assert limits.declines_minutes == 15
    assert (settings.automatic_tax, settings.limits.hold_minutes, settings.web.port) == (True, 45, 9000)
    assert settings.web.public_url == "https://till.example"
    assert (settings.discord.prefix, settings.slack.enabled) == ("?", False)


def _mistakes() -> list[tuple[str, list[str]]]:
    """Read mistakes.txt: texts, and below each what is said of it."""
    blocks = (Path(__file__).parent / "mistakes.txt").read_text(encoding="utf-8").split("\n----\n")
    return [
        (
            "".join(f"{line}\n" for line in block.splitlines() if not line.startswith(("=> ", "#!"))),
            [line.removeprefix("=> ") for line in block.splitlines() if line.startswith("=> ")],
        )
        for block in blocks
    ]


@pytest.mark.parametrize(
    ("text", "messages"), _mistakes(), ids=lambda value: value[0] if isinstance(value, list) else ""
)
def test_what_is_said_of_a_mistake(text: str, messages: list[str]) -> None:
    """Each mistake is told once, with its line, its key, what is wrong and what would be right."""
    assert said(text, "" if "[shop]" in text else HEAD) == messages


def test_perks_are_granted_by_products_and_causes_on_both_platforms() -> None:
    """A role of a server for ever and a channel for thirty days, each named by what grants it."""
    settings = shops.read(
        """
[product.mug]
name = "Mug"
price = "12.50"
perks = ["captain", "club"]
[cause.water]
name = "Water"
recipient = "Trust"
perks = ["club"]
[perk.captain]
platform = "discord"
kind = "role"
target = "9"
workspace = "1"
name = "Captain"
[perk.club]
platform = "slack"
kind = "channel"
target = "C1"
name = "Club"
days = 30
"""
    )
    assert settings.perks == {
        "captain": Perk("captain", "discord", "role", "9", "Captain", "1"),
        "club": Perk("club", "slack", "channel", "C1", "Club", days=30),
    }
    assert settings.product_perks == {"mug": ("captain", "club")}
    assert settings.cause_perks == {"water": ("club",)}


def test_an_empty_file_is_no_shop() -> None:
    """An empty file, as some editors write for an instant, is refused like any other bad edit."""
    assert said("", "") == [
        "1: shop: is missing; write a table [shop]",
        "1: seller: is missing; write a table [seller]",
    ]


def test_yen_have_no_decimals_and_dinars_have_three() -> None:
    """Prices are read with the decimals of their currency."""
    yen = HEAD.replace("EUR", "JPY")
    assert shops.read(MUG.replace("12.50", "500"), yen).catalogue.products[0].variants[0].price == Money(500, "JPY")
    assert said(MUG.replace("12.50", "500.00"), yen) == [
        '4: product "mug", price: "500.00" has more decimals than JPY has; write "500"'
    ]
    dinars = HEAD.replace("EUR", "KWD")
    assert shops.read(MUG.replace("12.50", "1.250"), dinars).catalogue.products[0].variants[0].price == Money(
        1250, "KWD"
    )


def test_an_id_that_was_sold_is_never_used_for_something_else() -> None:
    """A product id sold before under another name is refused, with its line; under the same name it may come back."""
    (problem,) = shops.problems(MUG, mug="Old mug")
    assert (problem.line, problem.key) == (2, 'product "mug"')
    assert problem.what == 'the id "mug" was sold before as "Old mug"'
    assert problem.instead == "write another id, such as [product.mug-2]: old orders and messages still mean the first"
    assert shops.read(MUG, mug="Mug").catalogue.products[0].id == "mug"


def test_causes_with_one_key_share_one_account() -> None:
    """Two causes that name the same key are one Stripe account; one that names the shop's key is the shop's."""
    cause = '[cause.{0}]\nname = "{0}"\nrecipient = "R"\nstripe_key_env = "{1}"\n'
    text = cause.format("a", "A_KEY") + cause.format("b", "A_KEY") + cause.format("c", "STRIPE_API_KEY")
    settings = shops.read(text)
    assert [cause.account for cause in settings.causes.values()] == ["a", "a", ""]
    assert settings.account_keys == {"": "STRIPE_API_KEY", "a": "A_KEY"}


def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path) -> None:
    """No file, a folder, other encodings: each is a problem of the file, with the line where there is one."""
    with pytest.raises(BadConfig, match=r"there is no such file; write one with `tillbot init`"):
        read(tmp_path / "none.toml")
    with pytest.raises(BadConfig, match="is a folder"):
        read(tmp_path)
    file = tmp_path / "shop.toml"
    file.write_bytes(HEAD.encode() + b'address = "Caf\xe9"\n')
    with pytest.raises(BadConfig, match=r"shop\.toml:10: holds bytes that are no UTF-8; save it as UTF-8"):
        read(file)
    file.write_bytes(HEAD.encode("utf-16"))
    with pytest.raises(BadConfig, match="is saved as UTF-16; save it as UTF-8"):
        read(file)


def test_what_editors_on_windows_write_is_read(tmp_path: Path) -> None:
    """A byte order mark and carriage returns change nothing, and lines still count."""
    file = tmp_path / "shop.toml"
    file.write_bytes(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode())
    assert read(file).name == "Test Shop"
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + "stock = 3\n").replace("\n", "\r\n").encode())
    with pytest.raises(BadConfig, match=r":10: seller\.stock: unknown key"):
        read(file)


def test_the_digest_names_the_content(tmp_path: Path) -> None:
    """The same content has the same digest, another content another one."""
    file = tmp_path / "shop.toml"
    file.write_text(HEAD)
    first = read(file).digest
    assert read(file).digest == first
    file.write_text(HEAD + "# a note\n")
    assert read(file).digest != first


def test_what_channels_ask_of_a_product_is_read() -> None:
    """Brand, category, pictures, barcodes, weights and options arrive in the catalogue; variants inherit the weight."""
    settings = shops.read(
        """
[product.mug]
name = "Mug"
price = "12.50"
compare_at = "15.00"
html = "<p>Holds <b>tea</b>.</p>"
brand = "Quay"
category = "Kitchen > Mugs"
condition = "used"
url = "https://shop.example/mug"
picture = "https://shop.example/mug.jpg"
picture_alt = "A mug"
pictures = [{ url = "https://shop.example/back.jpg" }]
weight = 350
options = ["Colour"]
[product.mug.variant.blue]
name = "blue"
values = ["blue"]
gtin = "4006381333931"
mpn = "M-1"
[product.mug.variant.red]
name = "red"
values = ["red"]
weight = 0
picture = "https://shop.example/red.jpg"
[product.cap]
name = "Cap"
price = "20.00"
gtin = "96385074"
"""
    )
    mug, cap = settings.catalogue.products
    blue, red = mug.variants
    assert mug.images == (Image("https://shop.example/mug.jpg", "A mug"), Image("https://shop.example/back.jpg"))
    assert (mug.brand, mug.category, mug.condition, mug.url) == (
        "Quay",
        "Kitchen > Mugs",
        "used",
        "https://shop.example/mug",
    )
    assert mug.html == "<p>Holds <b>tea</b>.</p>"
    assert (blue.gtin, blue.mpn, blue.weight, blue.compare_at) == ("4006381333931", "M-1", 350, _euros(1500))
    assert (red.weight, red.picture, mug.chosen(red)) == (0, "https://shop.example/red.jpg", (("Colour", "red"),))
    assert (cap.variants[0].gtin, cap.chosen(cap.variants[0]), cap.images) == ("96385074", (), ())
