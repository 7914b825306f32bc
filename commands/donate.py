"""/donate: choose a cause and an amount, once or monthly, and get a pay link. Nothing closes this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.chat import (
    Answers,
    Card,
    ChecksField,
    Choice,
    ChoiceField,
    Command,
    Context,
    Form,
    Opening,
    Option,
    TextField,
    Then,
)
from bot.donations import Cause, Gift
from bot.errors import BadAmount, BelowMinimum, UnknownCause
from bot.money import parse
from bot.selling import check_minimum
from commands.fold import fold
from commands.order_card import order_card

_MOST_DEDICATION: Final = 200


def causes(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete a cause."""
    wanted = fold(typed)
    return [Choice(cause.id, cause.name) for cause in ctx.shop.settings.causes.values() if wanted in fold(cause.name)]


def amounts(ctx: Context, typed: str) -> Sequence[Choice]:
    """Complete an amount with the first cause's presets."""
    offered = next((cause.presets for cause in ctx.shop.settings.causes.values()), ())
    return [Choice(preset.typed(), ctx.tongue.money(preset)) for preset in offered if preset.typed().startswith(typed)]


def rhythms(ctx: Context, typed: str) -> Sequence[Choice]:  # noqa: ARG001 - both are always offered
    """Offer once and monthly."""
    return [Choice("once", ctx.tongue.word("donate.once")), Choice("monthly", ctx.tongue.word("donate.monthly"))]


donate = Command(
    "donate",
    options=(
        Option("amount", suggest=amounts),
        Option("cause", suggest=causes),
        Option("rhythm", suggest=rhythms),
        Option("dedication"),
    ),
)


@donate.reads
def read(ctx: Context, words: Sequence[str]) -> Mapping[str, str]:
    """Read `12,50 € to "Clean water" monthly`."""
    typed: dict[str, str] = {}
    monthly = {"monthly", *_list(ctx, "donate.monthly_words")}
    to = {"to", "for", *_list(ctx, "donate.to_words")}
    amount: list[str] = []
    cause: list[str] = []
    into = amount
    for word in words:
        plain = word.casefold()
        if plain in monthly:
            typed["rhythm"] = "monthly"
        elif plain in to and into is amount:
            into = cause
        else:
            into.append(word)
    if cause:
        typed["cause"] = " ".join(cause)
    if amount and not cause and not any(character.isdigit() for word in amount for character in word):
        typed["cause"] = " ".join(amount)
    elif amount:
        typed["amount"] = " ".join(amount)
    return typed


@donate.opens
def ask(ctx: Context, typed: Mapping[str, str]) -> Opening:
    """Answer with the gift where all is said, else with the form, with what was typed in it."""
    everything = tuple(ctx.shop.settings.causes.values())
    if not everything:
        raise UnknownCause(typed.get("cause", ""))
    cause = find(ctx, typed["cause"]) if typed.get("cause") else everything[0] if len(everything) == 1 else None
    amount = typed.get("amount", "")
    if amount:
        parse(amount, (cause or everything[0]).currency)  # say at once what is wrong with it
    if cause is None or not amount:
        return _form(ctx, {**typed, "cause": cause.id if cause else ""})
    return Then(give, Answers.of(**{**typed, "cause": cause.id, "rhythm": typed.get("rhythm") or "once"}))


@donate.step
async def give(ctx: Context, answers: Answers) -> Card:
    """Write the gift down, open its checkout session, and answer with the pay link."""
    return order_card(ctx, await ctx.till.giving.give(ctx, _gift(ctx, answers)))


@give.check
def wrong(ctx: Context, answers: Answers) -> Mapping[str, str]:
    """Say in place what is wrong with the form."""
    from commands.replies import sentence  # the replies offer this command

    try:
        gift = _gift(ctx, answers)
        check_minimum(ctx.shop, gift.gross)
    except UnknownCause as error:
        return {"cause": sentence(ctx, error)}
    except (BadAmount, BelowMinimum) as error:
        return {"amount": sentence(ctx, error)}
    return {}


def find(ctx: Context, typed: str) -> Cause:
    """Find the one cause that is meant. Raises UnknownCause."""
    known = ctx.shop.settings.causes
    if typed in known:
        return known[typed]
    found = [cause for cause in known.values() if fold(typed) in fold(cause.name)]
    if not typed or len(found) != 1:
        raise UnknownCause(typed, tuple(cause.name for cause in known.values()))
    return found[0]


def _gift(ctx: Context, answers: Answers) -> Gift:
    cause = find(ctx, answers["cause"])
    options = answers.many("options")
    return Gift(
        cause=cause,
        net=parse(answers["amount"], cause.currency),
        rhythm="monthly" if answers["rhythm"] == "monthly" else "once",
        dedication=answers["dedication"][:_MOST_DEDICATION],
        anonymous="anonymous" in options,
        cover_fees="cover_fees" in options,
    )


def _form(ctx: Context, typed: Mapping[str, str]) -> Form:
    word = ctx.tongue.word
    everything = tuple(ctx.shop.settings.causes.values())
    chosen = ctx.shop.settings.causes.get(typed.get("cause", "")) or everything[0]
    return Form(
        title=word("donate.form"),
        fields=(
            ChoiceField("cause", word("option.cause"), tuple(causes(ctx, "")), required=True, value=chosen.id),
            TextField(
                "amount",
                word("option.amount"),
                "amount",
                required=True,
                value=typed.get("amount", ""),
                hint=word("donate.amount_hint", currency=chosen.currency),
                suggestions=tuple(preset.typed() for preset in chosen.presets),
                most=20,
            ),
            ChoiceField("rhythm", word("option.rhythm"), tuple(rhythms(ctx, "")), value=typed.get("rhythm") or "once"),
            TextField(
                "dedication", word("option.dedication"), value=typed.get("dedication", ""), most=_MOST_DEDICATION
            ),
            ChecksField(
                "options",
                word("option.options"),
                (
                    Choice("anonymous", word("donate.stay_anonymous")),
                    Choice("cover_fees", word("donate.cover_fees")),
                ),
            ),
        ),
        submit=word("donate.submit"),
        to=give,
        intro=ctx.tongue.say("donate.intro", recipients=_recipients(ctx)),
    )


def _recipients(ctx: Context) -> str:
    names = dict.fromkeys(cause.recipient for cause in ctx.shop.settings.causes.values())
    return ctx.tongue.language.names(tuple(names), ctx.tongue.locale)


def _list(ctx: Context, key: str) -> list[str]:
    return ctx.tongue.word(key).casefold().split()
