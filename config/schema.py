"""The shape of `shop.toml`, as pydantic models: what may stand in it, and what each key means."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from config.beside import unfit
from config.channels import ChannelsTable
from config.goods import CouponTable, ProductTable, ShippingTable
from config.known import known
from config.names import CouponCode, Currency, EnvName, Slug, SpokenLocale, Zone
from config.retirements import Retirements
from config.tables import Table
from config.values import Amount, Line, Network, Origin, Percent, PerkId, Price, SecureUrl, Text, Texts, Url
from config.wrong import show, wrong

Most = Annotated[int, Field(ge=1, le=1_000_000)]
#: One declined payment is no burst: a card may have run out.
Burst = Annotated[int, Field(ge=2, le=1_000_000)]
Prefix = Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,20}$")]


def _reached(homepage: str | None, info: ValidationInfo) -> str | None:
    if homepage is None and not known(info).public:
        better = 'write homepage = "https://shop.example/": people come back to it from paying'
        raise wrong("is missing, and [web] has no public_url", better, depends=True)
    return homepage


class ShopTable(Table):
    """The shop as a whole."""

    name: Line = Field(description="What the shop is called.")
    homepage: Annotated[Url | None, AfterValidator(_reached)] = Field(
        default=None,
        validate_default=True,
        description="Where people come back to from paying. Required without public_url.",
    )
    currency: Currency = Field(description='ISO 4217, such as "EUR": the currency of all prices.')
    default_locale: SpokenLocale = Field(default="en", description="For readers whose language is not spoken here.")
    zone: Zone = Field(description='The zone that dates are shown in, such as "Europe/Paris".')


class SellerTable(Table):
    """Who sells, as the law wants it said before payment."""

    name: Line = Field(description="The legal name.")
    address: Text | None = Field(default=None, description="The postal address.")
    support: Line | None = Field(default=None, description="Where to ask: an e-mail address, a page.")
    terms: SecureUrl | None = Field(default=None, description="The https address of the terms.")
    refunds: Texts | None = Field(default=None, description="The refund policy, by language.")


def _beside(name: str) -> str:
    if why := unfit(name):
        raise wrong(f"{show(name)} {why}", 'write its name alone: "products.csv"')
    return name


class CatalogueTable(Table):
    """Products that are listed in files beside this one."""

    files: list[Annotated[Line, AfterValidator(_beside)]] = Field(
        default_factory=list, description="CSV files with products, a row each or a row for each variant."
    )

    @field_validator("files")
    @classmethod
    def _once(cls, files: list[str]) -> list[str]:
        if len(set(files)) < len(files):
            raise wrong("names a file twice", "take one of the two out")
        return files


class CauseTable(Table):
    """A cause that takes gifts."""

    name: Line = Field(description="What people read and type.")
    description: Text | None = Field(default=None, description="A sentence or two.")
    recipient: Line = Field(description="The legal name of who gets the money.")
    registration: Line | None = Field(default=None, description="Its registration number, for receipts.")
    currency: Currency | None = Field(default=None, description="The currency of gifts; the shop's where left out.")
    presets: Annotated[list[Price], Field(max_length=10)] = Field(
        default_factory=list, description="Amounts that are suggested."
    )
    goal: Price | None = Field(default=None, description="What is hoped for in all.")
    stripe_key_env: EnvName | None = Field(
        default=None, description="The environment variable with the key of the cause's own Stripe account."
    )
    stripe_webhook_secret_env: EnvName | None = Field(
        default=None, description="The environment variable with that account's webhook secret."
    )
    picture: SecureUrl | None = Field(default=None, description="The https address of a picture.")
    perks: list[PerkId] = Field(default_factory=list, description="What a gift grants on a chat platform, once paid.")
    fee_percent: Percent = Field(default=Decimal("1.5"), description="What Stripe keeps of a gift, in per cent.")
    fee_fixed: Amount | None = Field(default=None, description="What Stripe keeps of each gift besides.")


class PlatformTexts(Table):
    """A channel for each platform."""

    web: Literal["staff"] | None = Field(default=None, description='"staff": whoever opened a staff link.')
    slack: Line | None = Field(default=None, description="The channel's id.")
    discord: Line | None = Field(default=None, description="The channel's id, in quotes.")


class PlatformPeople(Table):
    """The admins of each platform, by user id."""

    web: list[Line] = Field(default_factory=list, description="User ids of the web chat.")
    slack: list[Line] = Field(default_factory=list, description="User ids, U….")
    discord: list[Line] = Field(default_factory=list, description="User ids, in quotes.")
    approvals: Annotated[int, Field(ge=1, le=2)] = Field(
        default=1, description="How many admins a refund takes: the one who asks, or a second one besides."
    )
    refunds_above: Price | None = Field(
        default=None,
        description="With two, what an order may give back before it takes them; any amount where left out.",
    )

    @model_validator(mode="after")
    def _of_two(self) -> Self:
        if self.refunds_above is not None and self.approvals == 1:
            raise wrong("refunds_above says nothing while one admin is enough", "add approvals = 2, or take it out")
        return self


class PerkTable(Table):
    """What a product or a gift grants on a chat platform."""

    platform: Literal["slack", "discord"] = Field(description="Where it is granted.")
    kind: Literal["role", "channel", "usergroup"] = Field(description="A Discord role; a Slack channel or user group.")
    target: Line = Field(description="Its id on the platform, in quotes.")
    workspace: Line | None = Field(default=None, description="The id of the Discord server or Slack workspace.")
    name: Line = Field(description="What people read.")
    days: Annotated[int, Field(ge=1, le=3660)] | None = Field(
        default=None, description="How long it lasts; for ever, or as long as a monthly gift goes on, without."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.platform == "discord") != (self.kind == "role"):
            raise wrong(
                f"there is no {self.kind} on {self.platform}", 'Discord has "role"; Slack "channel" and "usergroup"'
            )
        if self.platform == "discord" and self.workspace is None:
            raise wrong("a role needs its server", 'add workspace = "the server\'s id"')
        return self


class LimitsTable(Table):
    """How many checkouts are opened in an hour, how long they hold stock, how often and how long payments may fail."""

    person: Most = Field(default=10, description="By one person.")
    address: Most = Field(default=10, description="From one network address.")
    shop: Most = Field(default=500, description="In the whole shop.")
    hold_minutes: Annotated[int, Field(ge=30, le=1430)] = Field(
        default=30, description="Minutes after which an unpaid order gives its stock back."
    )
    grace_days: Annotated[int, Field(ge=1, le=60)] = Field(
        default=7,
        description="Days in which a monthly payment that failed can be mended before what it grants is taken away.",
    )
    declines_person: Burst = Field(default=5, description="Declined payments of one person that stop new ones.")
    declines_address: Burst = Field(default=10, description="Declined payments from one network address that do.")
    declines_shop: Burst = Field(default=30, description="Declined payments in the whole shop that do, for everybody.")
    declines_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        default=10, description="The minutes in which declined payments are counted."
    )


class StripeTable(Table):
    """The shop's own Stripe account."""

    key_env: EnvName = Field(default="STRIPE_API_KEY", description="The environment variable with its key.")
    webhook_secret_env: EnvName = Field(
        default="STRIPE_WEBHOOK_SECRET", description="The environment variable with its webhook secret."
    )
    automatic_tax: bool = Field(default=False, description="Whether Stripe Tax reckons the tax.")


