"""An invented town's house coordinates, as surveying offices write them: in HK-DE, as gebref.txt, and as a CSV with a header.

Musterstadt lies around the middle of Duisburg, so that its houses fall into real districts. Streets: Musterstraße (long, 200
houses, two postcodes), Kurze Gasse (12 houses within 60 m), Sankt-Johann-Straße, Am Alten Hafen, and two Dorfstraßen far apart.
"""

from dataclasses import dataclass

EAST, NORTH = 344_500.0, 5_700_200.0  # ETRS89/UTM 32, near the Altstadt
AGS = "05112000"


@dataclass(frozen=True, slots=True)
class House:
    """One house: street, number, suffix, postcode, metres east and north."""

    street: str
    number: int
    suffix: str
    postal_code: str
    east: float
    north: float


def houses() -> list[House]:
    """Give some three hundred houses; there is no Musterstraße 74, 100 to 119, and 12 has only 12a and 12b."""
    found = []
    for number in range(1, 201):
        if number == 74 or 100 <= number <= 119:
            continue
        side = 12.0 if number % 2 else -12.0
        spot = (EAST + number * 6.0, NORTH + side)
        for suffix in ("a", "b") if number == 12 else ("",):
            found.append(House("Musterstraße", number, suffix, "47051" if number < 150 else "47053", *spot))
    found += [House("Kurze Gasse", number, "", "47051", EAST + number * 5.0, NORTH + 300.0) for number in range(1, 13)]
    found += [House("Sankt-Johann-Straße", number, "", "47051", EAST + number * 9.0, NORTH - 200.0) for number in range(1, 41)]
    found += [House("Am Alten Hafen", number, "", "47051", EAST - 300.0, NORTH + number * 11.0) for number in range(1, 31)]
    found += [House("Dorfstraße", number, "", "47051", EAST + 500.0, NORTH + 500.0 + number * 7.0) for number in range(1, 21)]
    found += [House("Dorfstraße", number, "", "47259", EAST + 500.0, NORTH - 9_000.0 - number * 7.0) for number in range(11, 31)]
    found.append(House("Sonnenwall", 73, "-75", "47051", EAST + 40.0, NORTH + 90.0))
    return found


def hk_de(found: list[House]) -> bytes:
    """Write houses as Hauskoordinaten: 18 columns, no header, zone before the east value, decimal comma; one of quality C."""
    lines = [
        f"N;DENW{place:012d};A;05;1;12;000;0000;{hash(house.street) % 10_000:05d};{house.number};{house.suffix};"
        f"32{house.east:.3f};{house.north:.3f};{house.street};{house.postal_code};Musterstadt;;".replace(".", ",")
        for place, house in enumerate(found)
    ]
    lines.append("N;DENWX;C;05;1;12;000;0000;00001;999;;32344500,000;5700200,000;Musterstraße;47051;Musterstadt;;")
    lines.append("N;DENWY;A;05;1;14;000;0000;00001;1;;32320000,000;5700200,000;Nachbargasse;47799;Nachbarstadt;;")
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def gebref(found: list[House]) -> bytes:
    """Write houses as North Rhine-Westphalia does: 21 columns, no header, no postcode, UTF-8."""
    return "".join(
        f"N;DENW{place:012d};A;05;Nordrhein-Westfalen;1;Düsseldorf;12;Duisburg;000;Duisburg;0000;;00001;{house.street};{house.number};"
        f"{house.suffix};32;{house.east:.3f};{house.north:.3f};2026-01-01\n".replace(".", ",")
        for place, house in enumerate(found)
    ).encode()


def with_header(found: list[House]) -> bytes:
    """Write houses with a header of plain words, the number and its suffix in one cell."""
    rows = [f"{h.street};{h.number}{h.suffix};{h.postal_code};Musterstadt;{h.east:.2f};{h.north:.2f}" for h in found]
    return "\n".join(["\ufeffstreet;house_number;postal_code;city;x;y", *rows]).encode()
