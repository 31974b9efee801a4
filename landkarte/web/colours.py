"""A city's brand colour comes in; a palette goes out whose contrasts hold (WCAG 2.2 AA), for light and for dark screens."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

HEX = re.compile(r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")  # #0b5563
OURS = "#0b5563"
PAPER, SURFACE = "#f8f4ed", "#ffffff"
NIGHT, NIGHT_SURFACE = "#171614", "#211f1c"
LIGHT_SOFT, DARK_SOFT = 0.10, 0.26  # how much of the brand is in the tone behind pictograms and badges
TEXT = 4.6  # WCAG asks for 4.5; a little more, because colours are rounded
Rgb = tuple[int, int, int]


def style(descriptor: Mapping[str, Any]) -> str:
    """Write the style sheet with the palette of a package's city."""
    brand = city_colour(descriptor)
    light = towards(brand, "#000000", (PAPER, SURFACE), LIGHT_SOFT)
    dark = towards(brand, "#ffffff", (NIGHT, NIGHT_SURFACE), DARK_SOFT)
    day = _variables(light, PAPER, on_brand="#ffffff", away="#000000", soft=LIGHT_SOFT)
    night = _variables(dark, NIGHT, on_brand=NIGHT, away="#ffffff", soft=DARK_SOFT)
    return f":root{{{day}}}\n@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n@media print{{:root{{{day}}}}}\n"


def city_colour(descriptor: Mapping[str, Any]) -> str:
    """Give the brand colour a package names under `city.colours.brand`, else ours."""
    city = descriptor.get("city")
    colours = city.get("colours") if isinstance(city, dict) else None
    named = colours.get("brand") if isinstance(colours, dict) else None
    return str(named) if isinstance(named, str) and HEX.match(named) else OURS


def _variables(brand: str, paper: str, *, on_brand: str, away: str, soft: float) -> str:
    """The brand, what is written on it, and five steps towards it for the district map, on which text in ink stays readable."""
    steps = [blend(paper, brand, share) for share in (0.06, 0.14, 0.22, 0.30, 0.38)]
    strong = blend(brand, away, 0.18)
    names = {"brand": brand, "on-brand": on_brand, "brand-strong": strong, "brand-soft": blend(paper, brand, soft)}
    names |= {f"step-{number}": colour for number, colour in enumerate(steps)}
    return "".join(f"--{name}:{colour};" for name, colour in names.items())


def towards(brand: str, aim: str, grounds: Sequence[str], soft: float) -> str:
    """Mix a brand colour with black or white, step by step, until it can be read on every ground and on its own soft tone."""
    for step in range(21):
        mixed = blend(brand, aim, step / 20)
        if min(contrast(mixed, ground) for ground in (*grounds, blend(grounds[0], mixed, soft))) >= TEXT:
            return mixed
    return aim


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def blend(one: str, other: str, share: float) -> str:
    """Mix `share` of the other colour into the one."""
    mixed = [round(a + (b - a) * share) for a, b in zip(to_rgb(one), to_rgb(other), strict=True)]
    return to_hex((mixed[0], mixed[1], mixed[2]))


def to_rgb(colour: str) -> Rgb:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def to_hex(colour: Rgb) -> str:
    return "#" + "".join(f"{value:02x}" for value in colour)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in to_rgb(colour)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
