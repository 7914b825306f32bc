"""`tillbot retire`: the retirement in the operator's hand; each subject of it registers its commands here."""

from __future__ import annotations

from typing import Final

import typer

retire: Final = typer.Typer(help="See, count and steer what is to be retired.", no_args_is_help=True)
