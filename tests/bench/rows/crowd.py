"""A thousand people at once in the web chat of a real shop, for a minute: how long they wait, and what fails."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from adapters.sandbox.server import Sandbox
from tests.bench.processes import spent
from tests.bench.row import Figure, Row, Scale, alone
from tests.conformance.world import HOOKS, KEYS, SHOP
from tests.crash.process import ROOT, Shop

PEOPLE: Final = 1000
SECONDS: Final = 60
#: The proxy that this stands for says whose address it is; the limits and the stock are not what is measured.
CONFIG: Final = (
    SHOP.replace("stock = 40", "stock = 1000000")
    + """
[web]
chat = true
trusted_proxies = ["127.0.0.1/32"]

[limits]
person = 1000000
address = 1000000
shop = 1000000
"""
)


def _measure(scale: Scale) -> Sequence[Figure]:
    found = asyncio.run(_crowd(scale.of(PEOPLE, least=5), scale.of(SECONDS, least=1)))
    waits = sorted(found["waits"])
    if found["failures"]:
        raise RuntimeError(f"{found['failures']} of {len(waits)} failed: {found['failed']}")
    return [
        alone("p99", "s", waits[int(len(waits) * 0.99)], bound=1),
        alone("p50", "s", waits[len(waits) // 2], bound=1),
        alone("answers", "a second", len(waits) / found["seconds"], bound=0, at_least=True),
        alone("CPU of the shop", "of one core", found["cpu"] / found["seconds"], bound=1),
    ]


async def _crowd(people: int, seconds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "shop.toml"
        config.write_text(CONFIG, encoding="utf-8")
        async with Sandbox(path=Path(folder) / "stripe.sqlite3", accounts=dict.fromkeys(KEYS.values())) as sandbox:
            environ = {
                **KEYS,
                **HOOKS,
                "STRIPE_API_BASE": sandbox.base,
                "TILLBOT_SECRET": "a secret of the bench, long",
            }
            shop = Shop(config, f"sqlite:///{folder}/till.sqlite3", environ)
            await shop.start()
            try:
                before = spent(shop.pid)
                speaking = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "tests.bench.people", shop.address, str(seconds), str(people)),
                    cwd=ROOT,
                    stdout=asyncio.subprocess.PIPE,
                )
                said, _ = await speaking.communicate()
                return {**json.loads(said), "seconds": seconds, "cpu": spent(shop.pid) - before}
            finally:
                await shop.kill()


ROW: Final = Row("1,000 people at once in the web chat, all commands", "nothing", _measure)