class WebTable(Table):
    """The web server and the web chat."""

    chat: bool = Field(default=False, description="Whether the web chat is on.")
    public_url: Origin | None = Field(default=None, description="Where the server is reached from outside.")
    host: Line = Field(default="127.0.0.1", description="The address it listens at.")
    port: Annotated[int, Field(ge=0, le=65535)] = Field(default=8080, description="The port it listens at.")
    trusted_proxies: list[Network] = Field(
        default=[], description="Proxies in front of it, whose word on a client's address is believed."
    )


class SlackTable(Table):
    """The Slack door."""

    enabled: bool = Field(default=False, description="Whether it is open.")
    socket: bool = Field(default=False, description="Come in by Socket Mode, which needs no public address.")
    prefix: Prefix = Field(default="", description="What stands before each command's name.")


class DiscordTable(Table):
    """The Discord door."""

    enabled: bool = Field(default=False, description="Whether it is open.")
    http: bool = Field(default=False, description="Take interactions over HTTP, which needs a public address.")
    prefix: Annotated[Line, Field(max_length=5)] = Field(default="!", description="What text commands begin with.")


class ShopFile(Table):
    """A whole shop.toml."""

    # A table that is left out is made of its defaults, which need no checking: what would check it is not even built.

    shop: ShopTable
    seller: SellerTable
    product: dict[Slug, ProductTable] = Field(default_factory=dict, description="What is sold.")
    catalogue: CatalogueTable = Field(
        default_factory=CatalogueTable.model_construct, description="Where big catalogues are listed."
    )
    cause: dict[Slug, CauseTable] = Field(default_factory=dict, description="What is given to.")
    perk: dict[Slug, PerkTable] = Field(default_factory=dict, description="What is granted on chat platforms.")
    coupon: dict[CouponCode, CouponTable] = Field(default_factory=dict, description="Codes that make it cheaper.")
    shipping: list[ShippingTable] = Field(default_factory=list, description="Flat rates.")
    notify: PlatformTexts = Field(default_factory=PlatformTexts.model_construct, description="Where the staff is told.")
    admins: PlatformPeople = Field(
        default_factory=PlatformPeople.model_construct, description="Who may manage the shop."
    )
    limits: LimitsTable = Field(default_factory=LimitsTable.model_construct)
    stripe: StripeTable = Field(default_factory=StripeTable.model_construct)
    web: WebTable = Field(default_factory=WebTable.model_construct)
    slack: SlackTable = Field(default_factory=SlackTable.model_construct)
    discord: DiscordTable = Field(default_factory=DiscordTable.model_construct)
    channels: ChannelsTable = Field(
        default_factory=ChannelsTable.model_construct, description="What places elsewhere ask of the seller."
    )
    retirement: Retirements = Field(default_factory=Retirements.model_construct, description="What ends, and when.")


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of a shop.toml, for editors."""
    schema = ShopFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Tillbot's shop.toml"}
