"""The evidence of an order: every instant and word that is kept, in Stripe's fields too, and nothing that is not so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from stripe.params import DisputeUpdateParamsEvidence

from bot.dossier import Dossier, dossier_of
from bot.evidence import MOST, Evidence, Sayings, evidence
from bot.orders import Order, State
from bot.ports import Told
from bot.words import plain
from commands.reasons import reason
from commands.replies import Replies
from tests.bot.rig import Rig
from tests.bot.test_braking import give

SHIP_TO = "Zoé Example\n1 <b>Quay</b>\n75001 Exampletown\nFR\n+33 1 23 45 67 89"


async def bought(rig: Rig) -> Order:
    """Order a mug, go to pay, pay, and have it shipped."""
    order = await rig.place("mug/blue", 2)
    await rig.house.telling.till.reading.went_to_pay(order)
    rig.time.pass_(minutes=3)
    await rig.paid(order, ship_to=SHIP_TO)
    rig.time.pass_(days=1)
    await rig.say(f"/shop ship {order.id} 1Z999", "boss")
    await rig.deliver()
    return await rig.order(order.id)


async def dossier(rig: Rig, number: str) -> Dossier:
    """Read what is kept of an order."""
    async with rig.database.store.reading() as unit:
        return await dossier_of(unit, number)


def collected(rig: Rig, found: Dossier, locale: str = "en") -> Evidence:
    """Collect the evidence of an order, as the composition root does."""
    telling, cards = rig.house.telling, Replies()

    def news(told: Told, order: Order) -> tuple[str, tuple[str, ...]]:
        card = cards.news(telling.scene(order.buyer.locale), told.news, order)
        return card.title, (*map(plain, card.text), *(f"{name}: {plain(value)}" for name, value in card.facts))

    scene = telling.scene(locale)
    sayings = Sayings(lambda why: plain(reason(scene, why)), news)
    return evidence(found, rig.live().settings.seller, scene.tongue, sayings, now=rig.time.now())


def section(found: Evidence, title: str) -> list[tuple[str, str]]:
    """Give the rows of a section: instant or label, and text."""
    rows = next((part.rows for part in found.sections if part.title == title), ())
    return [(row.at.isoformat(timespec="minutes") if row.at else row.label, row.text) for row in rows]


async def test_the_whole_story_with_its_instants(rig: Rig) -> None:
    """Terms shown and accepted, payment, shipping and each message stand there with when they happened."""
    found = collected(rig, await dossier(rig, (await bought(rig)).id))
    shown, accepted, text = section(found, "The terms, and how they were accepted")
    assert (shown[0], accepted[0]) == ("2026-03-02T12:00+00:00", "2026-03-02T12:03+00:00")
    assert text == ("The text that was shown", "Return it within 14 days.")
    delivery = section(found, "Delivery")
    assert delivery[0][0] == "2026-03-03T12:03+00:00"
    assert ("Shipped to", SHIP_TO) in delivery
    paid, shipped = section(found, "What the customer was told")
    assert paid[1].startswith("Sent as a private message.")
    assert "1Z999" not in paid[1], "the first message knew of no tracking"
    assert "Tracking number: 1Z999" in shipped[1]
    assert shipped[0] == "2026-03-03T12:03+00:00"
    assert len(section(found, "History")) == len(await rig.history(found.number))


async def test_stripes_fields(rig: Rig) -> None:
    """Each field is one of Stripe's by its name, and says what is kept; what is not known is left out, not guessed."""
    found = collected(rig, await dossier(rig, (await bought(rig)).id))
    assert set(found.fields) <= set(DisputeUpdateParamsEvidence.__annotations__)
    assert found.fields["customer_name"] == "Zoé Example"
    assert found.fields["shipping_address"] == "1 <b>Quay</b>\n75001 Exampletown\nFR", "without the telephone number"
    assert found.fields["shipping_date"] == "3 March 2026"
    assert found.fields["shipping_tracking_number"] == "1Z999"
    assert found.fields["product_description"] == "2 × Mug, blue"
    assert "2026-03-02T12:03:00+00:00" in found.fields["refund_policy_disclosure"]
    assert "pi_fake" in found.fields["uncategorized_text"]
    absent = {"service_date", "access_activity_log", "cancellation_policy_disclosure", "customer_purchase_ip"}
    assert not absent & set(found.fields)


async def test_what_was_delivered_in_the_chat(rig: Rig) -> None:
    """A text that was delivered is proved by what was sent, when, and how."""
    order = await rig.paid(await rig.place("zine"))
    found = collected(rig, await dossier(rig, order.id))
    assert found.fields["service_date"] == "2 March 2026"
    log = found.fields["access_activity_log"]
    assert "https://harbour.example/zine" in log
    assert "Sent as a private message." in log
    assert "shipping_date" not in found.fields


