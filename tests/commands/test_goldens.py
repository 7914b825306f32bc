"""What cards say, word for word in each language, kept as text that people can read aloud: tests/commands/golden/."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.chat import Card, Context, Scene
from bot.errors import (
    BadAmount,
    BadCode,
    BadQuantity,
    BelowMinimum,
    BeyondLimit,
    BeyondStock,
    Braked,
    NotAllowed,
    NotListed,
    NotShipped,
    NotYours,
    PaymentsRefused,
    Refused,
    SoldOut,
    StillProcessing,
    TooLate,
    TooMany,
    UnknownCause,
    UnknownOrder,
    UnknownProduct,
)
from bot.money import Money
from bot.orders import Buyer, Donation, Line, Order, State
from bot.outbox import warn
from bot.ports import News
from bot.retirement import Override, Scope, Stand
from bot.shipping import Shipping
from commands import receipts, staff, welcome
from commands.replies import Replies
from config.find import HERE, locales
from tests.bot.rig import CLOSING, SHOP, Rig
from tests.commands.flat import flat, hold

LOCALES = ["en", "fr"]
#: In every language: what most people meet. The rest is held in two, so that there are few enough to read.
EVERY = list(locales())
STORY = (HERE / "examples" / "twitter-2017.toml").read_text(encoding="utf-8")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANN = Buyer("slack", "ann", "ann", "", "en")


def _eur(minor: int) -> Money:
    return Money(minor, "EUR")


MUGS = Line("mug/blue", "mug", "Mug, blue", 2, _eur(1250), fulfil="ship")
ZINE = Line("zine", "zine", "Knots zine", 1, _eur(400), "message", "Here it is: https://harbour.example/zine")
CLUB = Line("club", "club", "Harbour club", 1, _eur(600), "message", "This month: https://harbour.example/march")
TOUR = Line("tour", "tour", "Harbour tour", 1, _eur(600))
GIFT = Donation("water", _eur(1000), recipient="Test Water Trust", registration="W1")

POST = Shipping("FR", {"en": "Post", "fr": "La Poste"}, _eur(450), ("FR",))

AWAITING = Order(
    id="T7K3M9QX",
    kind="buy",
    state=State.AWAITING,
    buyer=ANN,
    total=_eur(2700),
    created=NOON,
    asked_by="x",
    account="",
    livemode=True,
    expires=NOON + timedelta(minutes=35),
    lines=(MUGS,),
    discount=_eur(250),
    code="WELCOME10",
    shipping=POST,
    session="cs_1",
    session_url="https://pay.example/cs_1",
    terms="By paying you accept the terms of Test Association: https://harbour.example/terms\nReturn it within 14 days.",
)
PAID = replace(AWAITING, state=State.PAID, paid=_eur(2700), paid_at=NOON, payment_intent="pi_1")
SMALL = replace(AWAITING, discount=None, code="", shipping=None, terms="", total=_eur(400), lines=(ZINE,))
MEMBER = replace(
    SMALL, state=State.FULFILLED, lines=(CLUB,), total=_eur(600), paid=_eur(600), paid_at=NOON, every="month"
)
GIVING = replace(SMALL, kind="donate", lines=(), total=_eur(1000), donation=GIFT, id="GYF7T2AB")
GIVEN = replace(GIVING, state=State.PAID, paid=_eur(1000), paid_at=NOON, receipt="2026-000001")
MONTHLY = replace(GIFT, rhythm="monthly", dedication="For the old well", anonymous=True, cover_fees=True)

ORDERS = {
    "draft": replace(AWAITING, state=State.DRAFT, session="", session_url=""),
    "awaiting": AWAITING,
    "being cancelled": replace(AWAITING, ending="cancelled"),
    "making room": replace(AWAITING, ending="moved"),
    "ending": replace(AWAITING, ending="expired"),
    "closing": replace(AWAITING, ending="closed"),
    "cancelled": replace(AWAITING, state=State.CANCELLED),
    "expired": replace(AWAITING, state=State.EXPIRED),
    "processing": replace(AWAITING, state=State.PROCESSING),
    "failed": replace(AWAITING, state=State.FAILED),
    "paid, to ship": PAID,
    "paid, with tax": replace(PAID, paid=_eur(2840)),
    "paid before orders knew where they ship": replace(PAID, shipping=None, total=_eur(2250)),
    "paid, to be looked at": replace(PAID, problem="paid 1.00 EUR, asked 22.50 EUR"),
    "shipped": replace(PAID, state=State.FULFILLED, tracking="1Z999"),
    "refunded in part": replace(PAID, refunded=_eur(500)),
    "refunded": replace(PAID, state=State.REFUNDED, refunded=_eur(2700)),
    "delivered in chat": replace(SMALL, state=State.FULFILLED, paid=_eur(400)),
    "monthly, awaiting": replace(MEMBER, state=State.AWAITING, paid=None, paid_at=None),
    "monthly, a first month that costs less": replace(
        MEMBER, state=State.AWAITING, paid=None, paid_at=None, discount=_eur(100), code="WELCOME10", total=_eur(500)
    ),
    "monthly, paid": MEMBER,
    "nothing to deliver": replace(SMALL, state=State.FULFILLED, lines=(TOUR,), total=_eur(600), paid=_eur(600)),
}
GIFTS = {
    "draft": replace(GIVING, state=State.DRAFT, session="", session_url=""),
    "awaiting": GIVING,
    "expired": replace(GIVING, state=State.EXPIRED),
    "processing": replace(GIVING, state=State.PROCESSING),
    "failed": replace(GIVING, state=State.FAILED),
    "thanks": GIVEN,
    "thanks, monthly": replace(GIVEN, donation=MONTHLY, total=_eur(1041), paid=_eur(1041)),
    "refunded": replace(GIVEN, state=State.REFUNDED, refunded=_eur(1000)),
}
REFUSALS: list[Refused | BadAmount] = [
    UnknownProduct("teapot"),
    UnknownProduct(""),
    UnknownCause("the moon", ("Clean water", "Community kitchen")),
    UnknownCause("", ("Clean water", "Community kitchen")),
    UnknownCause(""),
    SoldOut("Mug, blue"),
    SoldOut(""),
    BeyondStock("Mug, blue", 3, 1),
    BeyondStock("Mug, blue", 3, 2),
    BeyondLimit("Mug, blue", 9, 6),
    BeyondLimit("Mug, blue", 9, 1),
    BadQuantity("two"),
    BelowMinimum(_eur(20), _eur(50)),
    *(BadCode("WELCOME", why) for why in ("unknown", "currency", "used_up", "used", "free")),
    *(BadCode("WELCOME", why, day=date(2026, 3, 1)) for why in ("early", "ended")),
    BadCode("WELCOME", "product", names=("Mug", "Cap")),
    BadCode("WELCOME", "minimum", sum=_eur(400), bound=_eur(1000)),
    BadCode("WELCOME", "small", sum=_eur(20), bound=_eur(50)),
    StillProcessing("T7K3M9QX", "Mug, blue", "mug/blue", 2, "WELCOME10"),
    NotShipped("Narnia"),
    NotShipped("us", "US"),
    *(TooMany(whose) for whose in ("person", "address", "shop")),
    *(Braked(whose, NOON) for whose in ("person", "address", "shop")),
    *(TooLate("T7K3M9QX", state) for state in ("paid", "processing", "failed", "disputed", "ended")),
    UnknownOrder("T7K3M9QX"),
    NotYours(),
    NotAllowed(),
    *(BadAmount("1,234", why, "EUR") for why in ("form", "ambiguous", "decimals", "currency", "sign", "size")),
    NotListed(),
]
NEWS = ["ready", "refused", "late", "renewed", "closed", "moved", "braked", "stopping", "ended", "paid", "shipped"]
MONTHS = [
    "renewed",
    "mended",
    "unpaid.600",
    "changed.900",
    "resumed",
    "stopping",
    "stopping_closed",
    "ended",
    "gave_up",
]


def _sections(parts: dict[str, Card]) -> str:
    return "\n\n".join(f"=== {name}\n{flat(card)}" for name, card in parts.items())


def _scene(rig: Rig, locale: str) -> Scene:
    return rig.house.telling.scene(locale)


async def _raised(rig: Rig) -> None:
    async with rig.database.store.unit() as unit:
        await unit.facts.add("raised:water:EUR", 12_345)
    await rig.live.refresh()


@pytest.mark.parametrize("locale", EVERY)
async def test_the_notices_of_2017(rig: Rig, locale: str) -> None:
    """To buyers and to sellers, announced and closed, as the story's own config has them."""
    rig.edit(STORY)
    plan = rig.live().plan("buy")
    assert plan is not None
    cards, scene = Replies(), _scene(rig, locale)
    rig.time.reach(plan.announced)
    before = _scene(rig, locale)
    text = _sections(
        {
            "buyers, before": cards.retirement(before, [plan]),
            "buyers, closed": cards.buyers(scene, plan, "shirt"),
            "sellers, announced": cards.sellers(scene, plan, "announced", None),
            "sellers, closed": cards.sellers(scene, plan, "closed", None),
            "sellers, moved": cards.sellers(scene, plan, "moved", plan.closes - timedelta(days=20)),
            "sellers, paused": cards.sellers(scene, plan, "paused", None),
            "sellers, cancelled": cards.sellers(scene, replace(plan, cancelled=plan.reason), "cancelled", None),
            "sellers, reopened": cards.sellers(scene, replace(plan, reopened=plan.reason), "reopened", None),
        }
    )
    day = scene.tongue.language.day(plan.closes, scene.tongue.zone, locale)
    assert text.count(day) == 8
    hold(f"notices.{locale}", text)


