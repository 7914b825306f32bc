"""Staff links: whoever opens one on the web is the staff there, for a while."""

from __future__ import annotations

import time
from typing import Final

from bot.tokens import Signer

#: Seconds for which a staff link can be opened.
LIFE: Final = 3600


def staff_path(signer: Signer, *, life: int = LIFE) -> str:
    """Make the path of a staff link: "/staff/TOKEN"."""
    return f"/staff/{signer.sign('staff', f'staff:{int(time.time()) + life}')}"
