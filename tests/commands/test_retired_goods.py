"""What people see where some goods have retired, or all of them: each is explained, nothing is sold, the rest is as before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.chat import Button, Card, Form, Link, Person, Place, Select
from bot.errors import Closed, NotListed
from bot.orders import State
from bot.pages import Gone, Redirect
from bot.words import plain
from commands.replies import Replies
from tests.bot.rig import CLOSING, SHOP, Rig

CLOSES = datetime(2026, 4, 10, 12, tzinfo=UTC)
DATES = """
zone = "Europe/Paris"
announced = 2026-03-03T12:00:00+00:00
closes = 2026-04-10T12:00:00+00:00
reason.en = "The kiln is cold."
contact = "kiln@harbour.example"
"""
MUG = f"""
[retirement.product.mug]{DATES}
[[retirement.product.mug.alternative]]
name = "The kiln"
url = "https://kiln.example/"
deep_link = "https://kiln.example/p/{{product}}?v={{variant}}"

[[retirement.product.mug.alternative]]
name = "The outlet"
url = "https://outlet.example/"
dearest = "10.00"

[[retirement.product.mug.alternative]]
name = "Die Messe"
url = "https://messe.example/"
regions = ["DE"]
"""
SPRING = f'[retirement.campaign.spring]{DATES}products = ["zine", "print"]\n'
CLUB = '[product.club]\nname = "Club"\nprice = "6.00"\nevery = "month"\n'


def said(card: Card) -> str:
    return "\n".join([card.title, *map(plain, card.text)])


def links(card: Card) -> dict[str, str]:
    return {action.label: action.url for action in card.actions if isinstance(action, Link)}


def ids(form: Form) -> set[str]:
    return {choice.value for field in form.fields for choice in getattr(field, "choices", ())}


async def test_a_product_that_retired_is_explained_and_not_offered(rig: Rig) -> None:
    """It is neither among the choices nor sold by any way of asking; its notice names the places that fit."""
    rig.edit(SHOP + MUG)
    form = await rig.form("/buy")
    assert "mug/blue" in ids(form)
    rig.time.reach(CLOSES)
    assert {"zine", "badge"} <= ids(await rig.form("/buy"))
    assert not {each for each in ids(await rig.form("/buy")) if each.startswith("mug")}
    ctx = await rig.context()
    assert [choice.value for choice in rig.house.conversation.suggest(ctx, "buy.product", "mug")] == []
    for card in (
        await rig.say("/buy mug"),
        await rig.say("/buy mug/blue 2"),
        await rig.press("buy.choose", "mug/blue 1"),
        await rig.press("buy.place", product="mug/blue", quantity="1", code=""),
        await rig.press("buy", "mug ?"),
    ):
        assert card.title == "No longer sold here"
        assert "Sales in this chat ended on 10 April 2026 at 14:00 (Europe/Paris): Mug." in said(card)
        assert "The kiln is cold." in said(card)
        assert "Everything else is sold here as before." in said(card)
        assert "The outlet" not in links(card)
        assert any(isinstance(action, Button) and action.to.id == "buy" for action in card.actions)
    assert rig.stripe.asked["open"] == 0
    assert (await rig.say("/buy zine")).state == "awaiting"


async def test_a_slip_of_the_finger_leads_to_the_explanation(rig: Rig) -> None:
    """What was perhaps meant and has retired is offered to be looked at, not to be bought."""
    rig.edit(SHOP + MUG)
    rig.time.reach(CLOSES)
    card = await rig.say("/buy mugg")
    (button,) = [action for action in card.actions if isinstance(action, Button)]
    assert (button.label, button.to.id, button.value) == ("Mug", "buy.look", "mug")
    assert (await rig.press(button.to.id, button.value)).title == "No longer sold here"


async def test_a_deep_link_leads_to_the_variant_that_was_asked_for(rig: Rig) -> None:
    """Where one variant is meant the link leads to it; where several are, to the place."""
    rig.edit(SHOP + MUG)
    rig.time.reach(CLOSES)
    assert links(await rig.say("/buy mug/blue"))["The kiln"] == "https://kiln.example/p/mug?v=blue"
    assert links(await rig.say("/buy mug"))["The kiln"] == "https://kiln.example/"


async def test_places_are_those_of_the_country_it_would_ship_to(rig: Rig) -> None:
    """Named for Germany, a place of France is not; where no country is known, nothing is left out."""
    rig.edit(SHOP + MUG)
    rig.time.reach(CLOSES)
    assert "Die Messe" in links(await rig.say("/buy mug/blue to Germany"))
    assert "Die Messe" not in links(await rig.say("/buy mug/blue to France"))
    assert "Die Messe" in links(await rig.say("/buy mug/blue"))


async def test_where_no_place_fits_the_contact_is_named_once(rig: Rig) -> None:
    """Instead of places stands whom to ask."""
    rig.edit(SHOP + SPRING)
    rig.time.reach(CLOSES)
    text = said(await rig.say("/buy zine"))
    assert "Please ask kiln@harbour.example." in text
    assert text.count("kiln@harbour.example") == 1


async def test_a_campaign_names_what_is_asked_about(rig: Rig) -> None:
    """The banner before and the notice after speak of the one product; others carry neither."""
    rig.edit(SHOP + SPRING)
    rig.time.reach(CLOSES - timedelta(days=20))
    zine, badge = await rig.say("/buy zine"), await rig.say("/buy badge 3")
    assert plain(zine.text[0]) == "On sale here until 10 April 2026 at 14:00 (Europe/Paris): Knots zine."
    assert "until 10 April" not in said(badge)
    rig.time.reach(CLOSES)
    assert ": Knots zine." in said(await rig.say("/buy zine"))
    assert (await rig.say("/buy badge 4")).state == "awaiting"


async def test_an_override_lets_some_buy_for_longer(rig: Rig) -> None:
    """In the workspace that is named the form stays open and names its own date; elsewhere it has closed."""
    more = '[[retirement.buy.override]]\nworkspace = "T9"\ncloses = 2026-05-10T12:00:00+00:00\n'
    rig.edit(SHOP + CLOSING + more)
    rig.time.reach(CLOSES)
    await rig.live.refresh()
    talk = rig.house.conversation
    there = talk.context(
        Person("slack", "T9/U1", "U1", workspace="T9", locale="en"), Place("slack", "T9"), key="somewhere"
    )
    form = talk.hear(there, "/buy")
    assert isinstance(form, Form)
    assert "10 May 2026" in plain(form.intro)
    assert (await rig.say("/buy")).title == "Buy has closed here"


async def test_what_is_paid_monthly_begins_no_more_once_the_end_is_known(rig: Rig) -> None:
    """From the announcement on it is not offered, and whoever asks is told why; the rest is sold."""
    rig.edit(SHOP + CLUB + CLOSING)
    rig.time.reach(CLOSES - timedelta(days=20))
    assert "club" not in ids(await rig.form("/buy"))
    card = await rig.say("/buy club")
    assert card.title == "No new monthly purchases"
    assert "10 April 2026" in said(card)
    assert links(card) == {"The market": "https://market.example/"}
    assert (await rig.say("/buy zine")).state == "awaiting"


async def test_the_closed_shop_can_be_looked_at(rig: Rig) -> None:
    """The notice leads to every product, each with prices, places and no way to pay, until the history ends."""
    rig.edit(SHOP + CLOSING)
    rig.time.reach(CLOSES)
    card = await rig.say("/buy")
    (select,) = [action for action in card.actions if isinstance(action, Select)]
    assert [choice.label for choice in select.choices] == ["Mug", "Lighthouse print", "Knots zine", "Badge"]
    for choice in select.choices:
        looked = await rig.press(select.to.id, choice.value)
        assert looked.title == "Buy has closed here"
        assert next(name for name, _ in looked.facts).startswith(choice.label)
        assert links(looked) == {"The market": "https://market.example/"}
        assert not [each for each in looked.actions if isinstance(each, Button) and each.to.id.startswith("buy")]
        assert looked.private
    rig.time.reach(CLOSES + timedelta(days=365))
    card = await rig.say("/buy mug")
    assert not [action for action in card.actions if isinstance(action, Select)]
    assert card.facts == ()
    assert "the history of orders have ended here" in said(card)


async def test_a_form_that_is_still_open_completes_products_after_the_closing(rig: Rig) -> None:
    """Whoever fills it in can still name what they mean, and reads its notice."""
    rig.edit(SHOP + CLOSING)
    rig.time.reach(CLOSES)
    found = rig.house.conversation.suggest(await rig.context(), "buy.product", "zine")
    assert [choice.value for choice in found] == ["zine"]
    assert (await rig.press("buy.place", product="zine", quantity="1")).title == "Buy has closed here"


async def test_a_big_catalogue_is_looked_at_page_by_page(rig: Rig) -> None:
    """Twenty-four at a time, and the last choice leads on."""
    many = "".join(f'[product.p{n}]\nname = "Thing {n}"\nprice = "1.00"\n' for n in range(30))
    rig.edit(SHOP + many + CLOSING)
    rig.time.reach(CLOSES)
    (first,) = [action for action in (await rig.say("/buy")).actions if isinstance(action, Select)]
    assert (len(first.choices), first.choices[-1].label) == (25, "More…")
    rest = await rig.press(first.to.id, first.choices[-1].value)
    (second,) = [action for action in rest.actions if isinstance(action, Select)]
    assert len({choice.value for choice in (*first.choices[:-1], *second.choices)}) == 34
    assert (await rig.press(first.to.id, "+9999")).actions == ()


async def test_an_old_choice_of_what_is_sold_again_shows_it(rig: Rig) -> None:
    """Looked at while it is on sale, a product comes with its button."""
    card = await rig.press("buy.look", "mug")
    assert card.title == "Mug"
    assert [action.to.id for action in card.actions if isinstance(action, Button)] == ["buy"]


async def test_a_shop_whose_goods_all_retired_says_so(rig: Rig) -> None:
    """Where each product has a plan of its own and all have closed, /buy answers with a notice, not with "sold out"."""
    goods = f'[retirement.campaign.all]{DATES}products = ["mug", "print", "zine", "badge"]\n'
    rig.edit(SHOP + goods)
    rig.time.reach(CLOSES)
    assert (await rig.say("/buy")).title == "No longer sold here"


async def test_posted_cards_of_retired_goods_become_their_notice_at_once(rig: Rig) -> None:
    """The card of the mug turns into its notice in the second of the closing; that of the zine stays as it is."""
    rig.edit(SHOP + MUG)
    rig.time.reach(CLOSES - timedelta(seconds=10))  # a card over whose stock nothing would be edited yet
    await rig.post("mug", key="a")
    await rig.post("zine", key="b")
    rig.time.reach(CLOSES)
    await rig.keep_step()
    titles = sorted(card.title for card in rig.voice.posted.values())
    assert titles == ["Knots zine", "No longer sold here"]


async def test_no_new_card_is_posted_for_what_is_listed_no_more(rig: Rig) -> None:
    """From `list_new` on an admin who asks for a card is told that there is none; what is not concerned is posted."""
    rig.edit(SHOP + MUG.replace("reason.en", "list_new = 2026-03-20T12:00:00+00:00\nreason.en", 1))
    rig.time.reach(datetime(2026, 3, 20, 12, tzinfo=UTC))
    ctx = await rig.context("boss")
    with pytest.raises(NotListed):
        await ctx.till.posting.post(ctx, "product:mug", "C-SHOP")
    await ctx.till.posting.post(ctx, "product:zine", "C-SHOP")


async def test_a_pay_link_of_retired_goods_is_gone_with_their_notice(rig: Rig) -> None:
    """The mug's link answers with the mug's notice and dates; the zine's leads to Stripe."""
    rig.edit(SHOP + '[web]\npublic_url = "https://till.example"\n' + MUG)
    rig.time.reach(CLOSES - timedelta(minutes=5))
    mug, zine = await rig.place("mug/blue"), await rig.place("zine")
    rig.time.reach(CLOSES)
    pages = rig.house.pages
    gone, open_ = [
        await pages.pay(rig.house.telling.till.reading.pay_url(order).rpartition("/")[2], "en", "")
        for order in (mug, zine)
    ]
    assert isinstance(gone, Gone)
    assert gone.card.title == "No longer sold here"
    assert gone.sunset.at == CLOSES
    assert gone.alternates == ("https://kiln.example/", "https://outlet.example/")
    assert isinstance(open_, Redirect)


