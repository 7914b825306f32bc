"""The buyer's pages, and the headers of what has retired."""

from tests.adapters.web.site import Site


async def test_an_open_pay_link_leads_to_the_checkout(site: Site) -> None:
    """The link redirects, unkept by any cache, and tells whose address asked."""
    response = await site.get("/pay/open")
    assert (response.status, response.headers["Location"]) == (303, "https://checkout.example/session?x=1#y")
    assert response.headers["Cache-Control"] == "no-store"
    assert site.shown.addresses == ["127.0.0.1"]


async def test_an_old_pay_link_answers_gone_with_its_notice(site: Site) -> None:
    """410 with Sunset as an HTTP date, Deprecation as a Unix date, and links to the status page and the alternatives."""
    response = await site.get("/pay/closed")
    assert response.status == 410
    assert response.headers["Sunset"] == "Wed, 01 Feb 2017 00:00:00 GMT"
    assert response.headers["Deprecation"] == "@1484818200"
    assert response.headers.getall("Link") == [
        '<https://shop.example/retirement>; rel="sunset"; type="text/html"',
        '<https://elsewhere.example/a%20b%3Ec>; rel="alternate"',
    ]
    page = await response.text()
    assert "&lt;b&gt;Buy&lt;/b&gt; has ended" in page
    assert "<b>Buy" not in page
    assert 'href="/?open=greet"' in page
    assert 'href="https://elsewhere.example/"' in page


async def test_a_token_that_nobody_signed_is_not_found(site: Site) -> None:
    """The page says so with 404."""
    response = await site.get("/pay/forged")
    assert response.status == 404
    assert "No such page" in await response.text()


async def test_looking_at_a_pay_link_without_following_it_does_nothing(site: Site) -> None:
    """HEAD is not allowed, so that a preview leads nowhere."""
    async with site.http.head(site.address + "/pay/open") as response:
        assert response.status == 405
    assert site.shown.addresses == []


async def test_thanks_speaks_the_reader_s_language(site: Site) -> None:
    """The locale of the browser reaches the page; a browser that asks for none gets the shop's."""
    assert "Thanks, fr" in await (await site.get("/thanks/t", Accept_Language="fr-FR,en;q=0.5")).text()
    assert "Thanks, en" in await (await site.get("/thanks/t")).text()


async def test_thanks_looks_again_until_the_payment_is_known(site: Site) -> None:
    """While the order is open the page says that it waits; once it is paid it does not."""
    for state, waits in (("awaiting", True), ("processing", True), ("paid", False), ("expired", False)):
        site.shown.state = state
        assert ("data-waits" in await (await site.get("/thanks/t")).text()) is waits


async def test_a_page_that_breaks_tells_nothing(site: Site) -> None:
    """Trouble inside answers 500 without its text."""
    response = await site.get("/cancelled/t")
    assert response.status == 500
    assert "crashed" not in await response.text()


async def test_the_retirement_has_a_page_and_a_json_twin(site: Site) -> None:
    """People and programs are told the same."""
    assert "What retires" in await (await site.get("/retirement")).text()
    answer = await (await site.get("/retirement.json")).json()
    assert answer["closes"] == "2017-02-01T00:00:00+01:00"
    assert answer["notice"]["title"] == "What retires"


async def test_a_pay_link_that_will_end_says_so_to_programs(site: Site) -> None:
    """While it still leads to the checkout, Sunset, Deprecation and the link to the status page say when it ends."""
    response = await site.get("/pay/ending")
    assert response.status == 303
    assert response.headers["Sunset"] == "Wed, 01 Feb 2017 00:00:00 GMT"
    assert response.headers["Deprecation"] == "@1484818200"
    assert response.headers["Link"] == '<https://shop.example/retirement>; rel="sunset"; type="text/html"'
    assert "Sunset" not in (await site.get("/pay/open")).headers


async def test_the_retirement_can_be_subscribed_to(site: Site) -> None:
    """The calendar is text/calendar in UTF-8, in the reader's language, and 404 where nothing ends."""
    response = await site.get("/retirement.ics", Accept_Language="fr")
    assert (response.status, response.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert "X-LOCALE:fr" in await response.text()
    site.shown.state = "open"
    assert (await site.get("/retirement.ics")).status == 404


async def test_feed_readers_find_the_retirement(site: Site) -> None:
    """The page names its feed, which is Atom in UTF-8, in the reader's language, and 404 where nothing ends."""
    page = await (await site.get("/retirement")).text()
    assert '<link rel="alternate" type="application/atom+xml" title="What retires" href="/retirement.atom">' in page
    assert "atom+xml" not in await (await site.get("/thanks/t")).text()
    response = await site.get("/retirement.atom", Accept_Language="fr")
    assert (response.status, response.headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert 'xml:lang="fr"' in await response.text()
    site.shown.state = "open"
    assert (await site.get("/retirement.atom")).status == 404


async def test_a_place_is_led_to_without_a_trace(site: Site) -> None:
    """302 to the address that the config has, without a cookie or a referrer; what is no place is 404, a preview no click."""
    response = await site.get("/go/fair?item=mug%2Fblue")
    assert (response.status, response.headers["Location"]) == (302, "https://fair.example/%C3%A9?item=mug/blue")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    assert (await site.get("/go/https:%2F%2Fevil.example")).status == 404
    async with site.http.head(site.address + "/go/fair") as head:
        assert head.status == 405


async def test_a_person_s_file_is_saved_and_kept_by_no_cache(site: Site) -> None:
    """It comes as an attachment, in the form that was asked for; a link that is none of ours is not found; no HEAD."""
    response = await site.get("/export/mine?form=csv")
    assert response.status == 200
    assert response.headers["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert (await site.get("/export/mine")).headers["Content-Type"] == "application/json; charset=utf-8"
    assert (await site.get("/export/other")).status == 404
    async with site.http.head(site.address + "/export/mine") as head:
        assert head.status == 405
