"""A template's name and values come in; a response in the reader's language goes out, or "not modified"."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from landkarte.web import assets, colours, query
from landkarte.web.elsewhere import also
from landkarte.web.i18n import Tongue, choose, direction, tongues
from landkarte.web.live import View
from landkarte.web.query import Query

TEMPLATES = Path(__file__).parent / "templates"
FRESH = {"Cache-Control": "private, no-cache", "Vary": "Accept-Language"}


@dataclass(frozen=True, slots=True)
class Site:
    """What the operator has set: the catalogue beside the pages and the address they are reached at."""

    catalogue: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: the view it is answered from, the reader's language and the query."""

    request: Request
    site: Site
    view: View
    tongue: Tongue
    query: Query

    @property
    def path(self) -> str:
        return str(self.request.url.path)

    @property
    def address(self) -> str:
        """The address of the site without a slash at the end."""
        return (self.site.address or str(self.request.base_url)).rstrip("/")

    def link(self, path: str) -> str:
        """Give a path with the page language, if the address fixes one."""
        return f"{path}?lang={self.query.lang}" if self.query.lang else path

    def say(self, text: str) -> str:
        return self.tongue.gettext(text)


def asked(request: Request) -> Asked:
    """Read a request: address line, language, the view of this moment. Raises Unready where nothing is published yet."""
    view: View | None = request.app.state.live.view
    if view is None:
        raise Unready
    wanted = query.read(request.query_params.multi_items())
    if wanted.lang not in view.tongues:
        wanted = wanted.speaking("")
    code = choose(wanted.lang, request.headers.get("accept-language", ""), view.tongues)
    return Asked(request, request.app.state.site, view, view.tongues[code], wanted)


class Unready(Exception):
    """Nothing is published yet."""


def page(ask: Asked, template: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """Render a page; answer "not modified" where the browser has this very page."""
    tag = etag(ask)
    headers = {**FRESH, "Content-Language": ask.tongue.code}
    if status == 200:
        if unchanged(ask.request, tag):
            return Response(status_code=304, headers={**headers, "ETag": tag})
        headers["ETag"] = tag
    context = {
        "ask": ask,
        "tongue": ask.tongue,
        "query": ask.query,
        "index": ask.view.index,
        "also": partial(also, ask.view.index),
        "drawing": ask.view.drawing,
        "package": ask.view.index.package,
        "tongues": ask.view.tongues,
        "link": ask.link,
        "palette": palette_url(ask.view),
        "contact": contact(ask.view.index.package.descriptor),
        **values,
    }
    html = environment(ask.tongue.code).get_template(template).render(context)
    return Response(html, status, headers=headers, media_type="text/html; charset=utf-8")


def etag(ask: Asked) -> str:
    """Name what the page is made of: publication and hour, files of the pages, language, address."""
    parts = (ask.view.stamp, assets.version(), ask.tongue.code, str(ask.request.url), ask.site.catalogue)
    return 'W/"' + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24] + '"'


def unchanged(request: Request, tag: str) -> bool:
    return tag in [known.strip() for known in request.headers.get("if-none-match", "").split(",")]


@cache
def environment(code: str) -> Environment:
    """Make the templates of one language."""
    tongue = tongues()[code]
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(tongue.gettext, tongue.ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    made.globals |= {"asset": assets.url, "direction": direction}
    made.filters |= {"number": tongue.number}
    return made


def palette_url(view: View) -> str:
    """Give the address of the city's colours."""
    return f"/farben-{hashlib.sha256(colours.style(view.index.package.descriptor).encode()).hexdigest()[:10]}.css"


def contact(descriptor: Mapping[str, Any]) -> dict[str, str]:
    """Give title, address and e-mail of whoever answers for the data: as the city says, else the contact among the contributors."""
    city = descriptor.get("city")
    if isinstance(city, dict) and (city.get("contact") or city.get("publisher")):
        found = {"title": city.get("publisher"), "url": city.get("publisher_url"), "email": city.get("contact")}
    else:
        people = descriptor.get("contributors")
        known = [item for item in people if isinstance(item, dict)] if isinstance(people, list) else []
        first: Mapping[str, Any] = min(known, key=lambda item: (not item.get("email"), _rank(item)), default={})
        found = {"title": first.get("title"), "url": first.get("path"), "email": first.get("email")}
    words = {name: str(value or "") for name, value in found.items()}
    return words | {
        "url": words["url"] if words["url"].startswith(("https://", "http://")) else "",
        "email": words["email"] if "@" in words["email"] else "",
    }


def _rank(contributor: Mapping[str, Any]) -> int:
    roles = {str(contributor.get("role", "")).lower(), *(str(role).lower() for role in contributor.get("roles") or ())}
    return next((number for number, role in enumerate(("contact", "contactpoint", "publisher")) if role in roles), 3)


def error_tongue(request: Request) -> Tongue:
    """Give the language for an error page, which has to work without a view."""
    known = tongues()
    return known[choose(request.query_params.get("lang", ""), request.headers.get("accept-language", ""), known)]
