"""An address, a postcode or coordinates in a partner's words come in; columns of a location go out.

Coordinates are read in the systems German authorities use (https://epsg.io) and must lie in Germany: swapped ones do not.
"""

import re
from functools import cache
from typing import Any

from pyproj import Transformer

from schemas.converters.answer import Convert, Doubt, Setting, doubt, shown
from schemas.converters.text import LINE_END, one_line, one_text, to_text, written
from schemas.vocabulary import fold, load

WEST, SOUTH, EAST, NORTH = 5.5, 47.0, 15.5, 55.5  # Germany with a margin, degrees
SYSTEMS = {  # the argument of `coordinates`: EPSG code, what comes first
    "EPSG:25832": "Ost, Nord (UTM 32)", "EPSG:25833": "Ost, Nord (UTM 33)", "EPSG:4647": "Ost mit Zonenziffer, Nord (UTM 32)",
    "EPSG:31466": "Rechtswert, Hochwert (Gauß-Krüger 2)", "EPSG:31467": "Rechtswert, Hochwert (Gauß-Krüger 3)",
    "EPSG:31468": "Rechtswert, Hochwert (Gauß-Krüger 4)", "EPSG:3857": "Ost, Nord (Web-Mercator)",
    "EPSG:4326": "Breite, Länge", "lat,lon": "Breite, Länge", "lon,lat": "Länge, Breite (GeoJSON)",
}  # fmt: skip
COORDINATE = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,15})?")  # one sign between the digits is always the decimal one
PAIR = re.compile(r"\s*[;|\s]\s*|\s*,\s+|(?<=\.[0-9]),|,(?=[+-]?[0-9]+\.)")  # "51.43, 6.76", "51,43; 6,76", "51.43,6.76"

POSTCODE = re.compile(r"(?:D\s?[-–]?\s?)?([0-9]{5})", re.IGNORECASE)
TOWN = re.compile(r"(?:D\s?[-–]\s?)?(?P<postal_code>[0-9]{5})\s+(?P<city>[^\d,;]+)", re.IGNORECASE)  # "47051 Duisburg"
TOWN_NAME = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+\.?)*")
COUNTRY = frozenset({"deutschland", "germany", "de", "d", "nordrhein westfalen", "nrw"})
# "Sonnenwall 73-75", "Straße des 17. Juni 135 a", "Körnerplatz 2/4"
STREET = re.compile(
    r"(?P<street>.*[^\W\d_].*?)(?:[\s,]+|(?<=str\.)|(?<=straße))(?P<house_number>[0-9]{1,4}\s?[a-zA-Z]?(?:\s?[-–/+]\s?[0-9]{1,4}\s?[a-zA-Z]?)*)"
    r"(?P<rest>(?:\s*[,(].*)?)"
)
STREET_WORD = re.compile(
    r"(?:str(?:\.|aße|asse)|weg|platz|allee|gasse|ring|damm|ufer|wall|markt|chaussee|steig|pfad)\b", re.IGNORECASE
)
# "Raum 5" is no street
ROOM = re.compile(r"(?:raum|zimmer|etage|haus|halle|saal|geb(?:ä|ae)ude|eingang|eg|og|stock|linie|bus|ebene)\b", re.IGNORECASE)
IN_BRACKETS = re.compile(r"(?P<name>[^()0-9,]+?)\s*\((?P<address>[^()]+[0-9][^()]*,\s*(?:D\s?-\s?)?[0-9]{5}\s[^()]+)\)")
BRACKETS = re.compile(r"\s*\([^()]*\)$")
LONGEST = 300  # characters of an address
WEB = re.compile(r"https?://|www\.", re.IGNORECASE)
ONLINE = frozenset({
    "online", "digital", "virtuell", "zoom", "im internet", "internet", "webinar", "videokonferenz", "online via zoom",
    "online per zoom", "microsoft teams", "microsoft teams besprechung", "microsoft teams meeting", "teams meeting", "zoom meeting",
    "google meet", "ms teams", "teams", "webex", "cisco webex", "jitsi", "bigbluebutton", "skype", "virtual", "remote", "per video",
    "online kurs", "online veranstaltung", "online seminar", "livestream", "online ueber zoom", "zoom konferenz", "onlinekurs",
})  # fmt: skip

