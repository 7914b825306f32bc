"""What is sold, as pydantic models: products with their variants, coupons and shipping rates."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from bot.catalogue import HEAVIEST, LONGEST_HTML, MOST_STOCK, Condition, Fulfil
from bot.money import Money
from config.known import known
from config.names import Country, Slug
from config.values import Amount, Day, Gtin, Line, Percent, PerkId, Price, ProductId, SecureUrl, Text, Texts, Url, text
from config.wrong import show, wrong

Count = Annotated[int, Field(ge=0, le=MOST_STOCK)]
Uses = Annotated[int, Field(ge=1, le=1_000_000)]
#: Grams: up to ten tonnes.
Grams = Annotated[int, Field(ge=0, le=HEAVIEST)]
Html = Annotated[str, Field(max_length=LONGEST_HTML), AfterValidator(text)]


def _struck(was: Money | None, info: ValidationInfo) -> Money | None:
    price = info.data.get("price")
    if was is not None and price is not None and was <= price:
        raise wrong(f"{was.plain()} is no more than the price", "write what it cost before, or take it out")
    return was


Was = Annotated[Price | None, AfterValidator(_struck)]


class PictureTable(BaseModel):
    """A further picture."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    url: SecureUrl = Field(description="Its https address.")
    alt: Line | None = Field(default=None, description="What it shows, for who cannot see it.")


class VariantTable(BaseModel):
    """One colour or size of a product."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    name: Line = Field(description='What is added to the product\'s name: "blue" makes "Mug, blue".')
    price: Price | None = Field(default=None, description="Its price, where it differs from the product's.")
    stock: Count | None = Field(default=None, description="How many are offered in all; left out, it does not run out.")
    sku: Line | None = Field(default=None, description="The seller's own number for it.")
    values: list[Line] = Field(default_factory=list, description="What it is of each of the product's options.")
    gtin: Gtin | None = Field(default=None, description="The number under its barcode.")
    mpn: Line | None = Field(default=None, description="The maker's own number for it.")
    weight: Grams | None = Field(default=None, description="In grams, where it differs from the product's.")
    compare_at: Was = Field(default=None, description="What it cost before: shown struck out where a channel can.")
    picture: SecureUrl | None = Field(default=None, description="The https address of its own picture.")


def _counted(stock: int | None, info: ValidationInfo) -> int | None:
    if stock is not None and info.data.get("every"):
        raise wrong(
            "stands beside every", "take one of the two out: what is paid monthly does not run out", depends=True
        )
    return stock


def _single(limit: int, info: ValidationInfo) -> int:
    if limit > 1 and info.data.get("every"):
        raise wrong(f"{limit} is too much", "take it out: a person buys one of what is paid monthly", depends=True)
    return limit


def _shipped(fulfil: Fulfil, info: ValidationInfo) -> Fulfil:
    if fulfil == "ship" and info.data.get("every"):
        better = 'write fulfil = "none" or "message", or take every out'
        raise wrong("what is paid monthly is not shipped", better, depends=True)
    if fulfil == "ship" and not known(info).ships:
        better = 'add [[shipping]] with name, countries and price, or write fulfil = "none"'
        raise wrong("there is no [[shipping]] to ship by", better, depends=True)
    return fulfil


def _sent(message: str | None, info: ValidationInfo) -> str | None:
    fulfil = info.data.get("fulfil")
    if fulfil == "message" and message is None:
        raise wrong("is missing", 'write message = "…": the text or link that is sent after payment', depends=True)
    if fulfil in {"ship", "none"} and message is not None:
        raise wrong(
            f"is never sent with fulfil = {show(fulfil)}", 'write fulfil = "message", or take it out', depends=True
        )
    return message


class ProductTable(BaseModel):
    """A thing that is sold."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    name: Line = Field(description="What people read and type.")
    description: Text | None = Field(default=None, description="A sentence or two.")
    price: Price | None = Field(default=None, description="In the shop's currency, in quotes.")
    every: Literal["month"] | None = Field(
        default=None, description='"month": paid anew each month until it is stopped. Once, where left out.'
    )
    stock: Annotated[Count | None, AfterValidator(_counted)] = Field(
        default=None, description="How many are offered in all; left out, it does not run out."
    )
    limit: Annotated[int, Field(ge=1, le=10_000), AfterValidator(_single)] = Field(
        default=10, description="The most that one order may hold."
    )
    picture: SecureUrl | None = Field(default=None, description="The https address of a picture.")
    fulfil: Annotated[Fulfil, AfterValidator(_shipped)] = Field(default="none", description="How it reaches the buyer.")
    message: Annotated[Text | None, AfterValidator(_sent)] = Field(
        default=None, validate_default=True, description="What is sent privately after payment."
    )
    perks: list[PerkId] = Field(default_factory=list, description="What it grants on a chat platform, once paid.")
    tags: list[Line] = Field(default_factory=list, description="Other words that it is found by.")
    sku: Line | None = Field(default=None, description="The seller's own number for it.")
    html: Html | None = Field(default=None, description="A longer description in HTML, for channels that show it.")
    brand: Line | None = Field(default=None, description="Who makes it.")
    category: Line | None = Field(default=None, description='Where it belongs: "Kitchen > Mugs".')
    condition: Condition = Field(default="new", description="Whether it is new.")
    url: Url | None = Field(default=None, description="Its own page, where it is sold: channels lead there.")
    picture_alt: Line | None = Field(default=None, description="What the picture shows, for who cannot see it.")
    pictures: list[PictureTable] = Field(default_factory=list, description="Further pictures.")
    options: list[Line] = Field(default_factory=list, description='What its variants differ in: ["Colour", "Size"].')
    gtin: Gtin | None = Field(default=None, description="The number under its barcode.")
    mpn: Line | None = Field(default=None, description="The maker's own number for it.")
    weight: Grams | None = Field(default=None, description="In grams.")
    compare_at: Was = Field(default=None, description="What it cost before: shown struck out where a channel can.")
    variant: dict[Slug, VariantTable] = Field(default_factory=dict, description="Its colours or sizes.")


