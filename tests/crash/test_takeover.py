"""What a killed replica was at is taken over by another within a minute, though nobody starts it again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.adapters.sandbox.buyer import CARD
from tests.conformance.world import eventually
from tests.crash.databases import POSTGRESQL
from tests.crash.gathering import open_session
from tests.crash.storm import over
from tests.crash.test_disk import SECRET

#: Seconds in which a killed replica's work is taken over, as the issue has it.
MINUTE: Final = 60.0
#: Seconds that Slack keeps a message waiting which it never shows, so that the kill finds its job under way.
WAITS: Final = 9.0


async def test_work_of_a_killed_replica_is_taken_over(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Killed while it tells a buyer what they bought, a replica is gone for good: the other one tells them in a minute."""
    async with over(POSTGRESQL.make(request, tmp_path), tmp_path, 1, processes=2) as storm:
        one, other = storm.gate.shops
        await one.start()
        ann = storm.crowd.slackers[0]
        bought = await ann.ask("/buy zine")
        fault = storm.slack.hang("chat.postMessage", WAITS, times=8)  # the staff's card too, whichever comes first
        await storm.crowd.submit(open_session(storm.sandbox, bought.order), CARD)
        await eventually(lambda: fault.times <= 6, "nobody was about to be told")
        await other.start()
        await one.kill()
        storm.slack.forgive()
        assert SECRET not in ann.person.screen()
        await eventually(lambda: SECRET in ann.person.screen(), "nobody took over", within=MINUTE)
        staff = storm.crowd.boss.person
        await eventually(lambda: bought.order in staff.screen("CSTAFF"), "nobody told the staff", within=MINUTE)
