"""Makes Settings of a checked file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.catalogue import Catalogue, Image, Product, Variant, tie
from bot.donations import Cause
from bot.perks import Perk
from bot.settings import AmazonSeller, Approval, Coupon, Discord, Limits, Seller, Settings, Slack, Web
from bot.shipping import ShippingRate
from config.channels import AmazonTable
from config.goods import CouponTable, ProductTable, ShippingTable
from config.plans import plans
from config.regions import COUNTRIES, ELSEWHERE
from config.schema import CauseTable, PerkTable, PlatformPeople, PlatformTexts, ShopFile


def settings(
    file: ShopFile, digest: str, listed: Sequence[Product], listed_perks: Mapping[str, tuple[str, ...]]
) -> Settings:
    """Make Settings of a file that was found right; `digest` names this version of it.

    `listed` are the products of its catalogue files, which stand after its own, and `listed_perks` what they grant.
    """
    accounts = _accounts(file)
    return Settings(
        name=file.shop.name,
        homepage=file.shop.homepage or file.web.public_url or "",
        default_locale=file.shop.default_locale,
        zone=file.shop.zone,
        currency=file.shop.currency,
        seller=Seller(
            name=file.seller.name,
            address=file.seller.address or "",
            support=file.seller.support or "",
            terms=file.seller.terms or "",
            refunds=file.seller.refunds or {},
        ),
        catalogue=Catalogue.of([*(product(name, table) for name, table in file.product.items()), *listed]),
        causes={name: _cause(name, cause, accounts, file.shop.currency) for name, cause in file.cause.items()},
        coupons={code: _coupon(code, coupon) for code, coupon in file.coupon.items()},
        shipping=tuple(_shipping(file.shipping)),
        perks={name: _perk(name, table) for name, table in file.perk.items()},
        product_perks={name: tuple(table.perks) for name, table in file.product.items() if table.perks}
        | dict(listed_perks),
        cause_perks={name: tuple(table.perks) for name, table in file.cause.items() if table.perks},
        plans=plans(file),
        notify=_texts(file.notify),
        admins=_people(file.admins),
        approval=Approval(file.admins.approvals, file.admins.refunds_above),
        account_keys={account: key for key, account in accounts.items()},
        account_webhook_secrets=_webhook_secrets(file, accounts),
        automatic_tax=file.stripe.automatic_tax,
        limits=Limits(
            person=file.limits.person,
            address=file.limits.address,
            shop=file.limits.shop,
            hold_minutes=file.limits.hold_minutes,
            grace_days=file.limits.grace_days,
            declines_person=file.limits.declines_person,
            declines_address=file.limits.declines_address,
            declines_shop=file.limits.declines_shop,
            declines_minutes=file.limits.declines_minutes,
        ),
        web=Web(
            chat=file.web.chat,
            public_url=file.web.public_url or "",
            host=file.web.host,
            port=file.web.port,
            trusted_proxies=tuple(file.web.trusted_proxies),
        ),
        slack=Slack(enabled=file.slack.enabled, prefix=file.slack.prefix, socket=file.slack.socket),
        discord=Discord(enabled=file.discord.enabled, prefix=file.discord.prefix, http=file.discord.http),
        amazon=_amazon(file.channels.amazon),
        digest=digest,
    )


def _amazon(table: AmazonTable | None) -> AmazonSeller | None:
    if table is None:
        return None
    return AmazonSeller(
        table.seller_id, table.marketplace_id, table.language, table.product_type, dict(table.product_types)
    )


def _accounts(file: ShopFile) -> dict[str, str]:
    """Give our name of each Stripe account by its key's variable: causes that share a key share the first one's account."""
    accounts = {file.stripe.key_env: ""}
    for name, cause in file.cause.items():
        if cause.stripe_key_env is not None:
            accounts.setdefault(cause.stripe_key_env, name)
    return accounts


def _webhook_secrets(file: ShopFile, accounts: Mapping[str, str]) -> dict[str, str]:
    found = {"": file.stripe.webhook_secret_env}
    for cause in file.cause.values():
        if cause.stripe_key_env is not None:
            named = cause.stripe_webhook_secret_env or f"{cause.stripe_key_env}_WEBHOOK_SECRET"
            found.setdefault(accounts[cause.stripe_key_env], named)
    return found


def product(name: str, table: ProductTable) -> Product:
    """Make a product of its table."""
    bare = Product(
        id=name,
        name=table.name,
        description=table.description or "",
        picture=table.picture or "",
        fulfil=table.fulfil,
        message=table.message or "",
        limit=1 if table.every else table.limit,
        tags=tuple(table.tags),
        every=table.every or "",
        images=tuple(_images(table)),
        html=table.html or "",
        brand=table.brand or "",
        category=table.category or "",
        condition=table.condition,
        url=table.url or "",
        options=tuple(table.options),
    )
    return tie(bare, lambda tied: _variants(tied, table))


def _variants(product: Product, table: ProductTable) -> Iterator[Variant]:
    if not table.variant and table.price is not None:
        yield Variant(
            id=product.id,
            product=product,
            name="",
            price=table.price,
            stock=table.stock,
            sku=table.sku or "",
            gtin=table.gtin or "",
            mpn=table.mpn or "",
            weight=table.weight,
            compare_at=table.compare_at,
        )
    for name, variant in table.variant.items():
        price = variant.price or table.price
        if price is not None:
            yield Variant(
                id=f"{product.id}/{name}",
                product=product,
                name=variant.name,
                price=price,
                stock=variant.stock,
                sku=variant.sku or table.sku or "",
                gtin=variant.gtin or "",
                mpn=variant.mpn or "",
                weight=table.weight if variant.weight is None else variant.weight,
                compare_at=variant.compare_at or table.compare_at,
                values=tuple(variant.values),
                picture=variant.picture or "",
            )


def _images(table: ProductTable) -> Iterator[Image]:
    if table.picture:
        yield Image(table.picture, table.picture_alt or "")
    for further in table.pictures:
        yield Image(further.url, further.alt or "")


def _cause(name: str, table: CauseTable, accounts: Mapping[str, str], currency: str) -> Cause:
    return Cause(
        id=name,
        name=table.name,
        description=table.description or "",
        recipient=table.recipient,
        registration=table.registration or "",
        currency=table.currency or currency,
        presets=tuple(table.presets),
        goal=table.goal,
        account=accounts[table.stripe_key_env] if table.stripe_key_env else "",
        picture=table.picture or "",
        fee_percent=table.fee_percent,
        fee_fixed=table.fee_fixed,
    )


def _perk(name: str, table: PerkTable) -> Perk:
    return Perk(name, table.platform, table.kind, table.target, table.name, table.workspace or "", table.days)


def _coupon(code: str, table: CouponTable) -> Coupon:
    return Coupon(
        code=code,
        percent=table.percent,
        amount=table.amount,
        minimum=table.minimum,
        products=tuple(table.products),
        until=table.until,
        since=table.since,
        per_person=table.per_person,
        total=table.total,
    )


def _shipping(tables: list[ShippingTable]) -> Iterator[ShippingRate]:
    named = {country for table in tables for country in table.countries}
    elsewhere = [country for country in COUNTRIES if country not in named]
    for table in tables:
        countries = [country for country in table.countries if country != ELSEWHERE]
        if ELSEWHERE in table.countries:
            countries += elsewhere
        if countries:  # nothing is left for "*" where the other rates name every country there is
            yield ShippingRate(table.name, tuple(dict.fromkeys(countries)), table.price)


def _texts(table: PlatformTexts) -> dict[str, str]:
    found = {"web": table.web, "slack": table.slack, "discord": table.discord}
    return {platform: channel for platform, channel in found.items() if channel is not None}


def _people(table: PlatformPeople) -> dict[str, tuple[str, ...]]:
    found = {"web": table.web, "slack": table.slack, "discord": table.discord}
    return {platform: tuple(people) for platform, people in found.items() if people}
