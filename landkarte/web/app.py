"""The location of a data package comes in; a web application goes out, and a server that keeps quiet about its visitors."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from landkarte.web import assets, colours, datasets, details, pages
from landkarte.web.cards import offer_path
from landkarte.web.live import Live
from landkarte.web.render import Site, Unready, asked, environment, error_tongue
from landkarte.web.security import HEADERS, Shielded

SITEMAP = 49_990  # offers; a sitemap may hold 50,000 addresses


def create_app(
    location: str | Path,
    *,
    catalogue_url: str | None = None,
    address: str | None = None,
    refresh_seconds: float | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Make the application for the package at `location`, a folder or the address of a datapackage.json.

    `catalogue_url` is the CKAN the datasets page links to, `address` the public address where a proxy hides it. The location is
    looked at every `refresh_seconds` (a folder 5, an address 30). `routes` come before ours. Nothing published yet is no error:
    the pages say so until there is something.
    """
    remote = str(location).startswith(("http://", "https://"))
    live = Live(location, now=now, every=refresh_seconds if refresh_seconds is not None else 30.0 if remote else 5.0)
    live.refresh()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(live.watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    app = Starlette(
        routes=[*routes, *ROUTES],
        middleware=[Middleware(Shielded), Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)],
        exception_handlers={HTTPException: _refused, Unready: _unready, Exception: _broken},
        lifespan=lifespan,
    )
    app.state.live = live
    app.state.site = Site((catalogue_url or "").rstrip("/"), (address or "").rstrip("/"))
    return app


def run(app: Starlette, host: str, port: int) -> None:
    """Serve until stopped. The log names method, path, status and time, never a query string or a visitor's address."""
    logging.basicConfig(format="%(asctime)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
    logging.getLogger("landkarte").setLevel(logging.INFO)
    uvicorn.run(app, host=host, port=port, access_log=False, server_header=False, log_level="warning")


def health(request: Request) -> Response:
    """Say whether there is something to show, and what."""
    live: Live = request.app.state.live
    view = live.view
    answer = {
        "status": "ok" if view else "empty",
        "offers": view.index.listed.bit_count() if view else 0,
        "publication": view.index.package.publication if view else "",
        "problem": bool(live.problem),
    }
    return Response(
        orjson.dumps(answer), 200 if view else 503, media_type="application/json", headers={"Cache-Control": "no-store"}
    )


def palette(request: Request) -> Response:
    """The city's colours as a style sheet."""
    live: Live = request.app.state.live
    descriptor = live.view.index.package.descriptor if live.view else {}
    return Response(colours.style(descriptor), headers={"Cache-Control": assets.FOREVER}, media_type="text/css; charset=utf-8")


def robots(request: Request) -> Response:
    """Welcome search engines on every page, but not on every combination of filters."""
    base = (request.app.state.site.address or str(request.base_url)).rstrip("/")
    return PlainTextResponse(f"User-agent: *\nDisallow: /*?\nAllow: /*?lang=\nSitemap: {base}/sitemap.xml\n")


def sitemap(request: Request) -> Response:
    """The addresses of all offers."""
    ask = asked(request)
    paths = ["/", "/karte", "/stadtteile", "/daten", *map(offer_path, islice(ask.view.index.rows, SITEMAP))]
    entries = "".join(f"<url><loc>{ask.address}{path}</loc></url>" for path in paths).replace("&", "&amp;")
    return Response(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>\n',
        media_type="application/xml",
    )


def icon(_: Request) -> Response:
    return RedirectResponse(assets.url("icon.svg"), 302)


def _refused(request: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    tongue = error_tongue(request)
    heading = tongue.gettext("Diese Seite gibt es nicht.") if code == 404 else tongue.gettext("Das geht hier nicht.")
    return _error(request, code, heading)


def _unready(request: Request, _: Exception) -> Response:
    return _error(
        request, 503, error_tongue(request).gettext("Es ist noch nichts veröffentlicht. Bitte schauen Sie gleich noch einmal.")
    )


def _broken(request: Request, _: Exception) -> Response:
    return _error(
        request, 500, error_tongue(request).gettext("Hier ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal.")
    )


def _error(request: Request, code: int, heading: str) -> Response:
    """An error page that needs no package."""
    tongue = error_tongue(request)
    html = environment(tongue.code).get_template("bare.html").render(tongue=tongue, code=code, heading=heading)
    # the page for what nobody expected leaves outside of our middleware, so it brings the headers itself
    headers = dict(HEADERS) | ({"Retry-After": "10"} if code == 503 else {})
    return Response(html, code, media_type="text/html; charset=utf-8", headers={"Cache-Control": "no-store", **headers})


ROUTES: tuple[BaseRoute, ...] = (
    Route("/", pages.offers_page),
    Route("/karte", pages.map_page),
    Route("/karte.json", pages.points),
    Route("/stadtteile", pages.districts_page),
    Route("/grenzen/{which}.geojson", pages.borders),
    Route("/angebote.{kind}", pages.download),
    Route("/angebot/{offer_id:path}", details.offer_page),
    Route("/termine/{offer_id:path}", details.calendar),
    Route("/fehler/{offer_id:path}", details.report_page),
    Route("/quelle/{key}", datasets.source_page),
    Route("/daten", datasets.data_page),
    Route("/daten/{name}", datasets.data_file),
    Route("/farben-{version}.css", palette),
    Route("/static/{version}/{path:path}", assets.static),
    Route("/healthz", health),
    Route("/robots.txt", robots),
    Route("/sitemap.xml", sitemap),
    Route("/favicon.ico", icon),
)
