"""The server around every door: health, metrics, static files, the log."""

import asyncio
import logging

import pytest
from aiohttp import web

from adapters.web.metrics import Metrics, Reading
from adapters.web.server import MOST_BODY, Server
from tests.adapters.web.site import SIGNER, Site


async def test_health_and_readiness(site: Site) -> None:
    """Alive is always yes; ready is what the callback says, with its details."""
    assert (await site.get("/healthz")).status == 200
    response = await site.get("/readyz")
    assert (response.status, await response.json()) == (200, {"ok": True, "money": "test", "config": "in force"})
    site.ready["ok"] = False
    assert (await site.get("/readyz")).status == 503


async def test_readiness_that_cannot_be_told_is_not_ready() -> None:
    """A callback that raises is 503, and says nothing of why."""

    async def broken() -> tuple[bool, dict[str, object]]:
        raise RuntimeError("postgres://user:password@host")

    server = Server([], ready=broken, port=0)
    await server.start()
    status, body = await _raw(server, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    await server.stop()
    assert status == 503
    assert b"password" not in body


async def test_metrics_count_routes_and_read_gauges(site: Site) -> None:
    """Requests are counted by pattern, never by path; gauges are read when asked, and a broken one is left out."""

    async def orders() -> Reading:
        return {("paid",): 3.0}

    async def broken() -> Reading:
        raise RuntimeError

    site.server.metrics.gauge("tillbot_orders", "Orders by state.", orders, labels=("state",))
    site.server.metrics.gauge("tillbot_broken", "Never read.", broken)
    await site.get("/pay/open")
    await site.get("/nowhere/secret")
    text = await (await site.get("/metrics")).text()
    assert 'tillbot_http_requests_total{method="GET",route="/pay/{token}",status="303"} 1.0' in text
    assert 'tillbot_http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'tillbot_orders{state="paid"} 3.0' in text
    assert "tillbot_broken" not in text
    assert "secret" not in text


async def test_the_outside_learns_only_whether_it_is_ready_and_for_what_money(site: Site) -> None:
    """Whoever comes through a proxy reads nothing of the config or the database."""
    response = await site.get("/readyz", X_Forwarded_For="203.0.113.9")
    assert (response.status, await response.json()) == (200, {"ok": True, "money": "test"})


async def test_metrics_are_not_for_the_outside(site: Site) -> None:
    """Whoever comes through a proxy is turned away."""
    assert (await site.get("/metrics", X_Forwarded_For="203.0.113.9")).status == 403


async def test_the_log_holds_no_personal_data(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """One line a request, with the route's pattern: no address, no query, no token, no cookie, no text."""
    caplog.set_level(logging.DEBUG)
    token = SIGNER.sign("staff", "staff:99999999999")
    await site.get(f"/staff/{token}?who=Zoe")
    await site.say("my name is Zoe")
    await site.get("/cancelled/a-token")
    await _raw(site.server, b"GET /pay/a-token HTTP/9.9 nonsense\r\n\r\n")
    lines = [record for record in caplog.records if record.name == "adapters.web.access" and record.levelname == "INFO"]
    assert [(line.__dict__["route"], line.__dict__["status"]) for line in lines] == [
        ("/staff/{token}", 303),
        ("/web/messages", 200),
        ("/cancelled/{token}", 500),
    ]
    everything = "".join(
        f"{record.getMessage()}{vars(record)}{record.exc_text}"
        for record in caplog.records
        if record.name.startswith(("adapters", "aiohttp"))
    )
    for private in (token, "Zoe", "127.0.0.1", "a-token"):
        assert private not in everything


async def test_static_files_have_types_and_are_asked_for_once(site: Site) -> None:
    """Each file comes with its type and an ETag, which saves sending it again; nothing else of the disk is served."""
    for name, kind in (("style.css", "text/css"), ("chat.js", "text/javascript"), ("logo.svg", "image/svg+xml")):
        response = await site.get(f"/static/{name}")
        assert (response.status, response.content_type) == (200, kind)
        again = await site.get(f"/static/{name}", If_None_Match=response.headers["ETag"])
        assert again.status == 304
    for path in ("/static/nothing.css", "/static/..%2Fchat.py", "/static/%2e%2e%2fserver.py"):
        assert (await site.get(path)).status == 404
    assert (await site.get("/favicon.ico")).content_type == "image/svg+xml"


async def test_a_body_of_any_door_has_a_limit() -> None:
    """A door that reads a body gets 413 for one beyond the server's limit."""

    async def read(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    async def ready() -> tuple[bool, dict[str, object]]:
        return True, {}

    server = Server([[web.post("/door", read)]], ready=ready, port=0)
    await server.start()
    head = b"POST /door HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    status, _ = await _raw(server, head % (MOST_BODY + 1) + b"x" * (MOST_BODY + 1))
    await server.stop()
    assert status == 413


async def test_a_port_that_is_taken_says_so(site: Site) -> None:
    """Starting on a taken port raises OSError and leaves nothing behind."""

    async def ready() -> tuple[bool, dict[str, object]]:
        return True, {}

    port = int(site.address.rpartition(":")[2])
    server = Server([], ready=ready, port=port)
    with pytest.raises(OSError, match="address already in use"):
        await server.start()
    await server.stop()
    with pytest.raises(RuntimeError):
        _ = server.address


async def test_what_is_in_flight_is_answered_before_the_end() -> None:
    """Stopping waits for a request that is being answered."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        begun.set()
        await go_on.wait()
        return web.Response(text="done")

    async def ready() -> tuple[bool, dict[str, object]]:
        return True, {}

    server = Server([[web.get("/slow", slow)]], ready=ready, port=0)
    await server.start()
    asked = asyncio.create_task(_raw(server, b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"))
    await begun.wait()
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0)
    go_on.set()
    status, body = await asked
    await stopping
    assert (status, body) == (200, b"done")


async def test_a_metrics_registry_is_nobody_else_s() -> None:
    """Two servers in one process count apart."""
    one, other = Metrics(), Metrics()
    one.answered("BREW", "/pot", 418, 0.1)
    assert b'method="other",route="/pot",status="418"' in await one.page()
    assert b"/pot" not in await other.page()


async def _raw(server: Server, data: bytes) -> tuple[int, bytes]:
    """Send bytes and read the whole answer."""
    host, _, port = server.address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.partition(b":")[2])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            body = await reader.readexactly(length)
    finally:
        writer.close()
        await writer.wait_closed()
    return int(head.split()[1]), body
