"""Catalogues for the tests of channels: one to look at, as many as wanted to try, and where the official schemas lie."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import strategies as st

from adapters.channels.texts import paragraphs, plain_text, slug
from bot.catalogue import Catalogue, Condition, Fulfil, Image, Product, Variant, tie
from bot.channels import Parcel, Storefront
from bot.money import Money

SHOP = Storefront("Example & Harbour Shop", "https://harbour.example/", "EUR", "en")
#: Where the official schemas and templates lie: beside the repository, or where the environment says.
FACTS = Path(os.environ.get("TILLBOT_CHANNELS") or Path(__file__).parents[4] / "shared" / "channels")
GTINS = ("4006381333931", "96385074", "036000291452", "00012345600012")


def fact(path: str) -> Path:
    """Give an official file, or skip the test where it is not there."""
    found = FACTS / "schemas" / path
    if not found.exists():
        pytest.skip(f"{found} is not here: the channels' own schemas are not part of the project")
    return found


def body(parcel: Parcel, path: str = "") -> bytes:
    """Give the bytes of a file of the parcel; of the only one where none is named."""
    (file,) = [file for file in parcel.files if path in {"", file.path}]
    return b"".join(file.write())


def stream(text: str | bytes) -> BinaryIO:
    """Give a text as a file."""
    return io.BytesIO(text.encode() if isinstance(text, str) else text)


def sample() -> Catalogue:
    """Give a small catalogue with everything in it that a channel may have trouble with."""
    mug = Product(
        id="mug",
        name="Mug & saucer",
        description="Stoneware.\nHolds a third of a litre.",
        html="<p>Stoneware.</p><ul><li>Holds a <b>third</b> of a litre.</li></ul>",
        picture="https://harbour.example/mug.jpg",
        images=(
            Image("https://harbour.example/mug.jpg", "A mug"),
            Image("https://harbour.example/back.jpg?a=1,2"),
        ),
        fulfil="ship",
        tags=("cup", "tasse"),
        brand="Quay",
        category="Kitchen > Mugs",
        url="https://harbour.example/mug",
        options=("Color", "Glaze"),
    )

    def mugs(product: Product) -> Sequence[Variant]:
        return (
            Variant(
                id="mug/blue-matt",
                product=product,
                name="blue, matt",
                price=Money(1250, "EUR"),
                stock=4,
                sku="M-1",
                gtin=GTINS[0],
                mpn="Q1",
                weight=350,
                compare_at=Money(1500, "EUR"),
                values=("blue", "matt"),
                picture="https://harbour.example/blue.jpg",
            ),
            Variant(
                id="mug/white-matt",
                product=product,
                name="white, matt",
                price=Money(1150, "EUR"),
                stock=0,
                weight=0,
                values=("white", "matt"),
            ),
        )

    zine = Product("zine", "=Knots zine", "+33 knots, <on> paper", picture="", fulfil="message", message="secret link")
    club = Product("club", "Club", "Coffee.", every="month")
    return Catalogue.of(
        [
            tie(mug, mugs),
            tie(
                replace(zine, images=(Image("https://harbour.example/zine.png"),)),
                lambda tied: (Variant("zine", tied, "", Money(400, "EUR")),),
            ),
            tie(
                Product("tour", "Harbour tour", condition="used"),
                lambda tied: (Variant("tour", tied, "", Money(600, "EUR")),),
            ),
            tie(club, lambda tied: (Variant("club", tied, "", Money(600, "EUR")),)),
        ]
    )


_WORDS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=("C", "Z")), min_size=1, max_size=12
)
#: Texts of one line, some of which a spreadsheet would run.
LINES = st.one_of(
    st.lists(_WORDS, min_size=1, max_size=4).map(" ".join),
    st.sampled_from(
        ("=1+1", "@SUM(A1)", "-5", "+33", "'=1", "''+2", "a,b;c", 'say "no"', "]]>", "<b>&amp;</b>", "'", "é€", "1.50")
    ),
)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join)
CONDITIONS: tuple[Condition, ...] = ("new", "refurbished", "used")
FULFILS: tuple[Fulfil, ...] = ("ship", "none")
_URLS = st.integers(0, 10_000).map(lambda number: f"https://shop.example/p{number}.jpg?a=1,2")


@st.composite
def products(draw: st.DrawFn, options: Sequence[str]) -> Product:
    """Draw a product as it comes back from elsewhere: names of variants are their values, ids are made of them."""
    description = draw(TEXTS)
    html = draw(st.sampled_from(("", f"<div>{paragraphs(description)}</div>")))
    pictures = draw(st.lists(_URLS, min_size=1, max_size=3, unique=True))
    named = tuple(draw(st.lists(st.sampled_from(options), max_size=2, unique=True)))
    product = Product(
        id=draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)),
        name=draw(LINES),
        description=plain_text(html) if html else description,
        html=html,
        picture=pictures[0],
        images=tuple(Image(url, draw(st.one_of(st.just(""), LINES))) for url in pictures),
        fulfil=draw(st.sampled_from(FULFILS)),
        tags=tuple(draw(st.lists(st.from_regex(r"[a-zé]{1,8}", fullmatch=True), max_size=2, unique=True))),
        brand=draw(LINES),
        category=draw(LINES),
        condition=draw(st.sampled_from(CONDITIONS)),
        url="https://shop.example/page?x=1&y=2",
        options=named,
    )
    many = draw(st.integers(1, 3)) if named else 1
    chosen = [tuple(f"{draw(st.sampled_from(('red', 'Ω', 'M', 'x')))}{at}" for _ in named) for at in range(many)]
    own = draw(st.booleans()) and many > 1
    made = [draw(_variant(at, values, own=own)) for at, values in enumerate(chosen)]

    def variants(tied: Product) -> Sequence[Variant]:
        taken: dict[str, int] = {}
        found = []
        for each in made:
            name = ", ".join(each.values)
            bare = slug(name)
            taken[bare] = taken.get(bare, 0) + 1
            id_ = f"{tied.id}/{bare}" if named else tied.id
            found.append(replace(each, id=id_, product=tied, name=name))
        return found

    return tie(product, variants)


@st.composite
def _variant(draw: st.DrawFn, at: int, values: tuple[str, ...], *, own: bool) -> Variant:
    price = draw(st.integers(1, 1_000_000))
    more = draw(st.integers(0, 1000))
    return Variant(
        id="",
        product=Product("", ""),
        name="",
        price=Money(price, "EUR"),
        stock=draw(st.one_of(st.none(), st.integers(0, 1000))),
        sku=draw(st.one_of(st.just(""), st.from_regex(r"[A-Z]{1,4}-?[0-9]{1,4}", fullmatch=True))),
        gtin=draw(st.sampled_from(("", *GTINS))),
        mpn=draw(st.one_of(st.just(""), LINES)),
        weight=draw(st.one_of(st.none(), st.integers(0, 100_000))),
        compare_at=Money(price + more, "EUR") if more else None,
        values=values,
        picture=f"https://shop.example/own{at}.jpg" if own else "",
    )


def catalogues(options: Sequence[str] = ("Color", "Size", "Scent")) -> st.SearchStrategy[Catalogue]:
    """Draw catalogues."""
    return st.lists(products(options), min_size=1, max_size=3, unique_by=lambda product: product.id).map(Catalogue.of)


def reduced(catalogue: Catalogue, loses: frozenset[str]) -> Catalogue:
    """Give what is left of a catalogue once a channel lost what it says it loses."""

    def lost(name: str, now: object, empty: object) -> object:
        return empty if name in loses else now

    def product_of(each: Product) -> Product:
        images = tuple(Image(image.url, str(lost("alt texts", image.alt, ""))) for image in each.images)
        kept = replace(
            each,
            html=str(lost("html", each.html, "")),
            tags=() if "tags" in loses else each.tags,
            fulfil="none" if "fulfil" in loses else each.fulfil,
            condition="new" if "condition" in loses else each.condition,
            brand=str(lost("brand", each.brand, "")),
            category=str(lost("category", each.category, "")),
            url=str(lost("url", each.url, "")),
            images=images,
        )
        return tie(kept, lambda tied: [variant_of(variant, tied) for variant in each.variants])

    def variant_of(each: Variant, product: Product) -> Variant:
        stock = None if each.stock else each.stock
        return replace(
            each,
            product=product,
            stock=stock if "stock" in loses else each.stock,
            sku=str(lost("sku", each.sku, "")),
            gtin=str(lost("gtin", each.gtin, "")),
            mpn=str(lost("mpn", each.mpn, "")),
            weight=None if "weight" in loses else each.weight,
            picture=str(lost("variant pictures", each.picture, "")),
        )

    return Catalogue.of([product_of(each) for each in catalogue.products])


def same(one: Catalogue, other: Catalogue) -> None:
    """Compare two catalogues: products are told apart by identity, so what they hold is compared."""
    assert [_held(product) for product in one.products] == [_held(product) for product in other.products]


def _held(product: Product) -> dict[str, object]:
    held: dict[str, object] = {
        name: getattr(product, name) for name in product.__dataclass_fields__ if name != "variants"
    }
    names = [name for name in Variant.__dataclass_fields__ if name != "product"]
    return held | {"variants": [{name: getattr(each, name) for name in names} for each in product.variants]}


def golden(name: str, got: bytes) -> None:
    """Compare with the file that a person looked at; UPDATE_GOLDEN=1 writes it anew."""
    path = Path(__file__).parent / "golden" / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(got)
    assert got == path.read_bytes()
