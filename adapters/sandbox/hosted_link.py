"""The address of a Payment Link, as buy.stripe.com would answer it: each visit gets a session of its own, or the notice."""

from aiohttp import web

from adapters.sandbox import payment_links
from adapters.sandbox.drawing import drawn, sent_to
from adapters.sandbox.engine import Engine


def routes(engine: Engine) -> list[web.RouteDef]:
    """Give the page as routes."""

    async def visit(request: web.Request) -> web.Response:
        """Lead to a page to pay on, or say that the link is not active."""
        row = engine.storage.find(request.match_info["id"], kind="payment_link")
        if row is None:
            raise web.HTTPNotFound(text="There is no such payment link in this sandbox.")
        if not row.body["active"]:
            return drawn("link_over.html", 410, message=row.body["inactive_message"])
        with engine.books(row.account) as books:
            session = payment_links.visited(books, row.id)
        return sent_to(f"/c/pay/{session['id']}")

    return [web.get("/b/{id}", visit)]