@pytest.mark.parametrize("locale", EVERY)
async def test_an_order_in_each_of_its_states(rig: Rig, locale: str) -> None:
    """An order's card says where it stands, what it costs and what can be done."""
    cards, scene = Replies(), _scene(rig, locale)
    hold(f"orders.{locale}", _sections({name: cards.order(scene, order) for name, order in ORDERS.items()}))


@pytest.mark.parametrize("locale", LOCALES)
async def test_a_gift_in_each_of_its_states_and_its_receipt(rig: Rig, locale: str) -> None:
    """A gift's card names who gets it, the thanks show the goal, and the receipt says all that it must."""
    await _raised(rig)
    cards, scene = Replies(), _scene(rig, locale)
    parts = {name: cards.order(scene, order) for name, order in GIFTS.items()}
    given = replace(GIVEN, donation=replace(GIFT, dedication="For the old well"))
    hold(f"gifts.{locale}", _sections({**parts, "receipt": receipts.card(scene, given)}))


@pytest.mark.parametrize("locale", EVERY)
async def test_every_refusal_and_every_trouble(rig: Rig, locale: str) -> None:
    """Each says in a sentence or two what is wrong and what can be done."""
    cards, ctx = Replies(), await rig.context(locale=locale)
    parts = {f"{type(error).__name__} {n}": cards.refusal(ctx, error) for n, error in enumerate(REFUSALS)}
    parts["trouble of Stripe's"] = cards.trouble(ctx, PaymentsRefused("card_declined"))
    parts["trouble of ours"] = cards.trouble(ctx, RuntimeError())
    parts["gone"] = cards.gone(ctx)
    hold(f"refusals.{locale}", _sections(parts))


