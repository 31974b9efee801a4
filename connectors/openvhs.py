"""The courses of a Volkshochschule come in, as Open-vhs XML or as the JSON that Berlin makes of it; a raw record each goes out.

Open-vhs 1.2 (https://api.vhs-kursfinder.de/openvhs-1.2.xsd), exported by Kufer, cmxOrganize and others. The XML is read item by item.
A record has the names of the format, with lists where a thing may come several times (in JSON it is an object where there is one),
and seven fields made of others: bereich, niveau, lernform, kosten, waehrung, plaetze_frei, ersteller.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from html import unescape
from itertools import islice
from typing import Any, ClassVar

from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.jsontext import check_json, read_document
from connectors.openvhs_map import OPENVHS_MAP
from connectors.schemaorg_values import to_literal
from connectors.text import first_bytes, what_is
from connectors.words import to_german_count, to_german_day
from connectors.xmlitems import Items, check_xml, to_value
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

COUNTED = 20_000
LISTS = ("untertitel", "schlagwort", "zielgruppe", "text", "termin", "wochentag", "webadresse", "zertifikat")
OFFSET = re.compile(r"(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})")  # 13:00:00+02:00
LEVEL = re.compile(r"(?:GER\s*)?([ABC][012](?:\.[12])?(?:\s*[-–/]\s*[ABC][012](?:\.[12])?)?)", re.I)
MAKER = re.compile(r"<(?:[\w.-]+:)?ersteller\b.*?<(?:[\w.-]+:)?name\b[^>]*>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</", re.S)
FORMS = {"online_angebot": "online", "selbstlernangebot": "online", "blended_learning": "blended"}


class OpenvhsOptions(Options):
    url: str = Field(
        description="Adresse der Datei im Format Open-vhs (XML oder JSON)", examples=["https://example.org/kurse.xml"]
    )


class OpenvhsConnector:
    kind: ClassVar[str] = "openvhs"
    title: ClassVar[str] = "Kurse einer Volkshochschule im Format Open-vhs (XML, oder JSON wie in Berlin)."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[OpenvhsOptions]] = OpenvhsOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = OPENVHS_MAP

    def entries(self, options: OpenvhsOptions) -> Sequence[str]:
        return [options.url]

    def read(self, options: OpenvhsOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield a record per course in the order of the file, and a problem for each that cannot be read."""
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        seen = 0
        for item in read_courses(capture):
            if not isinstance(item, Problem):
                if seen >= ctx.limits.max_records:
                    yield over_limit(seen)
                    return
            elif item.severity_or_default != "rejected":
                yield item
                continue
            seen += 1
            yield item
        if not seen:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise the format by its outermost names; count the courses and find the next one to begin."""
        head = first_bytes(capture)
        if b"veranstaltungen" not in head.replace(b"\x00", b""):
            return None
        try:
            courses = [item.data for item in islice(read_courses(capture), COUNTED) if isinstance(item, RawRecord)]
        except SourceError:
            return None
        if not any("guid" in course or "nummer" in course for course in courses):
            return None
        many = "mehr als " if len(courses) >= COUNTED else ""
        reason = f"Volkshochschule (Open-vhs) mit {many}{to_german_count(len(courses), 'einem Kurs', 'Kursen')}"
        today = capture.fetched_at.date()
        days = [day for course in courses if (day := _to_day(course.get("beginn_datum")))]
        if coming := [day for day in days if day >= today]:
            reason += f", nächster ab {to_german_day(min(coming), today=today)}"
        elif days:
            reason += f", letzter ab {to_german_day(max(days), today=today)}"
        return Detection(0.95, {"url": capture.url}, reason)


def read_courses(capture: Capture) -> Iterator[RawRecord | Problem]:
    """Read a file of courses; raise SourceError where it is something else."""
    if what_is(first_bytes(capture)) == "eine JSON-Datei":
        yield from _read_json(capture)
        return
    check_xml(capture)
    items = Items(capture, "veranstaltung", nests=False)
    for item in items:
        if isinstance(item, Problem):
            yield item
            continue
        number, element = item
        made = MAKER.search(items.header)
        yield _to_record(to_value(element), number, unescape(made[1]).strip() if made else None, capture)
    if not items.found and "veranstaltungen" not in items.header:
        raise SourceError(Problem("wrong_content", note="Dort liegt XML, aber kein Open-vhs"))


def _read_json(capture: Capture) -> Iterator[RawRecord | Problem]:
    check_json(capture)
    document = read_document(capture)
    value = document.value
    value = value.get("veranstaltungen", value) if isinstance(value, Mapping) else value
    maker = _get(value, "export", "ersteller", "name")
    if isinstance(value, Mapping):
        if "veranstaltung" not in value:
            raise SourceError(Problem("wrong_content", note="Dort liegt JSON, aber kein Open-vhs"))
        value = value["veranstaltung"]
    yield from document.problems
    for number, course in enumerate(_as_list(value), start=1):
        yield _to_record(course, number, maker if isinstance(maker, str) else None, capture)


def _to_record(course: Any, number: int, maker: str | None, capture: Capture) -> RawRecord | Problem:
    if not isinstance(course, Mapping):
        return Problem("bad_record", f"Eintrag {number}", note="die Veranstaltung ist leer")
    data = {str(name): value for name, value in course.items()}
    for name in LISTS:
        data[name] = _as_list(data.get(name))
    place, price = (
        next((part for part in _as_list(data.get(name)) if isinstance(part, Mapping)), {})
        for name in ("veranstaltungsort", "preis")
    )
    data["veranstaltungsort"] = place
    data["preis"] = (
        {**price, "zusatz": [text for text in _as_list(price.get("zusatz")) if isinstance(text, str)]} if price else {}
    )
    data["termin"] = [_to_session(session) for session in data["termin"] if isinstance(session, Mapping)]
    if not data["termin"] and data["wochentag"]:
        data["termin"] = [{"wochentag": data["wochentag"]}]
    data |= _made_of(data)
    data["ersteller"] = maker
    name, title = (to_literal(data.get(key)) for key in ("nummer", "guid"))
    locator = f"Eintrag {number}" + (f", Nummer {name}"[:80] if isinstance(name, str | int) and name != "" else "")
    record_id = next((str(key) for key in (title, name) if isinstance(key, str | int) and key != ""), None)
    return RawRecord(
        {key: value for key, value in data.items() if value not in (None, "", [], {})}, locator, capture.sha256, record_id
    )


def _made_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Make the fields that are not in the format, but follow from it."""
    category = data.get("dvv_kategorie")
    code = str(category.get("#text") if isinstance(category, Mapping) else category or "").strip()
    level = LEVEL.fullmatch(str(data.get("level") or "").strip())
    traits = [trait for trait in _as_list(_get(data.get("merkmale"), "merkmal")) if isinstance(trait, Mapping)]
    digital = [value for trait in traits if trait.get("name") == "kursart_digital" for value in _as_list(trait.get("wert"))]
    form = next((FORMS[value] for value in digital if isinstance(value, str) and value in FORMS), None)
    street = _get(data["veranstaltungsort"], "adresse", "strasse")
    amount = _number(data["preis"].get("betrag"))
    most, taken = _number(data.get("maximale_teilnehmerzahl")), _number(data.get("aktuelle_teilnehmerzahl"))
    return {
        "bereich": code[:1] if re.match(r"[1-6](?!\d)", code) else None,
        "niveau": level[1] if level else None,
        "lernform": form or ("onsite" if isinstance(street, str) and street.strip() else None),
        "kosten": None if amount is None else "paid" if amount > 0 else "free",
        "waehrung": "EUR" if amount else None,
        "plaetze_frei": max(int(most - taken), 0) if most and taken is not None else None,
    }


def _to_session(session: Mapping[str, Any]) -> dict[str, Any]:
    """Take the offset from times: the day and the place say which it is."""
    made = {str(name): value for name, value in session.items()}
    for name in ("beginn_uhrzeit", "ende_uhrzeit"):
        if isinstance(value := made.get(name), str) and (found := OFFSET.fullmatch(value.strip())):
            made[name] = found[1]
    return made


def _get(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _as_list(value: Any) -> list[Any]:
    return [part for part in value if part is not None] if isinstance(value, list) else [] if value in (None, "") else [value]


def _number(value: Any) -> float | None:
    try:
        number = float(str(value).strip()) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and 0 <= number < 1e9 else None


def _to_day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None
