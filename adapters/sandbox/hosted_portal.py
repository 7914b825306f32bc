"""The customer portal's page, where a payer changes the card, and ends a subscription or takes that back.

It posts `action` (`cancel`, `resume` or `card`), with `subscription` or the card's `number, exp, cvc`.
"""

from datetime import UTC, datetime

from aiohttp import web

from adapters.sandbox import portal, subscriptions
from adapters.sandbox.cards import typed
from adapters.sandbox.drawing import drawn, sent_to
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal
from adapters.sandbox.form import CardForm
from adapters.sandbox.hosted_invoice import refused
from adapters.sandbox.rows import Row


def routes(engine: Engine) -> list[web.RouteDef]:
    """Give the page as routes."""
    page = PortalPage(engine)
    return [web.get("/p/session/{secret}", page.show), web.post("/p/session/{secret}", page.act)]


class PortalPage:
    """Shows a customer's subscriptions, and takes what is done with them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def show(self, request: web.Request) -> web.Response:
        """Show them as they stand."""
        row = self._row(request)
        return self._page(row, None, CardForm.prefilled(self._engine.now()), None)

    async def act(self, request: web.Request) -> web.Response:
        """Do what was pressed."""
        row, posted = self._row(request), await request.post()
        form = CardForm.posted(posted, self._engine.now())
        error = self._done(row, str(posted.get("action")), str(posted.get("subscription")), form)
        return sent_to(request.path) if error is None else self._page(row, error, form, str(posted.get("action")))

    def _done(self, row: Row, action: str, name: str, form: CardForm) -> str | None:
        try:
            with self._engine.books(row.account) as books:
                if not portal.visit(books, row):
                    return None
                theirs = portal.subscriptions(books, row.body)
                if action == "card":
                    error = form.error(datetime.fromtimestamp(self._engine.now(), UTC))
                    for subscription in theirs:
                        error = error or refused(form, subscription["currency"])
                    if error is None:
                        portal.pay_with(books, row.body, typed(form.fields["number"]))
                    return error
                if action not in {"cancel", "resume"} or name not in {each["id"] for each in theirs}:
                    return "There is no such subscription here."
                subscriptions.update(books, name, {"cancel_at_period_end": action == "cancel"})
        except Refusal as refusal:
            return refusal.message
        return None

    def _row(self, request: web.Request) -> Row:
        row = self._engine.storage.secret("billing_portal.session", request.match_info["secret"])
        if row is None:
            raise web.HTTPNotFound(text="There is no such session in this sandbox.")
        return row

    def _page(self, row: Row, error: str | None, form: CardForm, action: str | None) -> web.Response:
        with self._engine.books(row.account) as books:
            if not portal.visit(books, row):
                return drawn("portal_over.html", 410, session=row.body)
            theirs, due = portal.subscriptions(books, row.body), portal.open_invoices(books, row.body)
        ends = {each["id"]: _day(each["items"]["data"][0]["current_period_end"]) for each in theirs}
        return drawn(
            "portal.html",
            200 if error is None else 422,
            session=row.body,
            address=f"/p/session/{row.hidden['secret']}",
            subscriptions=theirs,
            invoices=due,
            ends=ends,
            error=error,
            form=form,
            card_error=action == "card",
        )


def _day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