@pytest.mark.parametrize("locale", LOCALES)
async def test_help_welcome_and_forms(rig: Rig, locale: str) -> None:
    """What a newcomer reads first, and what they fill in, with the banner of a closing to come."""
    await _raised(rig)
    rig.edit(SHOP + CLOSING)
    rig.time.reach(datetime(2026, 4, 1, 12, tzinfo=UTC))
    await rig.live.refresh()
    cards, ctx = Replies(), await rig.context(locale=locale)
    boss = await rig.context("boss", locale=locale)
    first = [flat(card) for card in welcome.welcome(ctx)]
    forms = [flat(await rig.form(said, locale=locale)) for said in ("/buy", "/donate 12,50")]
    parts = {
        "help": cards.help(ctx, ""),
        "unknown": cards.help(ctx, "/teapot"),
        "help of an admin": cards.help(boss, ""),
    }
    hold(f"first.{locale}", "\n\n".join([*first, *forms, _sections(parts)]))


def _item(kind: str, subject: str = AWAITING.id) -> News:
    return News("slack:ann", 1, kind, subject, NOON)


@pytest.mark.parametrize("locale", LOCALES)
async def test_news(rig: Rig, locale: str) -> None:
    """What people are told by themselves: of an order, of a gift, and what admins are told."""
    rig.edit(SHOP + CLOSING)
    cards, scene = Replies(), _scene(rig, locale)
    orders = {
        "ready": AWAITING,
        "refused": replace(AWAITING, state=State.CANCELLED),
        "late": replace(AWAITING, state=State.EXPIRED, late_payment="pi_2"),
        "closed": replace(AWAITING, state=State.EXPIRED, ending="closed"),
        "moved": replace(AWAITING, state=State.CANCELLED, ending="moved"),
        "paid": PAID,
        "shipped": replace(PAID, state=State.FULFILLED, tracking="1Z999"),
    }
    monthly = replace(GIVEN, donation=MONTHLY, total=_eur(1041), paid=_eur(1041))
    orders["renewed"] = replace(monthly, id="GYF7T2AB-2026-000002", origin="renewal", receipt="2026-000002")
    parts = {kind: cards.news(scene, _item(kind), orders.get(kind, monthly)) for kind in NEWS}
    parts["alert"] = cards.alert(scene, 'config/shop.toml:41: product "mug", price: "12,5" is no amount')
    hold(f"news.{locale}", _sections(parts))


