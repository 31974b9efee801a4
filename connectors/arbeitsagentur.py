"""Courses as the Bundesagentur für Arbeit answers them come in; one raw record per Angebot goes out, with its Termine.

Language courses (`infosysbub/sprachfoerderung/pc/v1/bildungsangebot`) and continuing education (`infosysbub/wbsuche/pc/v2/…`) have
one shape: a page lists Termine, each with its Angebot. The key that the interface asks for goes into the header X-API-Key by
`auth: {kind: header, name: X-API-Key, secret: …}`. Contact persons are not taken up at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field

from connectors.arbeitsagentur_map import ARBEITSAGENTUR_MAP
from connectors.arbeitsagentur_records import Angebot, to_day, to_record
from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.jsonpages import with_param
from connectors.jsontext import check_json, read_document
from connectors.text import first_bytes
from connectors.words import to_german_count, to_german_day
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MOST_SHOWN = 10_000  # the interface shows no more of a search, however many it found
API = "https://rest.arbeitsagentur.de/infosysbub/sprachfoerderung/pc/v1/bildungsangebot"


class ArbeitsagenturOptions(Options):
    url: str = Field(description="Adresse der Schnittstelle, auch mit Parametern", examples=[API])
    systematiken: str = Field(default="", description="Kursarten: MB Integrationskurse, MC Berufssprachkurse, MQ Anerkennung, A8")
    orte: str = Field(default="", description="Ort als Name_PLZ_Länge_Breite", examples=["Duisburg_47051_6.762293_51.432382"])
    umkreis: int | None = Field(default=None, ge=0, le=200, description="Umkreis in Kilometern")
    sprachniveau: str = Field(default="", description="Code des Sprachniveaus, zum Beispiel MC 01 2 für B1")
    max_pages: int = Field(default=500, ge=1, le=2_000, description="Höchstens so viele Seiten")


class ArbeitsagenturConnector:
    kind: ClassVar[str] = "arbeitsagentur"
    title: ClassVar[str] = "Sprachkurse und Weiterbildungen aus der Kurssuche der Bundesagentur für Arbeit."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[ArbeitsagenturOptions]] = ArbeitsagenturOptions
    completeness: ClassVar[Completeness] = Completeness.WINDOW
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = ARBEITSAGENTUR_MAP

    def entries(self, options: ArbeitsagenturOptions) -> Sequence[str]:
        return []

    def read(self, options: ArbeitsagenturOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read all pages; yield a record per Angebot in the order of its first Termin, and a problem per Termin that is none."""
        offers: dict[str, Angebot] = {}
        known: set[str] = set()
        for number, termin, sha in _read_pages(options, ctx):
            if isinstance(termin, Problem):
                yield termin
                continue
            offer = termin.get("angebot") if isinstance(termin, Mapping) else None
            if not isinstance(offer, Mapping) or not isinstance(name := offer.get("id"), int | str) or isinstance(name, bool):
                yield Problem("bad_record", f"Eintrag {number}", note="das ist kein Termin mit einem Angebot")
                continue
            termin_id = f"{name} {termin.get('id')}"
            if termin.get("id") is not None and termin_id in known:
                continue  # the list has changed while it was read, and a Termin has moved to the next page
            known.add(termin_id)
            made = offers.setdefault(str(name), Angebot(offer, number, sha))
            made.dates.append({key: value for key, value in termin.items() if key != "angebot"})
        for count, (name, made) in enumerate(offers.items()):
            if count >= ctx.limits.max_records:
                yield over_limit(count)
                return
            yield RawRecord(to_record(made, ctx.zone), f"Angebot {name}"[:80], made.capture, name)
        if not offers and not known:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise an answer by its shape; say how many Termine it has, and when the next begins."""
        if b'"termine"' not in first_bytes(capture):
            return None
        try:
            check_json(capture)
            document = read_document(capture).value
        except SourceError:
            return None
        listed = _termine(document)
        termine = [
            termin for termin in listed or () if isinstance(termin, Mapping) and isinstance(termin.get("angebot"), Mapping)
        ]
        if not termine:
            return None
        total = max(_figure(document, "totalElements") or 0, len(termine))
        offers = len({str(termin["angebot"].get("id")) for termin in termine})
        reason = f"Kurssuche der Bundesagentur für Arbeit mit {to_german_count(total, 'einem Termin', 'Terminen')}"
        reason += f", auf dieser Seite {to_german_count(offers, 'ein Angebot', 'Angebote')}"
        today = capture.fetched_at.date()
        zone = capture.fetched_at.tzinfo
        days = [day for termin in termine if (day := _parse(to_day(termin.get("beginn"), zone))) and day >= today]
        reason += f", nächster Beginn am {to_german_day(min(days), today=today)}" if days else ""
        return Detection(0.97, {"url": _without_page(capture.url)}, reason)


def _read_pages(options: ArbeitsagenturOptions, ctx: Context) -> Iterator[tuple[int, Any, str]]:
    """Yield (number, Termin or problem, sha256) over all pages; raise SourceError where one cannot be read."""
    base = options.url
    for name in ("systematiken", "orte", "umkreis", "sprachniveau"):
        value = getattr(options, name)
        base = with_param(base, name, value) if value not in ("", None) else base
    seen: set[str] = set()
    page = number = 0
    most = min(options.max_pages, ctx.limits.max_pages)
    while True:
        url = with_param(base, "page", page) if page else base
        capture = ctx.fetch(url, headers=options.headers, auth=options.auth)
        check_json(capture)
        document = read_document(capture)
        termine = _termine(document.value)
        if termine is None and _figure(document.value, "totalElements") == 0:
            termine = []
        if termine is None:
            raise SourceError(Problem("wrong_content", note="keine Antwort der Kurssuche (_embedded.termine)"))
        if capture.sha256 in seen and termine:
            raise SourceError(Problem("loop_detected", value=url))
        seen.add(capture.sha256)
        for problem in document.problems:
            yield number, problem, capture.sha256
        for termin in termine:
            number += 1
            yield number, termin, capture.sha256
        page += 1
        pages, total = _figure(document.value, "totalPages"), _figure(document.value, "totalElements")
        if not termine or page >= (pages or 1):
            if (total or 0) >= MOST_SHOWN:
                yield (
                    number,
                    Problem("record_limit", value=f"{MOST_SHOWN:,}".replace(",", "."), severity="remark"),
                    capture.sha256,
                )
            return
        if page >= most:
            yield number, Problem("too_many_pages", value=str(page)), capture.sha256
            return


def _termine(document: Any) -> list[Any] | None:
    embedded = document.get("_embedded") if isinstance(document, Mapping) else None
    termine = embedded.get("termine") if isinstance(embedded, Mapping) else None
    return termine if isinstance(termine, list) else None


def _figure(document: Any, name: str) -> int | None:
    page = document.get("page") if isinstance(document, Mapping) else None
    value = page.get(name) if isinstance(page, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _without_page(url: str) -> str:
    """Take the number of a page out of an address that somebody has copied."""
    names = [name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]
    return url if "page" not in names else with_param(url, "page", 0)


def _parse(text: Any) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None
