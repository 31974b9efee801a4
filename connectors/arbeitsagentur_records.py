"""An Angebot of the Bundesagentur für Arbeit and its Termine come in; the data of one record goes out.

Moments are milliseconds since 1970, as numbers or texts; midnight means the day. The names are those of the interface; made of
others are beschreibung, kursart, niveau, form, kosten, preis, beginn, ende, termine, laufend, stand.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from connectors.schemaorg_values import to_literal

MILLISECONDS = re.compile(r"-?\d{9,14}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEVEL = re.compile(r"MC\s*0?1[\s-]*0?([1-5])\b")  # MC 01 2
LEVELS = {"1": "A2", "2": "B1", "3": "B2", "4": "C1", "5": "C2"}
KINDS = ("MB", "MC", "MQ", "A8")
PARTS = (  # of a description
    ("zielgruppe", "Zielgruppe"), ("zugang", "Voraussetzungen"), ("abschlussart", "Abschluss"), ("foerderung", "Förderung"),
)  # fmt: skip
TAG = re.compile(r"<[^<>]*>")
SHORT = 290  # signs of what is said about funding that stand in a column of their own
COPIED = ("titel", "inhalt", "zielgruppe", "zugang", "abschlussart", "abschlussbezeichnung", "foerderung", "link", "anrechnung",
          "berechtigungen", "zusatzqualifikationen")  # fmt: skip
MAX_DATES = 2_000


@dataclass(slots=True)
class Angebot:
    """One Angebot: what it says, where it was first seen, its Termine without it."""

    data: Mapping[str, Any]
    number: int
    capture: str
    dates: list[Mapping[str, Any]] = field(default_factory=list)


def to_record(made: Angebot, zone: tzinfo) -> dict[str, Any]:
    """Give the data of a record. What may name persons (ansprechpartner, traeger) has no way into it."""
    offer, dates = made.data, made.dates[:MAX_DATES]
    termine = [_to_date(termin, zone) for termin in dates]
    dated = [termin for termin in termine if termin.get("beginn")]
    codes = [code for part in _objects(offer.get("systematiken")) if isinstance(code := to_literal(part.get("codeNr")), str)]
    data: dict[str, Any] = {name: to_literal(offer.get(name)) for name in COPIED}
    data |= {
        "id": to_literal(offer.get("id")),
        "beschreibung": _description(data),
        "bildungsart": _label(offer.get("bildungsart")),
        "schulart": _label(offer.get("schulart")),
        "angebotstyp": _label(offer.get("angebotstyp")),
        "systematiken": codes,
        "suchworte": [word for part in _objects(offer.get("suchworte")) if (word := to_literal(part.get("suchwort")))],
        "bildungsanbieter": _provider(offer.get("bildungsanbieter")),
        "kursart": next((kind for kind in KINDS if any(code.startswith(kind) for code in codes)), "Weiterbildung"),
        "niveau": next((LEVELS[found[1]] for code in codes if (found := LEVEL.match(code))), None),
        "form": _only(termin.get("unterrichtsform") for termin in termine),
        "adresse": next((termin["adresse"] for termin in termine if termin.get("adresse")), None),
        "beginn": min((termin["beginn"] for termin in dated if isinstance(termin["beginn"], str)), default=None),
        "ende": max((termin["ende"] for termin in dated if isinstance(termin.get("ende"), str)), default=None),
        "anmeldeschluss": _only(termin.get("anmeldeschluss") for termin in termine),
        "teilnehmerMax": _only(termin.get("teilnehmerMax") for termin in termine),
        "termine": dated,
        "laufend": True if any(termin.get("individuellerEinstieg") is True for termin in dates) else None,
        "stand": max(
            (text for termin in dates if isinstance(text := to_day(termin.get("aktualisierungsdatum"), zone), str)), default=None
        ),
        **_costs(dates),
    }
    if len(TAG.sub("", str(data["foerderung"] or ""))) > SHORT:
        data["foerderung"] = None  # it stands in the description
    data["link"] = next((termin["link"] for termin in termine if termin.get("link")), None) or data["link"]
    return _filled(data)


def to_day(value: Any, zone: tzinfo | None) -> Any:
    """Make milliseconds a day, or a moment where they are not midnight; everything else stays as it is."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not MILLISECONDS.fullmatch(text):
        return to_literal(value)
    try:
        at = (EPOCH + timedelta(milliseconds=int(text))).astimezone(zone)
    except (OverflowError, ValueError):
        return text
    return at.date().isoformat() if at.time() == time() else at.isoformat(timespec="seconds")