async def test_a_refusal_of_what_is_open_elsewhere_claims_no_end(rig: Rig) -> None:
    """Where only some have lost it, a notice without a product says when it closes for the others, not that it has."""
    part = '[[retirement.buy.override]]\nproduct = "mug"\ncloses = 2026-03-20T12:00:00+00:00\n'
    rig.edit(SHOP + CLOSING + part)
    rig.time.reach(datetime(2026, 3, 21, 12, tzinfo=UTC))
    assert (await rig.say("/buy mug/blue")).title == "Buy has closed here"
    assert (await rig.say("/buy zine")).state == "awaiting"
    ctx = await rig.context()
    assert Replies().refusal(ctx, Closed(rig.live().settings.plans["buy"])).title == "Buy will close here"


async def test_a_checkout_that_may_be_finished_keeps_its_link(rig: Rig) -> None:
    """With `open_checkouts = "finish"` the link of an open checkout leads to Stripe after the closing."""
    left = '[retirement.product.mug.leftovers]\nopen_checkouts = "finish"\n'
    rig.edit(SHOP + '[web]\npublic_url = "https://till.example"\n' + MUG + left)
    rig.time.reach(CLOSES - timedelta(minutes=5))
    order = await rig.place("mug/blue")
    assert order.state is State.AWAITING
    rig.time.reach(CLOSES)
    token = rig.house.telling.till.reading.pay_url(order).rpartition("/")[2]
    assert isinstance(await rig.house.pages.pay(token, "en", ""), Redirect)