WHEELCHAIR = {
    "ja": "yes", "true": "yes", "1": "yes", "rollstuhlgerecht": "yes", "barrierefrei": "yes", "nein": "no", "false": "no",
    "0": "no", "nicht barrierefrei": "no", "nicht rollstuhlgerecht": "no", "eingeschraenkt": "limited", "bedingt": "limited",
}  # fmt: skip
LAT_LON = (("lat", "lon"), ("lat", "lng"), ("latitude", "longitude"))


def to_coordinates(argument: Any, setting: Setting) -> Convert:
    """Make `coordinates: "EPSG:25832"`: latitude and longitude in WGS84 from two fields, a pair or one text."""
    system = "EPSG:4326" if argument is None else argument
    if system not in SYSTEMS:
        raise ValueError(f"coordinates kennt ‚{argument}‘ nicht; möglich ist {', '.join(SYSTEMS)}")

    def coordinates(value: Any) -> Any:
        pair = read_pair(value)
        if pair is None:
            return None if _is_blank(value) else doubt("bad_coordinates", value)
        point = read_point(pair, system)
        if point is None:
            return doubt("bad_coordinates", "; ".join(map(str, value)) if isinstance(value, list | tuple) else value)
        return {"latitude": point[0], "longitude": point[1]}

    return coordinates


def _is_blank(value: Any) -> bool:
    items = value if isinstance(value, list | tuple) else [value]
    return all(to_text(item) is None and not isinstance(item, dict) for item in items)


def read_pair(value: Any) -> tuple[float, float] | None:
    """Read two numbers out of a pair, a text, or a mapping with lat and lon; None where there are not exactly two."""
    if isinstance(value, dict) and value.get("type") == "Point":  # GeoJSON says the longitude first
        value = list(value["coordinates"][1::-1]) if isinstance(value.get("coordinates"), list | tuple) else None
    if isinstance(value, dict):
        names = {fold(str(name)): item for name, item in value.items()}
        value = next(([names[lat], names[lon]] for lat, lon in LAT_LON if lat in names and lon in names), None)
    if isinstance(value, str):
        value = [piece for piece in PAIR.split(value.strip()) if piece]
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    numbers = [read_coordinate(item) for item in value]
    return (numbers[0], numbers[1]) if numbers[0] is not None and numbers[1] is not None else None


def read_coordinate(value: Any) -> float | None:
    """Read one coordinate, with point or comma; None where it is none."""
    text = (written(value) or "").strip()
    return float(text.replace(",", ".")) if COORDINATE.fullmatch(text) else None


def read_point(pair: tuple[float, float], system: str) -> tuple[float, float] | None:
    """Give latitude and longitude, seven places behind the comma (a centimetre); None where that is not in Germany."""
    if system in ("EPSG:4326", "lat,lon"):
        latitude, longitude = pair
    elif system == "lon,lat":
        longitude, latitude = pair
    else:
        longitude, latitude = _transformer(system).transform(*pair)
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):  # infinite and NaN fail too
        return None
    return round(latitude, 7), round(longitude, 7)


@cache
def _transformer(system: str) -> Transformer:
    return Transformer.from_crs(system, "EPSG:4326", always_xy=True)


