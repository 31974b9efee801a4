"""A file of official house coordinates comes in; its houses go out as a frame: street, number, suffix, postcode, point.

Read are the Hauskoordinaten of the German surveying offices (HK-DE: 18 columns, no header), the Gebäudereferenzen of North
Rhine-Westphalia (gebref.txt: 21 columns, no header) and any CSV whose header names street, number and coordinates. Coordinates
are ETRS89/UTM, Gauß-Krüger or degrees; their size tells which. Houses of other municipalities are left out where the file has the
official key, and so are numbers the surveying office invented (quality C).
"""

import io
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
from pyproj import Transformer

from schemas.problems import SchemaError
from schemas.vocabulary import fold

LAYOUTS: Mapping[int, str] = {  # number of columns of a file without header: what stands in them
    18: "- - quality land region county town - - number suffix x y street postal_code",
    21: "- - quality land - region - county - town - - - - street number suffix - x y",
}
NAMES: Mapping[str, tuple[str, ...]] = {  # folded words of a header
    "street": ("street", "strasse", "str", "stn", "strassenname", "strname", "strassen name", "addrstreet"),
    "number": ("house number", "housenumber", "hausnummer", "hausnr", "hnr", "hsnr", "nummer", "nr", "addrhousenumber"),
    "suffix": ("suffix", "adz", "zusatz", "hausnummernzusatz", "hausnummerzusatz", "hausnrzusatz", "adressierungszusatz", "hnrz"),
    "postal_code": ("postal code", "postalcode", "plz", "postleitzahl", "postcode", "addrpostcode"),
    "x": ("x", "ostwert", "east", "easting", "e", "rechtswert", "utmx", "utmrechtswert", "lon", "longitude", "laengengrad"),
    "y": ("y", "nordwert", "north", "northing", "n", "hochwert", "utmy", "utmhochwert", "lat", "latitude", "breitengrad"),
    "quality": ("quality", "qua", "qualitaet"),
    "land": ("lan", "landschl"),
    "region": ("rbz", "regbezschl"),
    "county": ("krs", "kreisschl"),
    "town": ("gmdschl", "gmd"),
}
NEEDED = ("street", "number", "x", "y")
KEY = ("land", "region", "county", "town")  # together the official key of a municipality
SEPARATORS = ";\t|,"
HEAD = 65_536  # bytes that show what kind of file it is


