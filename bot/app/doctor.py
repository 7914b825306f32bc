"""The doctor: tries every credential, permission and connection of a configured shop, and says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from adapters.database.database import Database
from adapters.stripe.doctor import examine
from adapters.stripe.payments import StripePayments
from bot.app import plugins
from bot.app.accounts import Accounts
from bot.app.doors import examinations
from bot.errors import BadConfig, StoreUnavailable
from bot.findings import Finding
from bot.hearing import Hearing
from bot.memory import StoredMemory
from bot.settings import Settings
from bot.tokens import SHORTEST
from commands.menu import MENU
from config.bases import Bases
from config.read import read
from config.secrets import Secrets
from config.words import Words


async def findings(config: Path, database: str, environ: Mapping[str, str], *, sandbox: bool) -> AsyncIterator[Finding]:
    """Try one thing after another, and say each as soon as it is known."""
    try:
        settings = read(config)
    except BadConfig as error:
        for problem in error.problems:
            yield Finding("the config", well=False, says=str(problem), todo="mend it; `tillbot check` says the same")
        return
    yield Finding("the config", well=True, says=f"{config} is good")
    vault, bases = Secrets(environ), Bases.of(environ)
    words = Words.load(settings.default_locale, more=plugins.locales())
    yield _secret(vault)
    accounts = Accounts(vault, bases, sandbox=sandbox)
    try:
        accounts.prepare(settings)
    except BadConfig as error:
        for problem in error.problems:
            yield Finding("the environment", well=False, says=str(problem), todo="see .env.example")
    try:
        try:
            opened = await Database.open(database)
        except (StoreUnavailable, ValueError) as error:
            yield Finding("the database", well=False, says=str(error), todo="see DATABASE_URL, and the disk")
            return
        async with opened:
            memory = StoredMemory(opened.store)
            async for found in _database(opened):
                yield found
            async for found in _stripe(settings, accounts, Hearing(opened.store)):
                yield found
            async for found in examinations(
                settings, vault, bases, commands=plugins.menu(MENU), language=words, memory=memory
            ):
                yield found
    finally:
        await accounts.aclose()


def _secret(vault: Secrets) -> Finding:
    todo = "set it to a long random text, for example from: openssl rand -hex 32"
    try:
        short = len(vault.need("TILLBOT_SECRET")) < SHORTEST
    except BadConfig as error:
        return Finding("TILLBOT_SECRET", well=False, says=error.problems[0].what, todo=todo)
    return Finding(
        "TILLBOT_SECRET", well=not short, says="is too short" if short else "is set", todo=todo if short else ""
    )


async def _database(opened: Database) -> AsyncIterator[Finding]:
    try:
        await opened.store.writable()
    except StoreUnavailable as error:
        yield Finding("the database", well=False, says=str(error), todo="free the disk, or its lock")
        return
    yield Finding("the database", well=True, says="takes writes")
    for parked in await opened.jobs.parked():
        todo = "mend what it says; the job is tried again when it is put back"
        yield Finding(f"job {parked.id}", well=False, says=f"{parked.kind} failed too often: {parked.error}", todo=todo)


async def _stripe(settings: Settings, accounts: Accounts, hearing: Hearing) -> AsyncIterator[Finding]:
    for account in settings.account_keys:
        try:
            payments = accounts(account)
        except LookupError:
            continue  # its key is missing, which was said
        if isinstance(payments, StripePayments):
            path = f"/stripe/webhook/{account}".rstrip("/")
            endpoint = settings.web.public_url.rstrip("/") + path if settings.web.public_url else ""
            heard, refused = await hearing.last(account)
            for found in await examine(payments, endpoint=endpoint, heard=heard, refused=refused):
                yield found
