"""A service as Open Referral nests it comes in; the data of one raw record goes out.

The scalar fields keep their names; of what hangs on a service the useful is taken up: phone, languages, organization, program,
place, terms, cost, sessions. Contacts are persons and stay outside.
"""

import math
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.schemaorg_values import to_literal

OFFSET = re.compile(r"(\d{1,2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")  # 10:00:00+01:00
DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.I)  # TH, 2TH
LEFT_OUT = frozenset({"contacts", "metadata", "assurer_email", "organization_id", "program_id"})
MAX_SESSIONS = 200


def to_record(service: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Give the data of a service; sessions that were over before `today` are left out."""
    data = {
        str(name): to_literal(value)
        for name, value in service.items()
        if name not in LEFT_OUT and not isinstance(value, Mapping | list)
    }
    sites = [(site, _objects(site.get("location"))) for site in _objects(service.get("service_at_locations"))]
    locations = [location for _, found in sites for location in found] or _objects(service.get("locations"))
    organization = next(iter(_objects(service.get("organization"))), {})
    program = next(iter(_objects(service.get("program"))), {})
    places = [place for location in locations if (place := _place(location))]
    data |= {
        "phone": _phone(service) or next((phone for site, _ in sites if (phone := _phone(site))), None),
        "languages": [word for part in _objects(service.get("languages")) if (word := _first(part, "code", "name"))],
        "organization": _filled(
            {name: to_literal(organization.get(name)) for name in ("id", "name", "description", "website", "email", "uri")}
        ),
        "program": to_literal(program.get("name")),
        "place": places[0] if places else None,
        "further_places": places[1:],
        "attendance": _attendance(locations),
        "terms": _terms(service),
        "areas": [word for part in _objects(service.get("service_areas")) if (word := _first(part, "name", "extent"))],
        "sources": [word for part in _objects(service.get("funding")) if (word := _first(part, "source"))],
        "documents": [word for part in _objects(service.get("required_documents")) if (word := _first(part, "document"))],
        **_cost(_objects(service.get("cost_options"))),
        "sessions": _sessions(service, sites, today),
    }
    return _filled(data)


def _place(location: Mapping[str, Any]) -> dict[str, Any]:
    """Give a place that has one: name, address, point. Of several addresses the one people go to comes first."""
    if location.get("location_type") in ("virtual", "postal"):
        return {}
    addresses = sorted(_objects(location.get("addresses")), key=lambda address: address.get("address_type") == "postal")
    address = addresses[0] if addresses else {}
    return _filled({
        "name": to_literal(location.get("name")),
        "address": to_literal(address.get("address_1")),
        "postal_code": to_literal(address.get("postal_code")),
        "city": to_literal(address.get("city")),
        "latitude": to_literal(location.get("latitude")),
        "longitude": to_literal(location.get("longitude")),
        "transportation": to_literal(location.get("transportation")),
    })  # fmt: skip


def _attendance(locations: list[Mapping[str, Any]]) -> str | None:
    kinds = {kind for location in locations if isinstance(kind := location.get("location_type"), str)}
    if "virtual" in kinds:
        return "blended" if "physical" in kinds else "online"
    return "onsite" if "physical" in kinds else None


def _phone(owner: Mapping[str, Any]) -> str | None:
    phones = sorted(_objects(owner.get("phones")), key=lambda phone: phone.get("type") in ("fax", "tty", "pager"))
    numbers = [number.strip("\"' ") for phone in phones if isinstance(number := to_literal(phone.get("number")), str)]
    return next((number for number in numbers if number), None)


def _terms(service: Mapping[str, Any]) -> list[Any]:
    """Give the names of the taxonomy's terms that are attached to a service."""
    attached = [part for attribute in _objects(service.get("attributes")) for part in _objects(attribute.get("taxonomy_term"))]
    names = [_first(part, "name") for part in (*attached, *_objects(service.get("taxonomy_terms")))]
    return list(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _cost(options: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Say what it costs: a price where there is one, all of them as words."""
    amounts: list[float] = []
    notes: list[str] = []
    for option in options:
        try:
            amount = float(str(option.get("amount")).strip()) if option.get("amount") not in (None, "") else None
        except ValueError:
            amount = None
        amount = amount if amount is not None and math.isfinite(amount) and 0 <= amount < 1e7 else None
        amounts += [] if amount is None else [amount]
        price = "" if amount is None else f"{amount:g} {str(option.get('currency') or '').upper()}".strip()
        parts = [str(text) for name in ("option", "amount_description") if (text := to_literal(option.get(name)))]
        notes.append(": ".join(part for part in (", ".join(parts), price) if part))
    kind = None if not amounts else "paid" if max(amounts) > 0 else "free"
    one = amounts[0] if len(amounts) == len(options) == 1 and amounts[0] > 0 else None
    currency = to_literal(options[0].get("currency")) if one is not None else None
    return {
        "cost_type": kind,
        "cost_amount": one,
        "cost_currency": currency.upper() if isinstance(currency, str) else None,
        "cost_note": "; ".join(note for note in notes if note),
    }


def _sessions(service: Mapping[str, Any], sites: list[Any], today: date) -> list[dict[str, Any]]:
    """Make sessions of the schedules of a service and of its places; the same schedule counts once."""
    found: list[dict[str, Any]] = []
    known: set[str] = set()
    owners = [(service, {}), *((site, _place(place[0]) if place else {}) for site, place in sites)]
    for owner, place in owners:
        for schedule in _objects(owner.get("schedules")):
            name = str(schedule.get("id") or "")
            if name and name in known:
                continue
            known.add(name)
            session = _session(schedule, today)
            if session:
                found.append(session | ({"place": place} if place else {}))
    return found[:MAX_SESSIONS]


def _session(schedule: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Make one session: weekly ones as days of the week, others as a date with a rule; nothing where no time is said."""
    ends = [day for name in ("until", "valid_to") if (day := _day(schedule.get(name))) is not None]
    if ends and min(ends) < today:
        return {}
    days = DAY.findall(str(schedule.get("byday") or ""))
    freq = str(schedule.get("freq") or "").upper()
    interval = str(schedule.get("interval") or "1").strip()
    start = _day(schedule.get("dtstart")) or _day(schedule.get("valid_from"))
    times = {"start_time": _time(schedule.get("opens_at")), "end_time": _time(schedule.get("closes_at"))}
    note = to_literal(schedule.get("description"))
    if days and freq in ("", "WEEKLY") and interval == "1" and not any(number for number, _ in days):
        return _filled({"weekday": [day.lower() for _, day in days], **times, "note": note})
    if start is None or (start < today and not freq):
        return {}
    rule = ""
    if freq in ("WEEKLY", "MONTHLY"):
        parts = {
            "INTERVAL": interval if interval.isdigit() and interval != "1" else "",
            "BYDAY": ",".join(number + day.upper() for number, day in days),
            "BYMONTHDAY": re.sub(r"[^0-9,-]", "", str(schedule.get("bymonthday") or "")),
        }
        rule = ";".join([f"FREQ={freq}", *(f"{name}={value}" for name, value in parts.items() if value)])
    return _filled(
        {
            "date": start.isoformat(),
            **times,
            "rrule": rule,
            "until": min(ends).isoformat() if ends and rule else None,
            "note": note,
        }
    )


def _time(value: Any) -> str | None:
    found = OFFSET.fullmatch(value.strip()) if isinstance(value, str) else None
    return found[1] if found else to_literal(value) if isinstance(value, str) else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _first(part: Mapping[str, Any], *names: str) -> Any:
    return next((value for name in names if isinstance(value := to_literal(part.get(name)), str) and value), None)


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, Mapping)]


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}
