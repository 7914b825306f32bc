"""The hosted page: where a buyer pays a session, as checkout.stripe.com would show it.

The form's fields are `number, exp, cvc, name, email`, and where the session collects them `phone`, `shipping_name,
line1, line2, city, state, postal_code, country`, `shipping_rate` and `terms`. All of them come prefilled. A script
may post only some: what it leaves out is as the page prefills it.
"""

from datetime import UTC, datetime

from aiohttp import web

from adapters.sandbox.books import Books
from adapters.sandbox.completion import Declined, Submission, submit
from adapters.sandbox.currencies import written
from adapters.sandbox.drawing import drawn, sent_to
from adapters.sandbox.engine import Engine
from adapters.sandbox.errors import Refusal
from adapters.sandbox.form import EXAMPLES, Form, checked
from adapters.sandbox.payments import Payer
from adapters.sandbox.rows import Body, Row

_LABELS = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}


def routes(engine: Engine) -> list[web.RouteDef]:
    """Give the page as routes."""
    page = Page(engine)
    return [
        web.get("/", page.index),
        web.get("/c/pay/{id}", page.show),
        web.post("/c/pay/{id}", page.pay),
        web.get("/c/pay/{id}/authenticate", page.challenge),
        web.post("/c/pay/{id}/authenticate", page.authenticate),
    ]


class Page:
    """Shows sessions to buyers and takes what they type."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def index(self, _: web.Request) -> web.Response:
        """Say what listens here."""
        return drawn("index.html", 200)

    async def show(self, request: web.Request) -> web.Response:
        """Show a session as it stands."""
        row = self._row(request)
        return self._ended(row) or self._form(row, Form.prefilled(row.body, self._engine.now()), None, 200)

    async def pay(self, request: web.Request) -> web.Response:
        """Take what was typed."""
        row = self._row(request)
        ended = self._ended(row)
        if ended is not None:
            return ended if row.body["status"] == "expired" else _see_other(row.body)
        posted = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        form = Form.posted(row.body, posted, self._engine.now())
        submission = checked(row.body, form, datetime.fromtimestamp(self._engine.now(), UTC))
        if isinstance(submission, str):
            return self._form(row, form, submission, 422)
        return self._submitted(row, form, submission, confirmed=None)

    async def challenge(self, request: web.Request) -> web.Response:
        """Ask what 3-D Secure asks."""
        row = self._row(request)
        if row.body["status"] == "open" and not row.hidden["page"]:
            raise web.HTTPSeeOther(f"/c/pay/{row.id}")
        return self._ended(row) or drawn("authenticate.html", 200, session=row.body, total=_total(row.body))

    async def authenticate(self, request: web.Request) -> web.Response:
        """Take the answer to 3-D Secure."""
        row = self._row(request)
        ended = self._ended(row)
        if ended is not None:
            return ended if row.body["status"] == "expired" else _see_other(row.body)
        if not row.hidden["page"]:
            raise web.HTTPSeeOther(f"/c/pay/{row.id}")
        kept = row.hidden["page"]
        submission = Submission(kept["number"], Payer(**kept["payer"]), kept["rate"])
        confirmed = (await request.post()).get("outcome") == "complete"
        form = Form.prefilled(row.body, self._engine.now())
        return self._submitted(row, form, submission, confirmed=confirmed)

    def _submitted(self, row: Row, form: Form, submission: Submission, *, confirmed: bool | None) -> web.Response:
        waiting = {"number": submission.number, "payer": vars(submission.payer), "rate": submission.rate}
        try:
            with self._engine.books(row.account) as books:
                try:
                    session, declined = submit(books, row.body, submission, confirmed=confirmed), None
                except Declined as outcome:  # raised no further: what the attempt left behind is kept, as at Stripe
                    session, declined = row.body, str(outcome)
                _keep_page(books, row.id, waiting if session["status"] == "open" and declined is None else {})
        except Refusal as refusal:
            return self._form(row, form, refusal.message, 422)
        if declined is not None:
            return self._form(self._engine.storage.find(row.id) or row, form, declined, 402)
        if session["status"] == "open":
            return sent_to(f"/c/pay/{row.id}/authenticate")
        return _see_other(session)

    def _row(self, request: web.Request) -> Row:
        name = request.match_info["id"]
        self._engine.pass_time(name)
        row = self._engine.storage.find(name, kind="checkout.session")
        if row is None:
            raise web.HTTPNotFound(text="There is no such checkout session in this sandbox.")
        return row

    @staticmethod
    def _ended(row: Row) -> web.Response | None:
        match row.body["status"]:
            case "open":
                return None
            case "complete":
                return drawn("ended.html", 200, session=row.body, next=_success_url(row.body))
            case _:
                return drawn("ended.html", 410, session=row.body, next=row.body["cancel_url"])

    def _form(self, row: Row, form: Form, error: str | None, status: int) -> web.Response:
        session = row.body
        with self._engine.books(row.account) as books:
            rates = [books.get("shipping_rate", option["shipping_rate"]) for option in session["shipping_options"]]
        unshipped = session["amount_total"] - session["total_details"]["amount_shipping"]
        return drawn(
            "pay.html",
            status,
            session=session,
            items=row.hidden["items"],
            rates=[(rate, unshipped + rate["fixed_amount"]["amount"]) for rate in rates],
            form=form,
            error=error,
            total=_total(session),
            monthly=session["mode"] == "subscription",
            label=_LABELS.get(
                session["submit_type"] or "", "Subscribe" if session["mode"] == "subscription" else "Pay"
            ),
            examples=[example for example in EXAMPLES if example.currency in {None, session["currency"]}],
        )


def _see_other(session: Body) -> web.Response:
    return sent_to(_success_url(session))


def _success_url(session: Body) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _total(session: Body) -> str:
    return written(session["amount_total"], session["currency"])


def _keep_page(books: Books, name: str, page: Body) -> None:
    row = books.row("checkout.session", name)
    books.save(row.body, row.hidden | {"page": page})