@pytest.mark.parametrize("locale", LOCALES)
async def test_news_of_what_is_paid_monthly(rig: Rig, locale: str) -> None:
    """A gift and a purchase that go on from month to month: renewed, failed, mended, changed, stopped, ended."""
    rig.edit(SHOP + CLOSING)
    cards, scene = Replies(), _scene(rig, locale)
    gift = replace(GIVEN, donation=MONTHLY, total=_eur(1041), paid=_eur(1041))
    parts = {f"gift, {kind}": cards.news(scene, _item(kind), gift) for kind in MONTHS if kind != "stopping_closed"}
    parts |= {f"purchase, {kind}": cards.news(scene, _item(kind), MEMBER) for kind in MONTHS}
    hold(f"monthly.{locale}", _sections(parts))


@pytest.mark.parametrize("locale", LOCALES)
async def test_what_the_staff_sees(rig: Rig, locale: str) -> None:
    """The staff's cards of an order to ship, one with a problem, one shipped, and a gift; and `/shop`."""
    scene = _scene(rig, locale)
    shipping = replace(PAID, ship_to="Example\n1 Example Quay")
    parts = {
        "to ship": staff.card(scene, shipping),
        "problem": staff.card(scene, replace(shipping, problem="the glaze is chipped")),
        "shipped": staff.card(scene, replace(shipping, state=State.FULFILLED, tracking="1Z999")),
        "gift": staff.card(scene, replace(GIVEN, donation=MONTHLY)),
        "shop": await rig.say("/shop", "boss", locale=locale),
        "usage": await rig.say("/shop dance", "boss", locale=locale),
        "export": await rig.say("/shop export", "boss", locale=locale),
    }
    rig.edit(f'{SHOP}\n[web]\npublic_url = "https://till.example"\n')
    parts["feeds"] = await rig.say("/shop export", "boss", locale=locale)
    hold(f"staff.{locale}", _sections(parts))


@pytest.mark.parametrize("locale", LOCALES)
async def test_ones_own_orders(rig: Rig, locale: str) -> None:
    """`/orders` with nothing, and with an order to pay, a delivered one and a monthly gift."""

    def at(ctx: Context) -> Card:
        return Replies().plain(ctx, "cancelled", NOON)

    none = await rig.say("/orders", locale=locale)
    await rig.paid(await rig.place("zine"))
    await rig.paid(await rig.order((await rig.say("/donate 10 to water monthly")).order))
    await rig.place("mug/blue", 2)
    text = _sections(
        {"none": none, "some": await rig.say("/orders", locale=locale), "page": at(await rig.context(locale=locale))}
    )
    for n, order in enumerate(await rig.mine()):
        text = text.replace(order.id, f"NUMBER{n}").replace(order.session_url or "-", "https://pay.example/cs")
    hold(f"own.{locale}", text)


@pytest.mark.parametrize("locale", EVERY)
async def test_reminders(rig: Rig, locale: str) -> None:
    """What buyers and sellers are reminded of at each step, of Buy and of a product; how to end it; and the report."""
    cards = Replies()
    closes = datetime(2026, 4, 10, 12, tzinfo=UTC)
    parts: dict[str, Card] = {}
    for name, feature in {"Buy": "retirement.buy", "the zine": "retirement.product.zine"}.items():
        rig.edit(SHOP + CLOSING.replace("retirement.buy", feature))
        (plan,) = rig.live().settings.plans.values()
        for days in (30, 1, 0, -7):
            rig.time.reach(closes - timedelta(days=days) - timedelta(hours=1 if days == 0 else 0))
            parts[f"{name}, {days} days before"] = cards.reminder(_scene(rig, locale), plan, Stand(Scope("slack")))
        if name == "Buy":
            rig.time.reach(closes - timedelta(days=30))
            zine = Stand(Scope("slack", product="zine"), ("zine",))
            later = Override(zine.scope, closes + timedelta(days=30))
            parts["the zine, which has a date of its own"] = cards.reminder(
                _scene(rig, locale), replace(plan, overrides=(later,)), zine
            )
        for when, days in (("before", 7), ("after", -7)):
            rig.time.reach(closes - timedelta(days=days))
            parts[f"{name}, sellers {when}"] = cards.sellers(_scene(rig, locale), plan, "reminder", None)
    parts["no more"] = await rig.press("orders.quiet", locale=locale)
    parts["again"] = await rig.press("orders.remind", locale=locale)
    rig.edit(SHOP)
    parts["called off"] = cards.news(_scene(rig, locale), _item("reminder", "buy"), None)
    counts = {"told": 4871, "closed": 90, "gone": 30, "opted_out": 8, "unreached": 1, "dropped": 0}
    async with rig.database.store.unit() as unit:
        await warn(rig.house.reminding.desk, unit, "alert:x", "reminder.report", at=NOON, **counts)
        said = await unit.facts.get("alert:x")
    parts["report"] = cards.alert(_scene(rig, locale), said or "")
    hold(f"reminders.{locale}", _sections(parts))
