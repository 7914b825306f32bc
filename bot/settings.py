"""What an operator has decided, read and checked: plain data that the whole house can trust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.catalogue import Catalogue
from bot.donations import Cause
from bot.money import Money
from bot.perks import Perk
from bot.retirement import Plan
from bot.shipping import ShippingRate

#: A text of the operator's in several languages, by locale.
Texts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Seller:
    """Who sells, as the law wants it said before payment."""

    name: str
    address: str = ""
    support: str = ""
    terms: str = ""  # an https address
    refunds: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code that makes it cheaper: `percent` or `amount` off the goods; of a monthly purchase, off its first month."""

    code: str
    percent: Decimal | None = None
    amount: Money | None = None
    minimum: Money | None = None
    products: tuple[str, ...] = ()
    #: The last day on which it holds, in the shop's zone.
    until: date | None = None
    #: The first day on which it holds.
    since: date | None = None
    #: How often it can be used, by one person and in all; None where that is not limited.
    per_person: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many checkout sessions are opened in any one hour, how long one holds its stock, and how often one may fail."""

    person: int = 10
    address: int = 10
    shop: int = 500
    #: Minutes after which an unpaid order gives its stock back. Stripe's own shortest is 30.
    hold_minutes: int = 30
    #: Days in which a monthly payment that failed can be mended before its perks are taken away.
    grace_days: int = 7
    #: So many declined payments of one person, from one address, or in the whole shop are a burst: somebody may be
    #: trying stolen cards.
    declines_person: int = 5
    declines_address: int = 10
    declines_shop: int = 30
    #: The minutes in which they are counted.
    declines_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Approval:
    """How many admins a refund takes, once an order has given back more than `above`; None: any amount."""

    admins: int = 1
    above: Money | None = None


@dataclass(frozen=True, slots=True)
class Web:
    """The web server and the web chat."""

    chat: bool = False
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    #: Networks of proxies whose X-Forwarded-For is believed, for limits by address.
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slack:
    """The Slack door. Tokens come from the environment."""

    enabled: bool = False
    #: What stands before each command's name: "" or "tillbot-".
    prefix: str = ""
    #: Whether it comes in by Socket Mode, which needs SLACK_APP_TOKEN and no public address, instead of by HTTP.
    socket: bool = False


@dataclass(frozen=True, slots=True)
class Discord:
    """The Discord door. The token comes from the environment."""

    enabled: bool = False
    #: What text commands begin with.
    prefix: str = "!"
    #: Whether interactions come in over HTTP, which needs DISCORD_PUBLIC_KEY and a public address, instead of the gateway.
    http: bool = False


@dataclass(frozen=True, slots=True)
class AmazonSeller:
    """What Amazon's listings feed asks of the seller, beside the catalogue."""

    seller_id: str
    #: Amazon's id of the country's shop, such as "A13V1IB3VIYZZH".
    marketplace_id: str
    #: The language of the catalogue's texts, as Amazon writes it: "fr_FR".
    language: str
    #: Amazon's product type of whatever has none of its own in `product_types`, by the product's id.
    product_type: str
    product_types: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in `shop.toml`, checked. `digest` names this version of it."""

    name: str
    homepage: str
    default_locale: str
    zone: ZoneInfo
    currency: str
    seller: Seller
    catalogue: Catalogue
    causes: Mapping[str, Cause]
    coupons: Mapping[str, Coupon] = field(default_factory=dict)
    shipping: tuple[ShippingRate, ...] = ()
    plans: Mapping[str, Plan] = field(default_factory=dict)
    #: Platform to the channel where the staff is told of every paid order and gift.
    notify: Mapping[str, str] = field(default_factory=dict)
    #: Platform to the bare ids of its admins: users, Discord roles, Slack user groups.
    admins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    approval: Approval = field(default_factory=Approval)
    #: Account ("" is the shop's own, else the cause's id) to the environment variable of its Stripe key.
    account_keys: Mapping[str, str] = field(default_factory=dict)
    #: Account to the environment variable of its webhook secret.
    account_webhook_secrets: Mapping[str, str] = field(default_factory=dict)
    #: Perks by id, and the ids of those that each product and each cause grants.
    perks: Mapping[str, Perk] = field(default_factory=dict)
    product_perks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cause_perks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    automatic_tax: bool = False
    limits: Limits = field(default_factory=Limits)
    web: Web = field(default_factory=Web)
    slack: Slack = field(default_factory=Slack)
    discord: Discord = field(default_factory=Discord)
    amazon: AmazonSeller | None = None
    digest: str = ""
    #: What messages call the file, and the lines of retirements in it, by feature and key ("" is the table itself).
    file: str = ""
    retirement_lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def is_admin(self, platform: str, user: str, groups: Sequence[str] = ()) -> bool:
        """Tell whether the bare user id, or one of the groups they are in, is listed for the platform."""
        listed = self.admins.get(platform, ())
        return user in listed or any(group in listed for group in groups)
