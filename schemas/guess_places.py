"""Fields of a guess that speak of places come in; they become an address, a street, the name of a place, a town or a point."""

import re
from typing import Any

from schemas.guessed import Claim, fit, share_of
from schemas.guessing import Guessing
from schemas.survey import Field
from schemas.vocabulary import fold

FITS = 0.6  # share of pairs that must be a point in Germany
HALF = 0.5
HOUSE = re.compile(r"[^\W\d_].*\s\d{1,4}\s?[a-zA-Z]?\b")  # "Sonnenwall 73"
POSTCODE = re.compile(r"\b\d{5}\b")
BARE_POSTCODE = re.compile(r"^\d{5}$")
SYSTEMS = ("EPSG:25832", "EPSG:25833", "EPSG:4647", "EPSG:31466", "EPSG:31467", "EPSG:3857")
HOUSES = re.compile(  # "Treffpunkt Süd", "Bürgerhaus"; no town is called like this, neither Oberhausen nor Gelsenkirchen
    r"\btreff|(?:haus|zentrum|schule|kirche|gemeinde|saal|raum|büro|caf[eé]|halle|bibliothek|bücherei|akademie|campus|kita)\b",
    re.I,
)
WRITTEN_OUT = ("adresse", "anschrift", "address", "kontaktadresse")  # never just the name of a place
PAIRS = (("<latitude>", "<longitude>", False), ("<easting>", "<northing>", True))


def places(guessing: Guessing) -> None:
    """Settle what is said of places, by the values."""
    claims, roles = guessing.claims, guessing.roles
    postcode = any(claim.field.filled for claim in claims.get("location.postal_code", []))
    for target in ("location.name", "location.city", "session.room"):
        for claim in list(claims.get(target, [])):
            if share_of(claim.field, POSTCODE) >= HALF:  # "Kursort (Adresse)", "PLZ/Stadt"
                claims[target].remove(claim)
                roles.setdefault("<place>", []).append(claim)
    for claim in sorted(roles.get("<place>", []), key=lambda claim: -claim.score):
        _claim_as(guessing, _place(guessing, claim.field, postcode=postcode), claim)
    for claim in roles.get("<street>", []):
        numbered = share_of(claim.field, HOUSE) >= HALF
        _claim_as(guessing, "location.street_line" if numbered else "location.street", claim)
    for first, second, foreign in PAIRS:
        if first in roles and second in roles:
            _point(guessing, roles[first], roles[second], foreign=foreign)
    for claim in roles.get("<point>", []):
        point = _geojson(guessing, claim)
        if point is not None:
            guessing.taken.add(claim.field.path)
        _claim_as(guessing, "location.point", point or claim)


def _geojson(guessing: Guessing, claim: Claim) -> Claim | None:
    """The coordinates inside of a geometry of GeoJSON: the geometry is what is read, because it says which number comes first."""
    one = claim.field
    above = one.path.rpartition(".")[0]
    kind = guessing.survey.fields.get(f"{above}.type")
    if not above or kind is None or set(kind.texts) != {"Point"}:
        return None
    points = [{"type": "Point", "coordinates": value} for value in one.values]
    return Claim(Field(above, one.root, one.steps[:-1], points, one.filled), claim.score)


def _place(guessing: Guessing, one: Field, *, postcode: bool) -> str:
    if share_of(one, BARE_POSTCODE) >= HALF:
        return "location.postal_code"
    if share_of(one, POSTCODE) >= HALF:
        return "location.address"
    if share_of(one, HOUSE) >= HALF or fold(one.keys[-1]) in WRITTEN_OUT:
        return "location.street_line" if postcode else "location.address"
    if "location.city" not in guessing.claims and _is_town(guessing, one, postcode=postcode):
        return "location.city"
    return "location.name"


def _is_town(guessing: Guessing, one: Field, *, postcode: bool) -> bool:
    """Tell towns from the names of houses: one word each, or the city's name, or nearly always the same beside a postcode."""
    if share_of(one, re.compile(re.escape(guessing.setting.city or "\0"), re.I)) >= HALF:
        return True
    if share_of(one, HOUSES) >= HALF:
        return False
    single = sum(len(text.split()) == 1 for text in one.texts) >= 0.8 * len(one.texts)
    return postcode and (single or len(one.words) <= 2)


def _claim_as(guessing: Guessing, target: str, claim: Claim) -> None:
    share = fit(target, claim.as_, claim.field.values, guessing.setting) if claim.field.values else None
    if share is not None and share < FITS / 2:
        guessing.reasons[claim.field.path] = f"sieht nach {target} aus, die Werte passen aber nicht"
        return
    guessing.claim(target, Claim(claim.field, claim.score, claim.as_, share, claim.why))


def _point(guessing: Guessing, firsts: list[Claim], seconds: list[Claim], *, foreign: bool) -> None:
    both = [(one, two) for one in firsts for two in seconds if one.field.keys[:-1] == two.field.keys[:-1]]
    if not both:
        return
    first, second = max(both, key=lambda pair: (pair[0].score, pair[0].field.filled, -len(pair[0].field.keys)))
    pairs = [list(pair) for pair in zip(first.field.values, second.field.values, strict=False)]
    variants: list[tuple[Any, ...]] = [({"coordinates": name},) for name in SYSTEMS] if foreign else [()]
    shares = [fit("location.point", as_, pairs, guessing.setting) for as_ in variants]
    share = max(shares)
    if share >= FITS:
        guessing.put("location.point", Claim(first.field, first.score, variants[shares.index(share)], share, first.why), second)
        return
    for claim in (first, second):
        guessing.reasons[claim.field.path] = "die Koordinaten liegen nicht in Deutschland oder in einem fremden System"
