"""Refunds and disputes as the staff reads and types them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from bot.chat import Action, Button, Card, Form, Scene, Step, TextField
from bot.errors import BadAmount
from bot.money import SIGNS, Money, parse
from bot.orders import Order
from bot.outbox import Warned
from bot.refunds import ELSEWHERE, OPEN, RefundEntry, Stage
from bot.returns import Returns
from bot.words import Rich

#: The longest reason that is kept, in characters.
MOST_REASON: Final = 200
#: Why a refund was not made, where that was not Stripe's word.
_OURS: Final = {"declined", "disputed", "nothing_left"}
#: What stands after an amount and belongs to it: a sign, or a code as ISO 4217 writes it.
_UNIT: Final = re.compile(r"[A-Z]{3}")


def form(scene: Scene, step: Step, number: str, reason: str = "") -> Form:
    """Ask how much of an order goes back, and why."""
    word = scene.tongue.word
    fields = (
        TextField("amount", word("refund.amount"), "amount", hint=word("refund.amount_hint"), most=20),
        TextField("reason", word("refund.reason"), value=reason[:MOST_REASON], most=MOST_REASON),
    )
    return Form(word("shop.refund"), fields, word("shop.refund"), step, value=number)


def begins_with_amount(note: str) -> bool:
    """Tell whether what was typed begins with what can only be meant as an amount."""
    first = note.partition(" ")[0]
    return any(letter.isdigit() for letter in first) or first.casefold() in {sign.casefold() for sign in SIGNS}


def read(note: str, currency: str) -> tuple[Money, str]:
    """Read "12,50 € chipped": an amount in the order's currency, then the reason. Raises BadAmount where it is in doubt."""
    words = note.split()
    many = 2 if len(words) > 1 and _one_amount(words[0], words[1]) else 1
    return parse(" ".join(words[:many]), currency), " ".join(words[many:])[:MOST_REASON]


def _one_amount(first: str, second: str) -> bool:
    """Tell whether the second word belongs to the first: "5 €", "€ 5", "12 EUR". "1 000" does not: it is two readings."""
    signs = {sign.casefold() for sign in SIGNS} | {code.casefold() for codes in SIGNS.values() for code in codes}
    if second[:1].isdigit():
        if first.casefold() in signs or _UNIT.fullmatch(first):
            return True
        raise BadAmount(f"{first} {second}", "ambiguous")
    return second.casefold() in signs or _UNIT.fullmatch(second) is not None


def lines(scene: Scene, order: Order, returns: Returns) -> tuple[Rich, ...]:
    """Say of each refund and each dispute how it stands; and what the staff must not do any more."""
    found = [_refund(scene, entry) for entry in returns.refunds]
    found += [
        scene.tongue.say(
            f"dispute.{dispute.status}_due"
            if dispute.status == "open" and dispute.due
            else f"dispute.{dispute.status}",
            amount=dispute.amount,
            reason=dispute.reason,
            due=dispute.due or "",
        )
        for dispute in returns.disputes
    ]
    if order.disputed_away:
        found.append(scene.tongue.say("staff.taken_back"))
    return tuple(found)


def buttons(scene: Scene, entries: Sequence[RefundEntry]) -> tuple[Action, ...]:
    """Offer to approve or decline what waits for a second admin."""
    return tuple(button for entry in entries if entry.stage is Stage.ASKED for button in decisions(scene, entry.id))


def decisions(scene: Scene, refund_id: str) -> tuple[Action, ...]:
    """Offer to approve or decline a refund."""
    from commands.shop import approve, decline  # the steps give cards with these buttons

    word = scene.tongue.word
    return (
        Button(word("refund.approve"), approve, refund_id, style="primary"),
        Button(word("refund.decline"), decline, refund_id, style="danger"),
    )


def warning(scene: Scene, warned: Warned) -> Card:
    """Warn admins; where they are asked something, with the buttons that answer."""
    values: dict[str, Any] = dict(warned.values)
    refund = values.pop("refund", "")
    actions = decisions(scene, str(refund)) if refund else ()
    if "why" in values:
        values["why"] = _why(scene, str(values["why"]))
    title = scene.tongue.word("refund.asked_title" if refund else "alert.order_title", number=values["number"])
    return Card(title, (scene.tongue.say(warned.key, **values),), actions=actions, tone="warn")


def answer(scene: Scene, entry: RefundEntry | None) -> tuple[Rich, ...]:
    """Tell the admin who asked, approved or declined what came of it."""
    if entry is None:
        return (scene.tongue.say("refund.nothing_left"),)
    if entry.stage in OPEN:
        return (scene.tongue.say(f"refund.now_{entry.stage}", amount=entry.amount),)
    return ()


def _why(scene: Scene, why: str) -> str:
    """Say why a refund was not made: our own reasons in words, Stripe's by its code."""
    return scene.tongue.word(f"refund.not_made_{why}") if why in _OURS else why


def _refund(scene: Scene, entry: RefundEntry) -> Rich:
    say = scene.tongue.say
    by = scene.tongue.word("refund.elsewhere") if entry.asked_by == ELSEWHERE else entry.asked_by
    parts: list[Rich] = [say(f"refund.{entry.stage}", amount=entry.amount, by=by)]
    if entry.reason:
        parts.append(say("refund.because", reason=entry.reason))
    if entry.stage is Stage.REFUSED and entry.why:
        parts.append(say("refund.why", why=_why(scene, entry.why)))
    return tuple(piece for part in parts for piece in (*part, " "))[:-1]
