"""What the web chat does not let through: other sites, forged cookies, and bodies that are no requests."""

import pytest
from aiohttp import ClientSession

from adapters.web.guard import MOST_JSON, MOST_TEXT
from adapters.web.people import COOKIE
from tests.adapters.web.site import SIGNER, Site


def _host(site: Site) -> str:
    return site.address.removeprefix("http://")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/web/messages", "/web/actions", "/web/suggestions", "/web/leave"])
async def test_another_site_s_post_is_refused(site: Site, path: str, headers: dict[str, str]) -> None:
    """A foreign Origin or Sec-Fetch-Site gets 403, and no cookie that would make the person a stranger."""
    async with site.http.post(site.address + path, json={"text": "/greet"}, headers=headers) as response:
        assert response.status == 403
        assert (await response.json())["error"]["code"] == "foreign_origin"
        assert "Set-Cookie" not in response.headers


async def test_our_own_page_s_post_is_taken(site: Site) -> None:
    """The page's own Origin and Sec-Fetch-Site pass."""
    headers = {"Origin": site.address, "Sec_Fetch_Site": "same-origin"}
    assert (await site.say("/greet", **headers))[0]["title"] == "Hello "


async def test_another_site_s_stream_is_refused(site: Site) -> None:
    """News is not streamed to another site's page."""
    async with site.http.get(site.address + "/web/events", headers={"Sec-Fetch-Site": "cross-site"}) as response:
        assert response.status == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_only_json_is_taken(site: Site, content_type: str) -> None:
    """The types that a plain form of another site can send get 415."""
    async with site.http.post(
        site.address + "/web/messages", data=b'{"text": "/greet"}', headers={"Content-Type": content_type}
    ) as response:
        assert response.status == 415


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_json"),
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"[" * 20_000, "bad_json"),
        (b'["text"]', "bad_json"),
        (b'{"text": 5}', "bad_value"),
        (b"{}", "bad_value"),
        (b'{"text": "\\ud800"}', "bad_text"),
        (b'{"text": "a\\u0000b"}', "bad_text"),
        (b'{"text": "' + b"x" * (MOST_TEXT + 1) + b'"}', "too_long"),
    ],
)
async def test_a_bad_body_is_said_to_be_one(site: Site, body: bytes, code: str) -> None:
    """What is no JSON object with a text gets 400 and a code that says why."""
    headers = {"Content-Type": "application/json"}
    async with site.http.post(site.address + "/web/messages", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["error"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        {"action": 1},
        {"action": "greet", "values": []},
        {"action": "greet", "values": {"a": {}}},
        {"action": "greet", "values": {"a": [1]}},
        {"action": "greet", "values": {str(n): "" for n in range(51)}},
        {"action": "greet", "value": []},
    ],
)
async def test_bad_values_are_refused(site: Site, body: dict[str, object]) -> None:
    """Values other than texts and lists of texts get 400."""
    async with site.http.post(site.address + "/web/actions", json=body) as response:
        assert response.status == 400


async def test_a_large_body_is_not_read(site: Site) -> None:
    """More than the limit gets 413."""
    headers = {"Content-Type": "application/json"}
    async with site.http.post(site.address + "/web/messages", data=b" " * (MOST_JSON + 1), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize("key", ["", "x" * 201, "é"])
async def test_a_strange_idempotency_key_is_refused(site: Site, key: str) -> None:
    """A key that could not be kept gets 400."""
    headers = {"Idempotency-Key": key}
    async with site.http.post(site.address + "/web/messages", json={"text": "/greet"}, headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "bad_key")


async def test_the_cookie_is_signed_and_kept_from_scripts(site: Site) -> None:
    """A newcomer gets an HttpOnly, SameSite cookie for a year, and is the same person with it."""
    async with site.http.get(site.address) as response:
        header = response.headers["Set-Cookie"]
    assert header.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=31536000"):
        assert part in header
    assert "Secure" not in header
    assert await site.who() == await site.who()


@pytest.mark.parametrize("cookie", ["0" * 32, "0" * 32 + ".tag", "staff", SIGNER.sign("pay", "0" * 32)])
async def test_a_forged_cookie_is_nobody(site: Site, cookie: str) -> None:
    """A cookie that was not signed for this purpose makes a new person, not the one it names."""
    async with ClientSession() as http:
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        async with http.post(site.address + "/web/messages", json={"text": "/greet"}, headers=headers) as response:
            card = (await response.json())["replies"][0]
    assert "0" * 32 not in card["facts"][0][1]
    assert card["facts"][2] == ["Staff", "False"]


async def test_what_is_for_the_staff_needs_the_staff_link(site: Site) -> None:
    """A staff link makes the browser staff, leaving makes it the person it was, and the command shows only between."""
    before = await site.who()
    assert (await site.say("/desk"))[0]["title"] == "Help"
    response = await site.get(f"/staff/{SIGNER.sign('staff', 'staff:99999999999')}")
    assert (response.status, response.headers["Location"]) == (303, "/")
    assert (await site.say("/desk"))[0]["body"] == "staff"
    await site.post("/web/leave", {})
    assert (await site.say("/desk"))[0]["title"] == "Help"
    assert await site.who() == before


async def test_a_staff_link_works_in_a_fresh_browser(site: Site) -> None:
    """Somebody who comes by the staff link, without a cookie, is staff at once."""
    await site.get(f"/staff/{SIGNER.sign('staff', 'staff:99999999999')}")
    assert (await site.say("/desk"))[0]["body"] == "staff"


@pytest.mark.parametrize(
    "token",
    [
        "staff:99999999999",
        SIGNER.sign("staff", "staff:1"),
        SIGNER.sign("staff", "staff:"),
        SIGNER.sign("staff", "boss:99999999999"),
        SIGNER.sign("cookie", "staff:99999999999"),
    ],
)
async def test_a_staff_link_that_is_old_or_not_ours_opens_nothing(site: Site, token: str) -> None:
    """A token that is unsigned, of another purpose, or past its instant is not found."""
    response = await site.get(f"/staff/{token}")
    assert response.status == 404
    assert (await site.say("/desk"))[0]["title"] == "Help"


async def test_the_policy_lets_only_our_own_scripts_run(site: Site) -> None:
    """Every answer carries the strict Content-Security-Policy and its companions."""
    for path in ("/", "/web/commands", "/static/style.css", "/nowhere", "/healthz"):
        headers = (await site.get(path)).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
