"""The demo: the main job with nothing to set up, on a shop of its own, with a sandbox in Stripe's place."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from adapters.database.lock import Lock
from adapters.sandbox.server import Sandbox
from adapters.sandbox.webhooks import Endpoint
from bot.app.plan import Plan
from bot.app.running import App
from bot.chat import Context
from bot.settings import Discord, Settings, Slack
from bot.staff import staff_path
from bot.tokens import Signer
from config.read import read
from config.sample import SAMPLE, reopened, retirement_lines

#: What the demo keeps beside its database, so that cookies and pay links outlive a restart.
_SECRET: Final = "demo.secret"  # noqa: S105 - a file's name
_PORT: Final = "demo.stripe.port"


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo."""

    app: App
    sandbox: str
    staff: str
    config: Path
    lines: tuple[int, int] | None


@asynccontextmanager
async def demo(*, config: Path | None, folder: Path, port: int | None, fresh: bool) -> AsyncIterator[Demo]:
    """Open the demo on `config` (else a sample of its own in `folder`), with its database and secret in `folder`."""
    with alone(folder):
        config = _furnish(folder, config, fresh=fresh)
        async with _open(folder, config, port) as opened:
            yield opened


@asynccontextmanager
async def _open(folder: Path, config: Path, port: int | None) -> AsyncIterator[Demo]:
    names = read(config)
    keys = {name: f"sk_test_demo_{account or 'shop'}" for account, name in names.account_keys.items()}
    hooks = {name: f"whsec_demo_{account or 'shop'}" for account, name in names.account_webhook_secrets.items()}
    secret = secret_of(folder)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(_sandbox(folder, keys.values()))
        environ = {**keys, **hooks, "STRIPE_API_BASE": sandbox.base, "TILLBOT_SECRET": secret}
        signer, address = Signer(secret), [""]
        plan = Plan(
            config=config,
            database=f"sqlite:///{folder / 'demo.sqlite3'}",
            environ=environ,
            host="127.0.0.1",
            port=port,
            sandbox=True,
            adjust=as_demo,
            hints=lambda ctx: hints(ctx, config, address[0] + staff_path(signer)),
        )
        app = await stack.enter_async_context(App.open(plan))
        for account, name in names.account_keys.items():
            hook = hooks[names.account_webhook_secrets[account]]
            sandbox.listen(keys[name], Endpoint(webhook(app.address, account), hook))
        address[0] = app.address
        yield Demo(app, sandbox.base, app.address + staff_path(signer), config, retirement_lines(config))


@asynccontextmanager
async def _sandbox(folder: Path, keys: Iterable[str]) -> AsyncIterator[Sandbox]:
    """Run the sandbox at the port it had before, so that Pay links of before a restart still lead to their page."""
    kept = folder / _PORT
    before = kept.read_text(encoding="utf-8").strip() if kept.exists() else ""
    async with AsyncExitStack() as stack:
        path, accounts = folder / "demo.stripe.sqlite3", dict.fromkeys(keys)
        try:
            port = int(before) if before.isdecimal() else 0
            sandbox = await stack.enter_async_context(Sandbox(path=path, accounts=accounts, port=port))
        except (OSError, OverflowError):  # somebody else has it now, or it never was one
            sandbox = await stack.enter_async_context(Sandbox(path=path, accounts=accounts))
        kept.write_text(sandbox.base.rpartition(":")[2], encoding="utf-8")
        yield sandbox


def hints(ctx: Context, config: Path, staff: str) -> Sequence[str]:
    """Say what to try, in the reader's language; last of all, how to close Buy. `staff` is a link to the staff's desk."""
    word = ctx.tongue.word
    tries = [word("demo.try_buy"), word("demo.try_pay"), word("demo.try_donate"), word("demo.try_orders")]
    if not ctx.person.admin:
        tries.append(word("demo.try_staff", url=staff))
    lines = retirement_lines(config)
    if lines:
        tries.append(word("demo.try_close", first=str(lines[0]), last=str(lines[1]), file=_short(config)))
    return tries


def as_demo(settings: Settings, address: str) -> Settings:
    """Give a shop's settings as a demo has them: the web chat alone, at its own address."""
    web = replace(settings.web, chat=True, public_url=address)
    limits = replace(settings.limits, person=200, address=200)  # one curious visitor is all the people there are
    return replace(settings, web=web, limits=limits, slack=Slack(), discord=Discord(), notify={"web": "staff"})


def webhook(address: str, account: str) -> str:
    """Give the address that an account's events go to."""
    return f"{address}/stripe/webhook" + (f"/{quote(account)}" if account else "")


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only demo in a folder, before anything in it is touched."""
    folder.mkdir(parents=True, exist_ok=True)
    with Lock(folder / "demo").held():
        yield


def _furnish(folder: Path, config: Path | None, *, fresh: bool) -> Path:
    """Forget what was, if asked, and give the demo a config to edit where there is none to be found."""
    path = config or folder / "shop.toml"
    if fresh:
        for old in (*folder.glob("demo.*sqlite3*"), folder / _SECRET):
            old.unlink(missing_ok=True)
        opened = reopened(path.read_text(encoding="utf-8")) if path.exists() else None
        if opened is not None:
            path.write_text(opened, encoding="utf-8")
    if not path.exists():
        shutil.copyfile(SAMPLE, path)
    return path


def secret_of(folder: Path) -> str:
    """Give the secret that a demo's folder keeps, made where there is none."""
    path = folder / _SECRET
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def _short(path: Path) -> str:
    """Name a path from here, where it is below here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
