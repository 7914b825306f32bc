"""The App Home: a person's own page, drawn when they look at it, and again after what they do there."""

import pytest

from adapters.slack import Connection
from adapters.slack.home import BLOCKS, home
from bot.chat import Card
from bot.errors import Unreachable
from tests.adapters.slack.talk import SEEN, Answered
from tests.platforms.slack import SlackStandIn
from tests.platforms.slack.block_kit import home_complaints


@pytest.mark.usefixtures("door")
async def test_who_looks_at_the_home_sees_their_orders(slack: SlackStandIn, cards: Answered) -> None:
    """Opening the home tab shows the cards, in the person's language; the messages tab shows nothing new."""
    user = slack.person("U1", locale="fr-FR")
    await user.open_home("messages")
    cards.orders = ["T7"]
    await user.open_home()
    await slack.called("views.publish")
    assert user.home
    assert "Bonjour" in user.home.said
    assert "Order T7" in user.home.said
    assert len(slack.calls) == 2
    assert slack.refusals == []


@pytest.mark.usefixtures("door")
async def test_what_is_done_in_the_home_is_answered_privately_and_shown_there(
    slack: SlackStandIn, cards: Answered
) -> None:
    """A button of the home is answered by direct message, and the home is drawn again."""
    user = slack.person("U1")
    cards.orders = ["T7", "T8"]
    await user.open_home()
    await slack.called("views.publish")
    cards.orders = ["T8"]
    await user.press_home("Cancel")
    assert (await user.sees("Cancelled T7")).channel == user.direct
    await slack.called("views.publish", 2)
    assert user.home
    assert "Order T7" not in user.home.said
    assert SEEN[-1].place.private
    assert SEEN[-1].reply == ""
    assert slack.public_posts() == []
    assert slack.refusals == []


@pytest.mark.usefixtures("door")
async def test_a_form_opened_in_the_home_comes_back_to_it(slack: SlackStandIn) -> None:
    """A form that a button of the home opens is answered by direct message, and the home is drawn again."""
    user = slack.person("U1")
    await user.open_home()
    await slack.called("views.publish")
    await user.press_home("Buy something")
    await slack.called("views.open")
    await user.fill({"Product": "Cap"})
    assert (await user.sees("1 × cap")).channel == user.direct
    await slack.called("views.publish", 2)
    assert slack.refusals == []


@pytest.mark.usefixtures("door")
async def test_a_home_that_slack_refuses_breaks_nothing(slack: SlackStandIn) -> None:
    """Where the home cannot be shown, the person is served all the same."""
    user = slack.person("U1")
    slack.refuse("views.publish", "not_enabled")
    await user.open_home()
    await user.slash("/hello")
    assert "Hello" in user.screen()


def test_a_home_has_at_most_a_hundred_blocks() -> None:
    """However many cards there are, the home is taken, and holds whole cards only."""
    cards = [Card(f"Order {number}", (("One",), ("Two",))) for number in range(60)]
    drawn = home(cards)
    assert list(home_complaints(drawn)) == []
    blocks = drawn["blocks"]
    assert isinstance(blocks, list)
    assert BLOCKS - 4 < len(blocks) <= BLOCKS
    assert home([]) == {"type": "home", "blocks": []}
    assert list(home_complaints(home([Card("One")]))) == []


async def test_somebody_unknown_has_no_home(slack: SlackStandIn, connection: Connection) -> None:
    """Slack's refusal of a home is said so."""
    with pytest.raises(Unreachable, match="invalid_arguments"):
        await connection.publish("U404", home([Card("One")]))
    assert slack.refusals