def read_houses(source: Path | bytes, *, name: str = "", ags: str = "", columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read the houses of a municipality; raise SchemaError, one German sentence, where the file is none of the known kinds.

    `name` is what the sentence calls the file, `ags` the official key of eight digits, `columns` says which column of the header
    is "street", "number", "suffix", "postal_code", "x" or "y" where its own name does not. Gives the columns street, number,
    suffix (small letters, "" where there is none), postal_code (null where unknown), longitude and latitude in degrees.
    """
    where = name or (source.name if isinstance(source, Path) else "addresses")
    raw = _utf8(source, where)
    lines = _head(raw).decode("utf-8-sig", errors="replace").splitlines()
    skip = 1 if lines and lines[0].lower().startswith("sep=") else 0
    first = lines[skip] if len(lines) > skip else ""
    separator = max(SEPARATORS, key=first.count)
    cells = [cell.strip().strip('"') for cell in first.split(separator)]
    places = _places(cells, columns or {})
    header = bool(places)
    if not header:
        places = {column: place for place, column in enumerate(LAYOUTS.get(len(cells), "").split()) if column != "-"}
    if not places:
        raise SchemaError(
            f"{where}: Die Spalten für Straße, Hausnummer und Koordinaten wurden nicht erkannt. "
            "Bitte eine Datei mit den Spalten street, house_number, postal_code, x, y oder amtliche Hauskoordinaten angeben."
        )
    scan = pl.scan_csv(
        raw if isinstance(raw, Path) else io.BytesIO(raw),
        separator=separator,
        has_header=False,
        skip_rows=skip + header,
        infer_schema=False,
        truncate_ragged_lines=True,
        encoding="utf8-lossy",
        quote_char='"' if header else None,
        schema={f"column_{number}": pl.String for number in range(len(cells))},
    )
    picked = scan.select(pl.col(f"column_{place}").str.strip_chars(' "').alias(column) for column, place in places.items())
    try:
        houses = _houses(_of_town(picked, ags, places)).collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise SchemaError(f"{where}: Die Adressdatei lässt sich nicht lesen ({error}). Bitte die Datei neu ausgeben.") from error
    if houses.is_empty():
        town = f" der Gemeinde {ags}" if ags else ""
        raise SchemaError(f"{where}: Die Adressdatei enthält keine Adressen{town}. Bitte die Datei prüfen.")
    return _with_degrees(houses, where)


def _utf8(source: Path | bytes, where: str) -> Path | bytes:
    """Give a file in UTF-8: itself, or its text in cp1252 written anew, as older files are."""
    try:
        head = _head(source)
    except OSError as error:
        raise SchemaError(f"{where}: Die Adressdatei ist nicht lesbar. Bitte den Pfad prüfen.") from error
    try:
        head[: head.rfind(b"\n") + 1 or None].decode("utf-8")
    except UnicodeDecodeError:
        whole = source.read_bytes() if isinstance(source, Path) else source
        return whole.decode("cp1252", errors="replace").encode()
    return source


def _head(source: Path | bytes) -> bytes:
    if isinstance(source, bytes):
        return source[:HEAD]
    with source.open("rb") as stream:
        return stream.read(HEAD)


def _places(cells: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Say where the columns stand by the names in the header; empty where it is no header."""
    folded = [fold(cell) for cell in cells]
    places = {
        column: folded.index(word)
        for column, words in NAMES.items()
        for word in ((fold(columns[column]),) if column in columns else words)[::-1]  # the first word that is found wins
        if word in folded
    }
    return places if all(column in places for column in NEEDED) else {}


def _of_town(picked: pl.LazyFrame, ags: str, places: Collection[str]) -> pl.LazyFrame:
    if ags and all(part in places for part in KEY):
        key = pl.concat_str(KEY)
        picked = picked.filter((key == ags) | ~key.str.contains("^[0-9]{8}$"))
    if "quality" in places:
        picked = picked.filter(pl.col("quality") != "C")
    return picked


def _houses(picked: pl.LazyFrame) -> pl.LazyFrame:
    have = picked.collect_schema().names()
    written = pl.col("number").str.extract(r"^0*([0-9]{1,5})(.*)$", 2)
    suffix = written + pl.col("suffix").fill_null("") if "suffix" in have else written
    return picked.select(
        "street",
        number=pl.col("number").str.extract(r"^0*([0-9]{1,5})").cast(pl.Int32),
        suffix=suffix.str.replace_all(r"[\s.-]+", "").str.to_lowercase(),
        postal_code=pl.col("postal_code").replace("", None) if "postal_code" in have else pl.lit(None, dtype=pl.String),
        x=pl.col("x").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False),
        y=pl.col("y").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False),
    ).filter(
        pl.col("street").is_not_null() & (pl.col("street") != "") & pl.col("number").is_not_null(),
        pl.col("x").is_finite() & pl.col("y").is_finite(),
    )


def _with_degrees(houses: pl.DataFrame, where: str) -> pl.DataFrame:
    """Turn the coordinates into degrees. Which system they are in shows in the size of most of them."""
    east, north = houses["x"].to_numpy(), houses["y"].to_numpy()
    if _is_north(east) and not _is_north(north):  # some cities call the northing x
        east, north = north, east
    middle = float(np.median(east))
    if abs(middle) <= 180:
        longitude, latitude = east, north
    else:
        zone = int(middle // 1_000_000)
        if 31 <= zone <= 33:  # UTM with its zone in front, 32344567.123
            east, system = east - zone * 1_000_000, f"EPSG:258{zone}"
        elif 2 <= zone <= 5:  # Gauß-Krüger, 2554321.12
            system = f"EPSG:{31464 + zone}"
        elif zone == 0:
            system = "EPSG:25832"
        else:
            raise SchemaError(f"{where}: Die Koordinaten sind unbekannter Art. Bitte UTM (EPSG:25832) oder Grad angeben.")
        longitude, latitude = Transformer.from_crs(system, "EPSG:4326", always_xy=True).transform(east, north)
    return houses.select(
        "street",
        "number",
        "suffix",
        "postal_code",
        longitude=pl.Series(longitude, dtype=pl.Float64),
        latitude=pl.Series(latitude, dtype=pl.Float64),
    ).filter(pl.col("longitude").is_between(-180, 180) & pl.col("latitude").is_between(-90, 90))


def _is_north(values: npt.NDArray[np.float64]) -> bool:
    """Whether the numbers are metres from the equator, somewhere in central Europe."""
    return bool(4_800_000 < np.median(values) < 6_700_000)