async def test_the_history_ends_kindly_and_gifts_stay(rig: Rig) -> None:
    """After `history` /orders shows no purchase, says when that ended and who has a copy, and shows gifts as before."""
    rig.edit(SHOP + CLOSING)
    await rig.paid(await rig.place("zine"))
    await rig.paid(await rig.order((await rig.say("/donate 5 to kitchen")).order))
    last = CLOSES + timedelta(days=365)
    rig.time.reach(last - timedelta(minutes=1))
    assert "Knots zine" in said(await rig.say("/orders"))
    rig.time.reach(last)
    text = said(await rig.say("/orders"))
    assert "Knots zine" not in text
    assert "Community kitchen" in text
    assert "The history of what you bought here ended on 10 April 2027" in text
    assert "get a copy of it from help@harbour.example" in text
    assert "/orders" not in said(await rig.say("/buy"))
    rig.time.reach(CLOSES + timedelta(days=730))
    assert "get a copy" not in said(await rig.say("/orders"))


async def test_a_history_ends_for_the_product_that_retired(rig: Rig) -> None:
    """Where only the mug's history has ended, the zine that was bought with it stays listed."""
    rig.edit(SHOP + MUG)
    await rig.paid(await rig.place("mug/blue"))
    await rig.paid(await rig.place("zine"))
    rig.time.reach(CLOSES + timedelta(days=365))
    text = said(await rig.say("/orders"))
    assert "Knots zine" in text
    assert "Mug, blue" not in text
    assert text.count("ended on") == 1