def to_degree(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the columns latitude and longitude: degrees, with point or comma."""

    def degree(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        read = read_coordinate(text)
        return round(read, 7) if read is not None and abs(read) <= 180 else doubt("bad_coordinates", text)

    return degree


def to_postcode(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column postal_code: five digits."""

    def postcode(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        found = POSTCODE.fullmatch(text)
        return found[1] if found else doubt("bad_postcode", text)

    return postcode


def to_wheelchair(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the column wheelchair."""

    def wheelchair(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        return WHEELCHAIR.get(fold(text)) or load("wheelchair").find(text) or doubt("unknown_value", text)

    return wheelchair


def read_street(text: str) -> tuple[str, str | None, str] | None:
    """Read a street with its house number; the third part is what stands behind ("2. OG"). None where it is no street."""
    found = STREET.fullmatch(text) if len(text) <= LONGEST and not ROOM.match(text) else None
    if found:
        return found["street"].strip(" ,"), " ".join(found["house_number"].split()), found["rest"].strip(" ,()")
    return (text, None, "") if STREET_WORD.search(text) else None


def to_street_line(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target location.street_line: street and house_number from one text."""

    def street_line(value: Any) -> Any:
        text = one_text(value)
        if type(text) is not str:
            return text
        street, number, rest = read_street(text) or (text, None, "")
        columns = {"street": street, "house_number": number}
        return doubt("partly_taken", text, "Straße und Hausnummer", columns) if rest else columns

    return street_line


def to_address(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target location.address: name, street, house_number, postal_code and city from one text.

    What cannot be an address, such as the name of a house alone, becomes the name of the place.
    """
    line = one_line()

    def address(value: Any) -> Any:
        if isinstance(value, str):
            value = ", ".join(piece.strip(" ,") for piece in LINE_END.sub("\n", value).split("\n"))
        text = line(value)
        if type(text) is not str:
            return text
        if WEB.match(text):
            return doubt("bad_address", text)
        if named := IN_BRACKETS.fullmatch(text):  # "Haus der Vereine (Sonnenwall 73, 47051 Duisburg)"
            text = f"{named['name']}, {named['address']}"
        if is_online(text):
            return {"name": text, "location_type": "virtual"}
        return read_address(text, setting.city)

    return address


def is_online(text: str) -> bool:
    """Say whether the name of a place is none: online, Zoom, Videokonferenz (Link folgt)."""
    return fold(BRACKETS.sub("", text)) in ONLINE


def read_address(text: str, city: str) -> dict[str, str | None] | Doubt:
    """Read "Haus der Vereine, Sonnenwall 73-75, 47051 Duisburg" into the columns of a location."""
    pieces = [piece for piece in (piece.strip() for piece in text.split(",")) if piece]
    while len(pieces) > 1 and fold(pieces[-1]) in COUNTRY:
        pieces.pop()
    columns: dict[str, str | None] = {}
    at = next((number for number in range(len(pieces) - 1, -1, -1) if TOWN.search(pieces[number])), None)
    if at is not None and (town := TOWN.search(pieces[at])):
        columns = {"postal_code": town["postal_code"], "city": town["city"].strip(" -()")}
        lead = pieces[at][: town.start()].strip()
        pieces[at : at + 1] = [lead] if lead else []
    elif len(pieces) > 1 and (postcode := POSTCODE.fullmatch(pieces[-1])):  # "Haus, Sonnenwall 73, Duisburg, NRW, 47051"
        columns["postal_code"] = postcode[1]
        pieces.pop()
        while len(pieces) > 1 and fold(pieces[-1]) in COUNTRY:
            pieces.pop()
        numbered = any(read[1] for piece in pieces[:-1] if (read := read_street(piece)))
        if len(pieces) > 1 and (fold(pieces[-1]) == fold(city) or (numbered and TOWN_NAME.fullmatch(pieces[-1]))):
            columns["city"] = pieces.pop()
    elif len(pieces) > 1 and city and fold(pieces[-1]) == fold(city):
        columns["city"] = pieces.pop()
    elif len(pieces) == 1 and city and fold(pieces[0]) == fold(city):
        return {"city": pieces[0]}
    # the piece with number and a word like Straße, else the last with a number, else one with such a word
    streets = [
        (bool(read[1]), bool(STREET_WORD.search(piece)), number, read)
        for number, piece in enumerate(pieces) if (read := read_street(piece))
    ]  # fmt: skip
    rest = ""
    if streets:
        _, _, number, (street, house_number, rest) = max(streets, key=lambda found: found[:3])
        columns |= {"street": street, "house_number": house_number}
        del pieces[number]
    if pieces:
        columns["name"] = ", ".join(pieces)
    if rest:
        return Doubt(columns, doubt("partly_taken", shown(text), "Straße, Hausnummer und Ort").findings)
    return columns
