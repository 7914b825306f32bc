"""How long a round takes, by what the platforms allow, and the names of the staff's seats."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.rounds import Outcome, Tally, Telling, outcomes, seat_named, seat_of, time_left


def crowd(platform: str, workspace: str, people: int, outcome: Outcome = Outcome.DUE) -> Tally:
    """Count people of one workspace."""
    return Tally("buy:then", 7, platform, workspace, outcome, people)


@pytest.mark.parametrize(
    ("tallies", "minutes"),
    [
        ([], 0),
        ([crowd("slack", "T1", 500)], 10),  # 50 a minute in a workspace
        ([crowd("slack", "T1", 500), crowd("slack", "T2", 100)], 10),  # side by side
        ([crowd("slack", f"T{n}", 20) for n in range(100)], 5),  # 400 a minute in all
        ([crowd("discord", "G1", 4000), crowd("slack", "T1", 50)], 10),
        ([crowd("web", "", 100_000)], 0),  # nothing is sent: it waits for its reader
        ([crowd("slack", "T1", 500, Outcome.TOLD), crowd("slack", "T1", 50)], 1),
    ],
)
def test_an_estimate_follows_the_slowest_platform(tallies: list[Tally], minutes: int) -> None:
    """Only who still waits counts; a workspace's own limit and that of all hold both."""
    assert time_left(tallies) == timedelta(minutes=minutes)


def test_outcomes_are_added_up_over_workspaces() -> None:
    """Wherever they are, people with the same outcome are counted together."""
    found = outcomes([crowd("slack", "T1", 2), crowd("slack", "T2", 3), crowd("web", "", 4, Outcome.TOLD)])
    assert found == {Outcome.DUE: 5, Outcome.TOLD: 4}


@pytest.mark.parametrize("seat", [("C-STAFF", ""), ("T1/C1", ""), ("", "boss"), ("a:b", "")])
def test_a_seat_is_read_from_its_name(seat: tuple[str, str]) -> None:
    """A channel is not taken for a person, whatever its id looks like."""
    name = seat_named("slack", *seat)
    assert seat_of(Telling("buy:then", 7, name, "slack", "", "slack:seats", seat=True)) == seat
