"""The house, put together from its ports: every use case, every job and every tick, whoever the ports are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from bot.acting import Acting
from bot.announcing import Announcing
from bot.banners import Banners
from bot.braking import Braking
from bot.brownouts import Brownouts
from bot.changed import Changed
from bot.chat import Command, Scene
from bot.checkouts import Checkouts
from bot.clicks import Clicks
from bot.conversation import Cards as ReplyCards
from bot.conversation import Conversation
from bot.deleting import Deleting
from bot.delivering import Cards as ReminderCards
from bot.delivering import Delivering
from bot.desk import Addresses, Desk
from bot.disputing import Disputing
from bot.erasing import Erasing
from bot.fulfilling import Fulfilling
from bot.giving import Giving
from bot.granting import Granting
from bot.linking import Linking
from bot.newsroom import Newsroom
from bot.own_data import OwnData
from bot.pages import Cards as PageCards
from bot.pages import OrderPages
from bot.pledging import Pledging
from bot.polling import Polling
from bot.ports import Clock, Event, Invoice, Jobs, Json, Links, Payment, Payments, Perks, Store, Subscription, Voice
from bot.posting import Cards as PostedCards
from bot.posting import Posting
from bot.quieting import Quieting
from bot.reading import Reading
from bot.reconciling import Reconciling
from bot.refunding import Refunding
from bot.reminding import Reminding
from bot.rerouting import Rerouting
from bot.retiring import Retiring
from bot.selling import Selling
from bot.settling import Settling
from bot.shop import Shop
from bot.subscribing import Subscribing
from bot.telling import Cards as NewsCards
from bot.telling import Telling
from bot.till import Till
from bot.tokens import Signer
from bot.undelivered import Undelivered
from bot.words import Language


class Cards(ReplyCards, NewsCards, PageCards, PostedCards, ReminderCards, Protocol):
    """All cards that no command makes."""


@dataclass(frozen=True, slots=True)
class House:
    """The use cases, ready to be called by adapters and jobs."""

    conversation: Conversation
    settling: Settling
    disputing: Disputing
    subscribing: Subscribing
    telling: Telling
    newsroom: Newsroom
    pages: OrderPages
    retiring: Retiring
    reconciling: Reconciling
    reminding: Reminding
    #: None where nobody looks at what is outside.
    linking: Linking | None


def build(
    *,
    store: Store,
    jobs: Jobs,
    payments: Callable[[str], Payments],
    shop: Callable[[], Shop],
    clock: Clock,
    signer: Signer,
    language: Language,
    cards: Cards,
    menu: Sequence[Command],
    aliases: Mapping[str, str],
    voices: Callable[[], Mapping[str, Voice]],
    perks: Callable[[], Mapping[str, Perks]],
    problems: Callable[[], Sequence[str]],
    refresh: Callable[[], Awaitable[None]],
    links: Links | None = None,
    feeds: Sequence[str] = (),
) -> House:
    """Put the use cases together, and register what does each kind of job. Without `links` no address is looked at."""
    desk = Desk(store, jobs, payments, shop, clock, Addresses(signer, shop), signer)

    async def subscribed(subject: Invoice | Subscription) -> None:
        await subscribing.apply(subject)

    async def declined(payment: Payment, at: datetime) -> None:
        await braking.heard(payment, at)

    disputing = Disputing(desk)
    settling = Settling(desk, subscribed, disputing.apply, declined)
    subscribing = Subscribing(desk, settling)
    pledging = Pledging(desk, subscribing)
    checkouts = Checkouts(desk, settling)
    braking = Braking(desk, checkouts.ask_end)
    refunding = Refunding(desk, settling)
    rerouting = Rerouting(desk, checkouts, settling)

    def scene() -> Scene:
        return telling.scene()

    async def alert(key: str, text: str) -> None:
        await telling.raise_alert(key, text)

    granting = Granting(desk, perks, settling.tell, alert)
    posting = Posting(desk, cards, scene, voices, alert)
    own, erasing, acting = OwnData(desk), Erasing(desk), Acting(desk)
    brownouts, clicks = Brownouts(desk, acting), Clicks(desk)
    till = Till(
        selling=Selling(desk, checkouts),
        rerouting=rerouting,
        giving=Giving(desk, checkouts),
        pledging=pledging,
        fulfilling=Fulfilling(desk, settling),
        refunding=refunding,
        granting=granting,
        posting=posting,
        reading=Reading(desk, problems, tuple(feeds)),
        quieting=Quieting(desk),
        acting=acting,
        own=own,
        banners=Banners(store, signer, shop),
        brownouts=brownouts,
        clicks=clicks,
        erasing=erasing,
    )
    telling = Telling(desk, till, language, cards, voices, refresh)
    delivering = Delivering(desk, cards, telling.scene, voices)
    reminding = Reminding(desk)
    undelivered = Undelivered(desk, refunding, lambda locale: telling.scene(locale).tongue)
    retiring = Retiring(desk, checkouts, Announcing(desk), undelivered, Changed(desk), Deleting(desk))
    linking = Linking(desk, links) if links is not None else None
    polling = Polling(desk, settling)
    reconciling = Reconciling(desk, settling, checkouts, lambda: telling.scene().tongue)

    async def forget() -> None:
        await settling.forget()
        await acting.forget()
        await braking.forget()
        await brownouts.forget()

    async def event(payload: Json) -> None:
        await settling.handle(event_of(payload))

    for kind, handler in {
        "checkout": checkouts.retry,
        "expire": checkouts.expire,
        "hold": checkouts.hold,
        "moved": rerouting.look,
        "event": event,
        "stray": settling.expire_stray,
        "give_back": settling.give_back,
        "declined": braking.unattributed,
        "refund": refunding.refund_now,
        "payment": settling.look_again,
        "dispute_due": disputing.remind,
        "stop": pledging.stop_now,
        "change": pledging.change_now,
        "tell": telling.tell,
        "staff": telling.staff,
        "sellers": telling.sellers,
        "alert": telling.alert,
        "perk": granting.work,
        "post": posting.post_now,
        "erase": erasing.work,
        "repost": posting.repost,
        "remind_find": reminding.find,
        "remind": delivering.work,
    }.items():
        jobs.handle(kind, handler)
    jobs.every("calendar", 1, retiring.tick)
    jobs.every("brownouts", 2, brownouts.tick)
    jobs.every("clicks", 3600, clicks.tick)
    jobs.every("polling", 1, polling.tick)
    jobs.every("forget", 3600, forget)
    jobs.every("posted", 2, posting.tick)
    jobs.every("reminders", 2, reminding.tick)
    jobs.every("reconcile", 300, reconciling.tick)
    if linking is not None:
        jobs.every("links", 60, linking.tick)
    conversation = Conversation(
        menu,
        till=till,
        shop=shop,
        language=language,
        clock=clock,
        cards=cards,
        aliases=aliases,
        failed=brownouts.failed,
    )
    return House(
        conversation,
        settling,
        disputing,
        subscribing,
        telling,
        Newsroom(telling),
        OrderPages(till.reading, own, telling.scene, cards, clicks),
        retiring,
        reconciling,
        reminding,
        linking,
    )


def event_of(payload: Json) -> Event:
    """Read what the job "event" is about."""
    return Event(
        id=str(payload["id"]),
        account=str(payload["account"]),
        livemode=bool(payload["livemode"]),
        type=str(payload["type"]),
        object_id=str(payload["object"]),
        created=datetime.fromtimestamp(int(payload["created"] or 0), UTC),
    )
