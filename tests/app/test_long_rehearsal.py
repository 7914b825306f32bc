"""A rehearsal of a shop with ten thousand orders: how far it is can be seen, and it ends soon enough to be waited for."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app.rehearsing import rehearse
from bot.orders import State
from tests.app.fleet import ORDERS, fill, number_of
from tests.app.test_rehearsing import CONFIG

#: Seconds of two cores; others may use this machine meanwhile, and their time is not counted.
_MINUTE = 60.0


async def test_ten_thousand_orders_are_rehearsed_within_a_minute(tmp_path: Path) -> None:
    """Progress is told all along, every open, unsettled and undelivered order comes to its end, and a minute is enough."""
    now = datetime.now(UTC).replace(microsecond=0)
    dates = {"announced": now + timedelta(days=1), "closes": now + timedelta(days=41)}
    config, url = tmp_path / "shop.toml", f"sqlite:///{tmp_path}/shop.sqlite3"
    config.write_text(CONFIG.format(**{name: at.isoformat() for name, at in dates.items()}))
    await fill(url)
    seen: list[tuple[datetime, datetime, datetime]] = []
    begun = time.process_time()
    found = await rehearse(config, url, lambda *told: seen.append(told))
    took = time.process_time() - begun
    assert found.orders == ORDERS
    assert [promise for promise in found.promises if promise.broken] == []
    assert found.left == ()
    moved = Counter(each.kind for each in found.moved if each.kind != "renewal")
    late = number_of(State.AWAITING) // 10
    assert moved["charge"] == number_of(State.PROCESSING) + late
    assert moved["refund"] == number_of(State.PAID) + moved["charge"]
    parts = {int(10 * (at - start) / (until - start)) for start, at, until in seen}
    assert len(parts) > 6, "it is told in many parts of the way, not at its end alone"
    assert seen[-1][1] == seen[-1][2]
    assert took < _MINUTE
