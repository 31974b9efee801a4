"""A city's brand colour comes in; a palette goes out whose contrasts hold (WCAG 2.2 AA), for light and for dark screens."""

import re
from collections.abc import Mapping
from typing import Any

HEX = re.compile(r"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")  # #0b5563
OURS = "#0b5563"
PAPER, SURFACE = "#f8f4ed", "#ffffff"
NIGHT, NIGHT_SURFACE = "#171614", "#211f1c"
TEXT, EDGE = 4.5, 3.0  # the contrasts WCAG asks for: text, and what one has to see to use a page
Rgb = tuple[int, int, int]


def style(descriptor: Mapping[str, Any]) -> str:
    """Write the style sheet with the palette of a package's city."""
    brand = city_colour(descriptor)
    light = towards(brand, (0, 0, 0), lambda colour: min(contrast(colour, PAPER), contrast(colour, SURFACE)) >= TEXT + 1)
    dark = towards(
        brand, (255, 255, 255), lambda colour: min(contrast(colour, NIGHT), contrast(colour, NIGHT_SURFACE)) >= TEXT + 1
    )
    return (
        f":root{{{_variables(light, PAPER, '#ffffff', '#000000')}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_variables(dark, NIGHT, NIGHT, '#ffffff')}}}}}\n"
        f"@media print{{:root{{{_variables(light, PAPER, '#ffffff', '#000000')}}}}}\n"
    )


def city_colour(descriptor: Mapping[str, Any]) -> str:
    """Give the brand colour a package names under `city.colours.brand`, else ours."""
    city = descriptor.get("city")
    colours = city.get("colours") if isinstance(city, dict) else None
    named = colours.get("brand") if isinstance(colours, dict) else None
    return str(named) if isinstance(named, str) and HEX.match(named) else OURS


def _variables(brand: str, paper: str, on_brand: str, away: str) -> str:
    """The brand, what is written on it, and five steps towards it for the district map, on which text in ink stays readable."""
    steps = [blend(paper, brand, share) for share in (0.06, 0.14, 0.22, 0.30, 0.38)]
    strong = blend(brand, away, 0.18)
    names = {"brand": brand, "on-brand": on_brand, "brand-strong": strong, "brand-soft": blend(paper, brand, 0.10)}
    names |= {f"step-{number}": colour for number, colour in enumerate(steps)}
    return "".join(f"--{name}:{colour};" for name, colour in names.items())


def towards(colour: str, aim: Rgb, enough: Any) -> str:
    """Mix a colour with black or white, step by step, until it is enough."""
    for step in range(21):
        mixed = blend(colour, to_hex(aim), step / 20)
        if enough(mixed):
            return mixed
    return to_hex(aim)


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
