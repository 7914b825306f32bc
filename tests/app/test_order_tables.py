"""Orders for eyes: what people typed is shown, and never obeyed."""

from __future__ import annotations

import io
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.cli.order_tables import show_one
from bot.dossier import Dossier
from bot.returns import Returns
from tests.contracts.samples import an_order


def test_an_address_commands_no_terminal() -> None:
    """What a terminal would take for a command, such as to change its title or a link, is shown as a mark in its place."""
    order = an_order("AAAAAAAA", ship_to="Zoé\u00a0É.\x1b]0;Paid\x07\n1 Quay\x9b2J\nFR")
    out = io.StringIO()
    dossier = Dossier(order, (), Returns(), ())
    show_one(dossier, ZoneInfo("Europe/Paris"), Console(file=out, width=200), address=True)
    assert "  ships to: Zoé\u00a0É.\N{REPLACEMENT CHARACTER}]0;Paid\N{REPLACEMENT CHARACTER}, 1 Quay" in out.getvalue()
    assert not {"\x1b", "\x07", "\x9b"} & set(out.getvalue())