def _one_of_two(percent: Percent | None, info: ValidationInfo) -> Percent | None:
    if "amount" not in info.data:  # refused already, with its own line
        return percent
    amount = info.data["amount"]
    if percent is None and amount is None:
        raise wrong("is missing", 'write percent = 10 or amount = "5.00"', depends=True)
    if percent is not None and amount is not None:
        raise wrong("stands beside amount", "keep one of the two")
    if percent is not None and not percent:
        raise wrong("is nothing", "write more than zero, such as 10")
    return percent


def _ordered(until: date | None, info: ValidationInfo) -> date | None:
    since = info.data.get("since")
    if until is not None and since is not None and until < since:
        raise wrong("is before from", f"write {since} or a later day", depends=True)
    return until


def _within(total: int | None, info: ValidationInfo) -> int | None:
    each = info.data.get("per_person")
    if total is not None and each is not None and total < each:
        raise wrong("is less than per_person", f"write {each} or more", depends=True)
    return total


class CouponTable(BaseModel):
    """A code that makes an order cheaper; of a monthly purchase, its first month."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    amount: Price | None = Field(default=None, description="This much off the goods.")
    percent: Annotated[Percent | None, AfterValidator(_one_of_two)] = Field(
        default=None, validate_default=True, description="This many per cent off the goods."
    )
    minimum: Amount | None = Field(default=None, description="The least that the goods must come to.")
    products: list[ProductId] = Field(default_factory=list, description="The products it is for; all where left out.")
    since: Day | None = Field(
        default=None, alias="from", description="The first day on which it holds, in the shop's zone."
    )
    until: Annotated[Day | None, AfterValidator(_ordered)] = Field(
        default=None, description="The last day on which it holds, in the shop's zone."
    )
    per_person: Uses | None = Field(default=None, description="How many orders of one person it is good for.")
    total: Annotated[Uses | None, AfterValidator(_within)] = Field(
        default=None, description="How many orders it is good for in all."
    )


class ShippingTable(BaseModel):
    """A flat rate for some countries."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    name: Texts = Field(description="What people read, by language.")
    countries: Annotated[list[Country], Field(min_length=1)] = Field(
        description='Two-letter codes (ISO 3166-1); "*" is every country that no other rate names.'
    )
    price: Amount = Field(description="For the whole order, in the shop's currency.")
