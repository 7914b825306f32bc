"""The page of an invoice, on which it can be paid with another card, as invoice.stripe.com would show it.

The form's fields are `number, exp, cvc`; all come prefilled, and a script may post only some.
"""

from datetime import UTC, datetime

from aiohttp import web

from adapters.sandbox import dunning
from adapters.sandbox.cards import CURRENCY_OF, NOT_A_TEST_CARD, look_up, typed
from adapters.sandbox.drawing import drawn, sent_to
from adapters.sandbox.engine import Engine
from adapters.sandbox.form import CardForm
from adapters.sandbox.rows import Row


def routes(engine: Engine) -> list[web.RouteDef]:
    """Give the page as routes."""
    page = InvoicePage(engine)
    return [web.get("/i/{id}", page.show), web.post("/i/{id}", page.pay)]


class InvoicePage:
    """Shows an invoice to its payer, and takes a card."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def show(self, request: web.Request) -> web.Response:
        """Show an invoice as it stands."""
        row = self._row(request)
        return self._page(row, CardForm.prefilled(self._engine.now()), None, 200)

    async def pay(self, request: web.Request) -> web.Response:
        """Take what was typed."""
        row = self._row(request)
        if row.body["status"] != "open":
            return self._page(row, None, None, 200)
        form = CardForm.posted(await request.post(), self._engine.now())
        error = form.error(datetime.fromtimestamp(self._engine.now(), UTC)) or refused(form, row.body["currency"])
        if error is not None:
            return self._page(row, form, error, 422)
        with self._engine.books(row.account) as books:
            payment = dunning.mend(books, row.id, typed(form.fields["number"]))
        if payment["status"] == "requires_payment_method":
            return self._page(self._row(request), form, payment["last_payment_error"]["message"], 402)
        return sent_to(f"/i/{row.id}")

    def _row(self, request: web.Request) -> Row:
        row = self._engine.storage.find(request.match_info["id"], kind="invoice")
        if row is None:
            raise web.HTTPNotFound(text="There is no such invoice in this sandbox.")
        return row

    @staticmethod
    def _page(row: Row, form: CardForm | None, error: str | None, status: int) -> web.Response:
        return drawn("invoice.html", status, invoice=row.body, form=form, error=error)


def refused(form: CardForm, currency: str) -> str | None:
    """Say why a number cannot be taken where no session stands behind it."""
    method = look_up(typed(form.fields["number"]))
    if method is None or method.decline is NOT_A_TEST_CARD:  # which may be somebody's own: it is kept nowhere
        return NOT_A_TEST_CARD.message
    if method.challenge:
        return "This page of the sandbox cannot ask for 3-D Secure: use another test card."
    kept = CURRENCY_OF.get(method.type)
    if kept not in {None, currency}:
        return f"This bank account can only be debited in {str(kept).upper()}."
    return None
