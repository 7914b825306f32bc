"""What a shop holds in memory that only has the web chat, once it serves and nobody asks anything."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.bench.processes import RSS, says
from tests.bench.row import Figure, Row, Scale, alone, pairs

_ANCHOR: Final = """
import aiohttp.web, sqlalchemy.ext.asyncio, aiosqlite, stripe, babel, jinja2
from pydantic import BaseModel
import json
print(json.dumps({"rss": rss()}))
"""
_SHOP: Final = """
import asyncio, json, os, sys, urllib.request
from pathlib import Path
from bot.app import App, Plan

async def main():
    folder = Path(sys.argv[1])
    database = f"sqlite:///{folder}/till.sqlite3"
    plan = Plan(config=folder / "shop.toml", database=database, environ=os.environ, port=0, sandbox=True)
    async with App.open(plan) as app:
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        ready = lambda: urllib.request.urlopen(app.address + "/healthz").status
        assert await asyncio.to_thread(ready) == 200
        await asyncio.sleep(1)  # the ticks of the first second have been
        sdks = [name for name in ("discord", "slack_bolt", "slack_sdk") if name in sys.modules]
        print(json.dumps({"rss": rss(), "sdks": len(sdks)}))
        stop.set()
        await running

asyncio.run(main())
"""
_CONFIG: Final = """\
[shop]
name = "Example Shop"
homepage = "https://shop.example/"
currency = "EUR"
zone = "Europe/Paris"

[seller]
name = "Example Shop"

[product.mug]
name = "Mug"
price = "12.50"

[web]
chat = true
public_url = "http://127.0.0.1:8080"
"""
_ENVIRON: Final = {
    "STRIPE_API_KEY": "sk_test_bench",
    "STRIPE_WEBHOOK_SECRET": "whsec_bench",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "TILLBOT_SECRET": "a secret of the bench, long enough",
}


def _measure(scale: Scale) -> Sequence[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled"
        (Path(folder) / "shop.toml").write_text(_CONFIG, encoding="utf-8")
        sdks: list[int] = []

        def both() -> Iterator[tuple[float, float]]:
            says(RSS + _SHOP, folder, environ=_ENVIRON, compiled=compiled)  # it makes its tables, once
            for _ in range(scale.rounds):
                shop = says(RSS + _SHOP, folder, environ=_ENVIRON, compiled=compiled)
                sdks.append(shop["sdks"])
                yield shop["rss"], says(RSS + _ANCHOR, compiled=compiled)["rss"]

        return [
            pairs("resident memory, idle", "MB", both(), bound=1.3),
            alone("SDKs of platforms that are off", "", max(sdks), bound=0),
        ]


ROW: Final = Row(
    "idle memory, web only",
    "aiohttp.web, SQLAlchemy async, aiosqlite, stripe, pydantic, Jinja2, Babel imported",
    _measure,
)
