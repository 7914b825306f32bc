"""The buyer's pages: pay, thanks, cancelled, and the status of a retirement; what has retired answers 410 with its notice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final, Protocol

from aiohttp import web
from yarl import URL

from adapters.web.page import card_page
from adapters.web.people import People
from adapters.web.render import render
from bot.chat import Person, Place
from bot.conversation import Conversation
from bot.orders import State
from bot.own_data import File, Form
from bot.pages import Gone, Page, Redirect
from bot.public_calendar import Sunset
from bot.tokens import Signer
from bot.words import Tongue

#: States in which the page of thanks looks again by itself.
_WAITING: Final = frozenset({State.DRAFT, State.AWAITING, State.PROCESSING})


class Pages(Protocol):
    """What the pages show. A token that was not signed by us is a Page of status 404. Raises StoreUnavailable."""

    async def pay(self, token: str, locale: str, address: str) -> Redirect | Page | Gone:
        """Lead to the checkout of an order, or say why not."""
        ...

    async def thanks(self, token: str, locale: str) -> Page:
        """Thank for a payment, whatever is known of it by now."""
        ...

    async def cancelled(self, token: str, locale: str) -> Page:
        """Say that nothing was paid, and how to go on."""
        ...

    async def retirement(self, locale: str) -> Page:
        """Say what retires and when; a page of status 404 where nothing does."""
        ...

    async def calendar(self, locale: str) -> str:
        """Write the calendar of what retires (RFC 5545); "" where nothing does."""
        ...

    async def feed(self, locale: str) -> str:
        """Write the feed of what retires (RFC 4287); "" where nothing does."""
        ...

    async def go(self, name: str, item: str, locale: str) -> str | Page:
        """Give the address of a place to buy instead, and count that; a page of status 404 where there is none such."""
        ...

    async def export(self, token: str, locale: str, form: Form) -> File | Page:
        """Give a person's own file; a page of status 404 where the link is none of ours, or has ended."""
        ...


class BuyerPages:
    """Serves what `pages` says. `home` is where people go back to: the chat ("/"), else the shop's homepage."""

    def __init__(
        self,
        conversation: Conversation,
        signer: Signer,
        pages: Pages,
        *,
        home: str = "/",
        chat: bool = True,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._conversation = conversation
        self._pages = pages
        self._home = home
        self._chat = chat
        self._people = People(signer, locales=conversation.language.locales, trusted_proxies=trusted_proxies)

    def routes(self) -> list[web.RouteDef]:
        """Give the routes of the pages."""
        return [
            # A link may be fetched before anybody presses it: HEAD must not lead anywhere.
            web.get("/pay/{token}", self._pay, allow_head=False),
            web.get("/thanks/{token}", self._thanks),
            web.get("/cancelled/{token}", self._cancelled),
            # Neither must a preview fetch what is a person's own.
            web.get("/export/{token}", self._export, allow_head=False),
            # A preview is no click.
            web.get("/go/{alternative}", self._go, allow_head=False),
            web.get("/retirement", self._retirement),
            web.get("/retirement.json", self._retirement_json),
            web.get("/retirement.ics", self._retirement_calendar),
            web.get("/retirement.atom", self._retirement_feed),
        ]

    async def _pay(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        answer = await self._pages.pay(request.match_info["token"], locale, self._people.address(request))
        match answer:
            case Redirect():
                leading = web.Response(status=303, headers={"Location": answer.url})
                if answer.sunset:
                    add_sunset(leading, answer.sunset)
                return leading
            case Page():
                return self._draw(answer, locale)
            case Gone():
                response = self._draw(Page(answer.card, 410), locale)
                add_sunset(response, answer.sunset)
                for address in answer.alternates:
                    response.headers.add("Link", f'<{URL(address)}>; rel="alternate"')
                return response

    async def _thanks(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        page = await self._pages.thanks(request.match_info["token"], locale)
        return self._draw(page, locale, waits=page.card.state in _WAITING)

    async def _cancelled(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        return self._draw(await self._pages.cancelled(request.match_info["token"], locale), locale)

    async def _export(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        form: Form = "csv" if request.query.get("form") == "csv" else "json"
        found = await self._pages.export(request.match_info["token"], locale, form)
        if isinstance(found, Page):
            return self._draw(found, locale)
        saved = {"Content-Disposition": f'attachment; filename="{found.name}"'}
        return web.Response(text=found.text, content_type=found.type, charset="utf-8", headers=saved)

    async def _go(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        found = await self._pages.go(request.match_info["alternative"], request.query.get("item", ""), locale)
        if isinstance(found, Page):
            return self._draw(found, locale)
        headers = {"Location": str(URL(found)), "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
        return web.Response(status=HTTPStatus.FOUND, headers=headers)

    async def _retirement(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        page = await self._pages.retirement(locale)
        return self._draw(page, locale, feed="/retirement.atom" if page.status == HTTPStatus.OK else "")

    async def _retirement_json(self, request: web.Request) -> web.Response:
        locale = self._tongue(request).locale
        page = await self._pages.retirement(locale)
        notice = render(page.card, self._conversation.tongue(locale).zone)
        return web.json_response({**page.data, "notice": notice}, status=page.status)

    async def _retirement_calendar(self, request: web.Request) -> web.Response:
        text = await self._pages.calendar(self._tongue(request).locale)
        return web.Response(text=text, content_type="text/calendar", charset="utf-8", status=200 if text else 404)

    async def _retirement_feed(self, request: web.Request) -> web.Response:
        text = await self._pages.feed(self._tongue(request).locale)
        status = HTTPStatus.OK if text else HTTPStatus.NOT_FOUND
        return web.Response(text=text, content_type="application/atom+xml", charset="utf-8", status=status)

    def _tongue(self, request: web.Request) -> Tongue:
        reader = Person("web", id="", user="", locale=self._people.locale(request))
        return self._conversation.context(reader, Place("web"), key="").tongue

    def _draw(self, page: Page, locale: str, *, waits: bool = False, feed: str = "") -> web.Response:
        tongue = self._conversation.tongue(locale)
        html = card_page(page.card, tongue, home=self._home, chat=self._chat, waits=waits, feed=feed)
        return web.Response(text=html, status=page.status, content_type="text/html")


def add_sunset(response: web.Response, sunset: Sunset) -> None:
    """Say for programs when an address ends: `Sunset` and its link (RFC 8594), `Deprecation` as a date (RFC 9745)."""
    response.headers["Sunset"] = format_datetime(sunset.at.astimezone(UTC), usegmt=True)
    response.headers["Deprecation"] = f"@{int(sunset.announced.timestamp())}"
    response.headers.add("Link", f'<{URL(sunset.link)}>; rel="sunset"; type="text/html"')