async def test_refunds_and_the_dispute(rig: Rig) -> None:
    """What went back, and what the bank says with its last day, stand in sections of their own."""
    order = await bought(rig)
    await rig.say(f"/shop refund {order.id} 5.00 chipped", "boss")
    await rig.deliver()
    name = rig.stripe.dispute(order.payment_intent, reason="product_not_received")
    await rig.deliver()
    found = collected(rig, await dossier(rig, order.id))
    ((label, text),) = section(found, "The dispute")
    assert label == name
    assert "product_not_received" in text
    assert "Evidence until 12 March 2026" in text
    ((_, back),) = section(found, "What went back")
    assert back == "€5.00 went back.\nchipped"
    assert "chipped" in found.fields["uncategorized_text"]


async def test_messages_say_what_was_true_then(rig: Rig) -> None:
    """The thank-you of an order that was refunded later is drawn as it was: nothing had gone back."""
    order = await bought(rig)
    rig.stripe.give_back(order.payment_intent)
    await rig.deliver()
    found = collected(rig, await dossier(rig, order.id))
    paid, _, refunded = [text for _, text in section(found, "What the customer was told")]
    assert "goes back to your card" not in paid
    assert "29.50" in refunded


async def test_news_that_nobody_could_be_told_is_said_to_be_so(rig: Rig) -> None:
    """Evidence does not claim that somebody was told who was not."""
    order = await rig.place("zine")
    rig.voice.deaf = True
    await rig.paid(order)
    found = collected(rig, await dossier(rig, order.id))
    ((_, text),) = section(found, "What the customer was told")
    assert text.startswith("Not told yet.")
    assert "Not told yet." not in found.fields["access_activity_log"]


async def test_a_renewal_has_the_terms_of_its_beginning(rig: Rig) -> None:
    """A renewal's evidence names the order that began the subscription, whose history has the acceptance."""
    order = await rig.paid(await give(rig, "ann", monthly=True))
    rig.time.pass_(days=30)
    rig.stripe.renew(order.subscription)
    await rig.deliver()
    renewal = (await rig.mine())[0]
    assert renewal.origin == "renewal"
    kept = await dossier(rig, renewal.id)
    assert kept.begun is not None
    agreed = replace(kept.begun, order=replace(kept.begun.order, terms="Each month."), moves=kept.begun.moves)
    found = collected(rig, replace(kept, begun=agreed))
    assert ("Subscribed with order", order.id) in section(found, "The order")
    assert ("The text that was shown", "Each month.") in section(found, "The terms, and how they were accepted")
    assert "Each month." in found.fields["cancellation_policy_disclosure"]


async def test_fields_keep_stripes_limit(rig: Rig) -> None:
    """A field that Stripe would refuse as too long is cut, and shows that it was."""
    kept = await dossier(rig, (await bought(rig)).id)
    found = collected(rig, replace(kept, moves=tuple(kept.moves) * 400))
    assert len(found.fields["uncategorized_text"]) == MOST == 20_000
    assert found.fields["uncategorized_text"].endswith("…")


async def test_french(rig: Rig) -> None:
    """A shop that speaks French gets its evidence in French; the messages stay in the customer's language."""
    found = collected(rig, await dossier(rig, (await bought(rig)).id), "fr")
    assert found.fields["shipping_date"] == "3 mars 2026"
    (paid, _) = [text for _, text in section(found, "Ce dont le client a été informé")]
    assert paid.startswith("Envoyé en message privé.\nYour order")


@pytest.mark.parametrize("state", [State.DRAFT, State.AWAITING, State.PROCESSING, State.EXPIRED, State.FAILED])
async def test_what_was_never_paid_has_none(rig: Rig, state: State) -> None:
    """Of an order whose money never came in there is nothing to prove."""
    kept = await dossier(rig, (await rig.place("zine")).id)
    with pytest.raises(ValueError, match="no money came in"):
        collected(rig, replace(kept, order=replace(kept.order, state=state)))


async def test_the_same_dossier_gives_the_same_evidence(rig: Rig) -> None:
    """Nothing but the dossier and the instant decides what it says."""
    kept = await dossier(rig, (await bought(rig)).id)
    now = datetime(2026, 4, 1, tzinfo=UTC)
    rig.time.reach(now)
    first = collected(rig, kept)
    rig.time.reach(now)
    assert collected(rig, kept) == first