def _to_date(termin: Mapping[str, Any], zone: tzinfo) -> dict[str, Any]:
    times = [text for name in ("unterrichtszeiten", "bemerkungZeit") if isinstance(text := to_literal(termin.get(name)), str)]
    return _filled({
        "id": to_literal(termin.get("id")),
        "beginn": to_day(termin.get("beginn"), zone),
        "ende": to_day(termin.get("ende"), zone),
        "anmeldeschluss": to_day(termin.get("anmeldeschluss"), zone),
        "dauer": _label(termin.get("dauer")),
        "unterrichtsform": _label(termin.get("unterrichtsform")),
        "unterrichtszeit": _label(termin.get("unterrichtszeit")),
        "zeiten": "<br/>".join(times),
        "teilnehmerMax": to_literal(termin.get("teilnehmerMax")),
        "link": to_literal(termin.get("link")),
        "adresse": _address(termin.get("adresse")),
    })  # fmt: skip


def _costs(dates: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Say what it costs. 0.0 beside a Förderung is what a funded person pays, and no price for all."""
    amounts = set()
    for termin in dates:
        try:
            amounts.add(float(str(termin["kostenWert"]).replace(",", ".")) if termin.get("kostenWert") is not None else None)
        except ValueError:
            amounts.add(None)
    amounts.discard(None)
    funded = any(termin.get("foerderung") is True for termin in dates)
    notes = [text for termin in dates if isinstance(text := to_literal(termin.get("kostenBemerkung")), str)]
    amount = _only(amounts)
    if not isinstance(amount, float) or not 0 <= amount < 1e7:
        return {"kosten": "subsidised" if funded and not amounts else None, "kostenBemerkung": _only(notes)}
    currency = _only(to_literal(termin.get("kostenWaehrung")) for termin in dates)
    return {
        "kosten": "paid" if amount else "subsidised" if funded else "free",
        "preis": amount or None,
        "kostenWaehrung": currency if amount else None,
        "kostenBemerkung": _only(notes),
    }


def _description(data: Mapping[str, Any]) -> str:
    text = str(data.get("inhalt") or "")
    return text + "".join(
        f"<p><b>{label}:</b></p><div>{data[name]}</div>" for name, label in PARTS if isinstance(data.get(name), str)
    )


def _provider(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    phone = [to_literal(value.get(name)) for name in ("telefonVorwahl", "telefonDurchwahl")]
    made = {name: to_literal(value.get(name)) for name in ("id", "name", "homepage", "email")}
    number = " ".join(str(part) for part in phone if part) if phone[1] else None
    return _filled({**made, "telefon": number, "adresse": _address(value.get("adresse"))})


def _address(value: Any) -> dict[str, Any]:
    """Flatten an address; 0, 0 is no point."""
    if not isinstance(value, Mapping):
        return {}
    town, point = value.get("ortStrasse"), value.get("koordinaten")
    town = town if isinstance(town, Mapping) else {}
    point = point if isinstance(point, Mapping) and (point.get("lat") or point.get("lon")) else {}
    return _filled({
        "bezeichnung": to_literal(value.get("bezeichnung")), "strasse": to_literal(value.get("strasse")),
        "plz": to_literal(town.get("plz")), "ort": to_literal(town.get("name")),
        "lat": to_literal(point.get("lat")), "lon": to_literal(point.get("lon")),
    })  # fmt: skip


def _label(value: Any) -> Any:
    return to_literal(value.get("bezeichnung")) if isinstance(value, Mapping) else to_literal(value)


def _only(values: Iterable[Any]) -> Any:
    """Give the one value that all have; None where they differ."""
    found: list[Any] = []
    for value in values:
        if value is not None and value not in found:
            found.append(value)
    return found[0] if len(found) == 1 else None


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}
