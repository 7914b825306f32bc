"""Own data: a person's file holds all that is theirs and nothing of anybody else, behind a link that ends."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Link
from bot.history_files import to_csv
from bot.own_data import File
from bot.pages import Page
from bot.tokens import Signer
from tests.bot.rig import CLOSING, SHOP, Rig, World, opened
from tests.contracts.samples import ANN, an_order

WEB = SHOP.replace("[notify]", '[web]\npublic_url = "https://till.example"\n\n[notify]')


async def links(rig: Rig, who: str = "ann") -> list[str]:
    """Ask for one's file in the chat, and give the tokens of the links."""
    card = await rig.say("/orders export", who)
    urls = [action.url for action in card.actions if isinstance(action, Link)]
    assert all(url.startswith("https://till.example/export/") for url in urls)
    return [url.removeprefix("https://till.example/export/").partition("?")[0] for url in urls]


async def saved(rig: Rig, token: str) -> dict[str, Any]:
    """Open the link to everything."""
    file = await rig.house.pages.export(token, "en", "json")
    assert isinstance(file, File), file
    found: dict[str, Any] = json.loads(file.text)
    return found


async def test_a_person_s_file_is_theirs_alone(world: World) -> None:
    """It has their purchases, gifts, history and news, and no order of another person's."""
    world.text = WEB
    async with opened(world) as rig:
        paid = await rig.paid(await rig.place())
        gift = await rig.say("/donate 10 to water")
        other = await rig.say("/buy zine", "bob")
        token, _ = await links(rig)
        body = await saved(rig, token)
        assert {each["number"] for each in body["orders"]} == {paid.id, gift.order}
        assert other.order not in json.dumps(body)
        mine = next(each for each in body["orders"] if each["number"] == paid.id)
        assert (mine["paid"], mine["currency"], mine["state"]) == (paid.total.minor, "EUR", "paid")
        assert next(move["to"] for move in mine["history"]) == "draft"
        assert "paid" in {told["kind"] for told in body["told"]}
        table = await rig.house.pages.export(token, "en", "csv")
        assert isinstance(table, File)
        rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
        assert {row["number"] for row in rows} == {paid.id, gift.order}


async def test_a_link_ends_and_cannot_be_made_up(world: World) -> None:
    """After an hour, with another signature, or signed for something else, it leads nowhere."""
    world.text = WEB
    async with opened(world) as rig:
        await rig.place()
        token, _ = await links(rig)
        other = Signer("another secret, long enough").sign("export", token.rpartition(".")[0])
        for forged in (f"{token}x", other, rig.house.pages.reading.desk.signer.sign("pay", token.rpartition(".")[0])):
            page = await rig.house.pages.export(forged, "en", "json")
            assert isinstance(page, Page)
            assert page.status == 404
        old = rig.house.pages.reading.desk.signer.sign("export", "MTpzbGFjazphbm4")  # 1:slack:ann
        assert isinstance(await rig.house.pages.export(old, "en", "json"), Page)


async def test_without_an_address_it_says_whom_to_ask(rig: Rig) -> None:
    """In a chat whose shop has no public address nobody is sent to a link that they cannot open."""
    card = await rig.say("/orders export")
    assert not [action for action in card.actions if isinstance(action, Link)]
    assert "help@harbour.example" in str(card.text)
    assert "slack:" in str(card.text)


async def test_purchases_can_be_taken_along_until_that_ends_and_gifts_for_ever(world: World) -> None:
    """When `export` closes for Buy, the file holds gifts alone."""
    world.text = WEB + CLOSING
    async with opened(world) as rig:
        paid = await rig.paid(await rig.place())
        gift = await rig.say("/donate 10 to water")
        rig.time.reach(paid.created.replace(year=2028) + timedelta(days=90))
        token, _ = await links(rig)
        assert [each["number"] for each in (await saved(rig, token))["orders"]] == [gift.order]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_no_text_in_the_table_is_a_formula(text: str) -> None:
    """Whatever people typed or sellers wrote, a spreadsheet takes no cell for a formula, and each order is one record."""
    order = an_order("A", tracking=text, ship_to=text, code=text, buyer=replace(ANN, platform="=x", id=text))
    line = replace(order.lines[0], label=f"={text}")
    (row,) = csv.DictReader(io.StringIO(to_csv([replace(order, lines=(line,))], address=True), newline=""), strict=True)
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    assert row["tracking"] in {text, f"'{text}"}
