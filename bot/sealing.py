"""The seal: what every card and form must say, wherever it is shown: that the money is test money, where it is."""

from __future__ import annotations

from dataclasses import replace

from bot.chat import Card, Form, Scene


def seal(scene: Scene, card: Card) -> Card:
    """Say on a card that the money is test money, where it is."""
    if not scene.shop.test_money:
        return card
    note = scene.tongue.say("test_money")
    return replace(card, footer=(*card.footer, " ", *note) if card.footer else note)


def seal_form(scene: Scene, form: Form) -> Form:
    """Say on a form that the money is test money, where it is."""
    if not scene.shop.test_money:
        return form
    note = scene.tongue.say("test_money")
    return replace(form, intro=(*form.intro, " ", *note) if form.intro else note)
