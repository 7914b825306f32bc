"""A chat platform that says yes to everything, in a process of its own: what it costs is not the shop's."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

ROOT = Path(__file__).parent.parent.parent

#: What Slack's methods give that are asked when a shop starts, or when somebody speaks.
_SLACK = {
    "ok": True,
    "url": "https://harbour.slack.com/",
    "team": "Harbour",
    "team_id": "T1",
    "user": "till",
    "user_id": "UBOT",
    "bot_id": "B1",
    "app_id": "A1",
    "channel": {"id": "C1"},
    "ts": "1.0",
    "view": {"id": "V1", "hash": "h"},
    "members": [],
    "usergroups": [],
    "response_metadata": {"next_cursor": ""},
}


@asynccontextmanager
async def platform() -> AsyncIterator[str]:
    """Run it; gives its address."""
    running = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.platform",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    if running.stdin is None or running.stdout is None:
        raise RuntimeError("pipes were asked for")
    address = (await running.stdout.readline()).decode().strip()
    try:
        yield address
    finally:
        running.stdin.close()
        await running.wait()


async def _serve() -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith("users.info"):
            user = (await request.post()).get("user", "U1")
            return web.json_response({"ok": True, "user": {"id": user, "locale": "en-US", "name": "ann", "tz": "UTC"}})
        return web.json_response(_SLACK)

    app = web.Application()
    app.add_routes([web.route("*", "/{anything:.*}", answer)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)  # noqa: T201 - to whoever began it
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
