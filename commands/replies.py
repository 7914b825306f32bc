"""The replies that no command makes: refusals, trouble, help, and news that could not be told before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, time
from typing import Final

from bot.chat import Action, Answers, Button, Card, Context, Scene
from bot.errors import (
    ActRefused,
    BadAmount,
    BadCode,
    BadQuantity,
    BelowMinimum,
    BeyondLeft,
    BeyondLimit,
    BeyondStock,
    Braked,
    Closed,
    NotListed,
    NotShipped,
    NotYours,
    Outdated,
    OwnRequest,
    PaymentsRefused,
    Refused,
    SoldOut,
    StillProcessing,
    StoreUnavailable,
    TooLate,
    TooMany,
    UnknownCause,
    UnknownOrder,
    UnknownProduct,
    UnknownRefund,
)
from bot.orders import Order
from bot.ports import News
from bot.retirement import Capability, Plan, Stand, closes_at
from bot.returns import Returns
from bot.words import plain
from commands import help as helping
from commands import news, notice, posted, reminder, sellers, staff
from commands.buy import another, buy, choice, wanted
from commands.countries import priced
from commands.donate import donate
from commands.order_card import order_card
from commands.own import orders, show
from commands.retirement_page import Events, Lines, retirement_card
from commands.retiring import objection
from commands.welcome import other_causes, welcome

#: Refusals that answer /buy: they too say when it closes.
_BUYING: Final = (SoldOut, BeyondStock, BeyondLimit, BadQuantity, BadCode, NotShipped, StillProcessing)
#: Refusals of which there is nothing more to tell than that.
_PLAIN: Final[dict[type[Exception], str]] = {
    NotYours: "refused.not_yours",
    Outdated: "refused.outdated",
    NotListed: "refused.not_listed",
}


def sentence(scene: Scene, error: Refused | BadAmount) -> str:  # noqa: C901, PLR0911, PLR0912 - one case a refusal
    """Say in one sentence why something cannot be, and what can."""
    word = scene.tongue.word
    match error:
        case UnknownProduct():
            return _no_product(scene, error)
        case UnknownCause():
            return _no_cause(scene, error)
        case SoldOut(name=name):
            return word("refused.sold_out", name=name) if name else word("refused.all_sold_out")
        case BeyondStock(name=name, left=left):
            return word("refused.beyond_stock", left, name=name)
        case BeyondLimit(name=name, limit=limit):
            return word("refused.beyond_limit", limit, name=name)
        case BadQuantity(typed=typed):
            return word("refused.bad_quantity", typed=typed[:20])
        case BelowMinimum(total=total, minimum=minimum):
            return word("refused.below_minimum", total=total, minimum=minimum)
        case BadCode():
            return _no_code(scene, error)
        case StillProcessing(number=number, name=name):
            return word("refused.still_processing", number=number, name=name)
        case NotShipped():
            return _not_shipped(scene, error)
        case TooMany(whose=whose):
            return word(f"refused.too_many_{whose}")
        case Braked(whose=whose, until=until):
            return word(f"refused.braked_{whose}", until=scene.tongue.moment(until))
        case TooLate(number=number, state=state):
            return word("refused.too_late", number=number, state=word(f"state.{state}"))
        case UnknownOrder(number=number):
            return word("refused.unknown_order", number=number[:20])
        case UnknownRefund(number=number):
            return word("refused.unknown_refund", number=number[:24])
        case BeyondLeft(number=number, asked=asked, left=left):
            return word("refused.beyond_left", number=number, asked=asked, left=left)
        case OwnRequest():
            return word("refused.own_request")
        case BadAmount(typed=typed, why=why, currency=currency):
            return word(f"refused.amount_{why}", typed=typed[:40], currency=currency)
        case ActRefused():
            return plain(objection(scene, error))
        case Closed(plan=plan, capability=capability):
            closes = closes_at(plan, capability or Capability.CHECKOUT_NEW)
            return word(f"refused.closed_{capability}", date=scene.tongue.moment(closes))
        case NotYours() | Outdated() | NotListed():
            return word(_PLAIN[type(error)])
        case _:
            return word("refused.not_allowed")


def _no_product(scene: Scene, error: UnknownProduct) -> str:
    word = scene.tongue.word
    if not error.typed:
        return word("refused.which_product")
    if not error.nearest:
        return word("refused.unknown_product", typed=error.typed[:80])
    names = scene.tongue.language.names([variant.label for variant in error.nearest], scene.tongue.locale)
    return word("refused.near_product", typed=error.typed[:80], names=names)


def _not_shipped(scene: Scene, error: NotShipped) -> str:
    word = scene.tongue.word
    regions = [priced(scene, rate) for rate in scene.shop.settings.shipping]
    listed = scene.tongue.language.names(regions, scene.tongue.locale)
    if not error.country:
        return word("refused.no_country", typed=error.typed[:80], regions=listed)
    named = scene.tongue.language.countries(scene.tongue.locale).get(error.country, error.country)
    return word("refused.not_shipped", country=named, regions=listed)


def _no_cause(scene: Scene, error: UnknownCause) -> str:
    word = scene.tongue.word
    if not error.names:
        return word("refused.no_causes")
    listed = scene.tongue.language.names(error.names, scene.tongue.locale)
    if not error.typed:
        return word("refused.which_cause", names=listed)
    return word("refused.unknown_cause", typed=error.typed[:80], names=listed)


def _no_code(scene: Scene, error: BadCode) -> str:
    language, locale = scene.tongue.language, scene.tongue.locale
    noon = datetime.combine(error.day, time(12), scene.tongue.zone) if error.day else None
    return scene.tongue.word(
        f"refused.code_{error.why}",
        code=error.code[:40],
        day=language.day(noon, scene.tongue.zone, locale) if noon else "",
        names=language.names(error.names, locale),
        sum=error.sum or "",
        bound=error.bound or "",
    )


class Replies:
    """Furnishes what the conversation and the telling need; it keeps nothing."""

    def refusal(self, ctx: Context, error: Refused | BadAmount) -> Card:
        """Say why something cannot be, and what can."""
        if isinstance(error, Closed) and error.capability in {None, Capability.CHECKOUT_NEW}:
            return notice.buyers(ctx, error.plan)
        warning = notice.heard(ctx) if isinstance(error, _BUYING) else ()
        text = tuple(filter(None, (warning, (sentence(ctx, error),))))
        return Card(ctx.tongue.word(_title(error)), text, actions=_ways_out(ctx, error), tone="warn")

    def trouble(self, ctx: Context, error: Exception) -> Card:
        """Say that something went wrong on our side, and what became of it."""
        key = "trouble.refused" if isinstance(error, PaymentsRefused) else "trouble.ours"
        support = ctx.shop.settings.seller.support
        contact = (ctx.tongue.say("help.support", support=support),) if support else ()
        return Card(ctx.tongue.word("trouble.title"), (ctx.tongue.say(key), *contact), tone="bad")

    def gone(self, ctx: Context) -> Card:
        """Say that a button is from another time, and how to go on."""
        return Card(ctx.tongue.word("gone.title"), (ctx.tongue.say("gone.text"),), actions=helping.card(ctx).actions)

    def help(self, ctx: Context, typed: str) -> Card:
        """List what can be said."""
        return helping.card(ctx, typed)

    async def home(self, ctx: Context) -> Sequence[Card]:
        """Give a person's own page: the first screen, and their orders."""
        return [await show(ctx, Answers()), *welcome(ctx), *other_causes(ctx)]

    @asynccontextmanager
    async def missed(self, ctx: Context) -> AsyncIterator[Sequence[Card]]:
        """Give what the person has not been told yet, and note it as told when the block ends."""
        async with ctx.till.reading.kept(ctx.person.key) as kept:
            yield [self.news(ctx, item, order) for item, order in kept]
            with suppress(StoreUnavailable):  # then it comes again: better twice than never
                for item, _ in kept:
                    await ctx.till.reading.told(item, "next word")

    def news(self, scene: Scene, item: News, order: Order | None) -> Card:
        """Tell a person a piece of news."""
        return news.card(scene, item, order)

    def staff(self, scene: Scene, order: Order, returns: Returns) -> Card:
        """Show the staff an order."""
        return staff.card(scene, order, returns)

    def reminder(self, scene: Scene, plan: Plan, stand: Stand) -> Card:
        """Remind somebody of what closes, or has closed."""
        return reminder.card(scene, plan, stand)

    def sellers(self, scene: Scene, plan: Plan, kind: str, was: datetime | None) -> Card:
        """Tell sellers what a retirement has come to."""
        return sellers.notice(scene, plan, kind, was)

    def order(self, scene: Scene, order: Order) -> Card:
        """Draw an order as it stands."""
        return order_card(scene, order)

    def buyers(self, scene: Scene, plan: Plan, product: str) -> Card:
        """Say what has retired, and where to buy instead."""
        return notice.buyers(scene, plan, product)

    def retirement(self, scene: Scene, plans: Sequence[Plan]) -> Card:
        """Say what retires or has retired, each with its date."""
        return retirement_card(scene, plans)

    def events(self, scene: Scene) -> Events:
        """Give what the calendar says."""
        return Events(scene)

    def lines(self, scene: Scene) -> Lines:
        """Give what the feed says."""
        return Lines(scene)

    def plain(self, scene: Scene, key: str, until: datetime | None = None) -> Card:
        """Say what the words "page.KEY" and "page.KEY_title" say."""
        text = scene.tongue.say(f"page.{key}", until=scene.tongue.moment(until) if until else "")
        return Card(scene.tongue.word(f"page.{key}_title"), (text,))

    def posted(self, scene: Scene, subject: str) -> Card:
        """Draw a card that stands in a channel."""
        return posted.posted(scene, subject)

    def alert(self, scene: Scene, text: str) -> Card:
        """Tell admins that something needs them, a line each."""
        return news.alert(scene, text)


def _title(error: Refused | BadAmount) -> str:
    match error:
        case SoldOut():
            return "refused.title_sold_out"
        case StillProcessing():
            return "refused.title_still_processing"
        case UnknownProduct() | UnknownCause() | UnknownOrder() | UnknownRefund():
            return "refused.title_unknown"
        case _:
            return "refused.title"


def _ways_out(ctx: Context, error: Refused | BadAmount) -> tuple[Action, ...]:
    match error:
        case UnknownProduct(nearest=nearest):
            return tuple(choice(ctx, variant) for variant in nearest) or (Button(ctx.tongue.word("buy.button"), buy),)
        case SoldOut(name=""):
            return ()
        case StillProcessing(variant=variant, quantity=quantity, code=code):
            more = Button(ctx.tongue.word("buy.another"), another, wanted(variant, str(quantity), code))
            return (Button(ctx.tongue.word("orders.button"), orders), more)
        case SoldOut() | BeyondStock() | BeyondLimit() | BadQuantity() | BadCode() | NotShipped():
            return (Button(ctx.tongue.word("buy.button"), buy),)
        case UnknownCause() | BadAmount():
            return (Button(ctx.tongue.word("donate.button"), donate),) if ctx.shop.settings.causes else ()
        case _:
            return ()
