"""How the sandbox's pages are drawn and sent."""

import secrets
from pathlib import Path

import jinja2
from aiohttp import web

from adapters.sandbox.currencies import written

_PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True, undefined=jinja2.StrictUndefined
)


def drawn(template: str, status: int, **values: object) -> web.Response:
    """Answer with a page."""
    nonce = secrets.token_urlsafe(16)
    text = _PAGES.get_template(template).render(nonce=nonce, written=written, **values)
    headers = {
        # No form-action: browsers apply it to the redirect that leads back to the shop too.
        "Content-Security-Policy": f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}';"
        " img-src data:; base-uri 'none'; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(status=status, text=text, headers=headers, content_type="text/html", charset="utf-8")


def sent_to(address: str) -> web.Response:
    """Send the browser elsewhere after a form was taken."""
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
