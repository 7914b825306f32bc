"""Which account runs a command."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from bot.cli.account import account

OWN = pwd.getpwuid(os.getuid()).pw_name


def test_the_account_that_logged_in_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who logged in is named, whoever they have become since, and whatever the environment says."""
    monkeypatch.setenv("LOGNAME", "eve")
    login = tmp_path / "loginuid"
    first = next(each for each in pwd.getpwall() if each.pw_name != OWN)
    login.write_text(str(first.pw_uid), encoding="ascii")
    assert account(login) == pwd.getpwuid(first.pw_uid).pw_name


@pytest.mark.parametrize("kept", ["4294967295", "", "?"])
def test_where_nobody_logged_in_it_is_the_one_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """In a container or a service it is the account that runs the command, not what the environment says."""
    monkeypatch.setenv("LOGNAME", "eve")
    login = tmp_path / "loginuid"
    login.write_text(kept, encoding="ascii")
    assert account(login) == account(tmp_path / "none") == OWN


def test_a_number_without_a_name_is_said_as_it_is(tmp_path: Path) -> None:
    """An account that has no name here is told by its number."""
    login = tmp_path / "loginuid"
    login.write_text("4294967294", encoding="ascii")
    assert account(login) == "uid 4294967294"
