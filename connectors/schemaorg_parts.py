"""A schema.org object comes in; its place, its provider, its picture and its price go out, each in one plain shape."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.schemaorg_values import Node, as_list, to_literal, to_local, to_name, to_types

Resolve = Callable[[Any], Any]

ADDRESS = {
    "streetAddress": "street_address", "postalCode": "postal_code", "addressLocality": "city", "addressRegion": "region",
    "addressCountry": "country",
}  # fmt: skip
ORGANISATION = {"name": "name", "legalName": "legal_name", "url": "url", "email": "email", "telephone": "telephone"}
PRICE = re.compile(r"\d{1,7}(?:\.\d{1,2})?")  # 25, 25.50: how schema.org writes it; anything else stays the partner's words


def to_image(value: Any, resolve: Resolve) -> str | None:
    """Give the address of the first picture."""
    for item in as_list(value):
        item = resolve(item)
        found = to_literal(item.get("url") or item.get("contentUrl") or item.get("@id") if isinstance(item, Mapping) else item)
        if isinstance(found, str) and found.lower().startswith(("http://", "https://")):
            return found
    return None


def to_places(node: Node, resolve: Resolve) -> dict[str, Any]:
    """Give the first place of an offer as `location`, further ones as `locations`, an address on the web as `online_url`."""
    places = [place for value in as_list(node.get("location"))[:50] if (place := to_place(value, resolve))]
    online = next((place["online_url"] for place in places if "online_url" in place), None)
    real = [place for place in places if set(place) - {"online_url", "virtual"}]
    return {
        "location": real[0] if real else None,
        "locations": real[1:] or None,
        "online_url": online,
        "virtual": "online" if places and not real else None,
    }


def to_place(value: Any, resolve: Resolve) -> dict[str, Any]:
    """Flatten a Place, PostalAddress, VirtualLocation or a text."""
    value = resolve(value[0] if isinstance(value, list) and value else value)
    if not isinstance(value, Mapping) or "@value" in value:
        text = to_literal(value)
        if not isinstance(text, str) or not text:
            return {}
        return {"online_url": text} if text.lower().startswith(("http://", "https://")) else {"address": text}
    if "VirtualLocation" in to_types(value):
        url = to_literal(value.get("url"))
        return {"virtual": True} | ({"online_url": url} if isinstance(url, str) and url else {})
    postal = resolve(next(iter(as_list(value.get("address"))), None))
    if "PostalAddress" in to_types(value):
        postal = value
    place: dict[str, Any] = {name: to_literal(value.get(name)) for name in ("name", "telephone", "email", "url", "description")}
    if isinstance(postal, Mapping) and "@value" not in postal:
        for name, ours in ADDRESS.items():
            place[ours] = to_name(resolve(postal.get(name)))
        place["name"] = place["name"] or to_literal(postal.get("name"))
    elif isinstance(text := to_literal(postal), str):
        place["address"] = text
    place |= _point(value, resolve)
    return {name: item for name, item in place.items() if isinstance(item, str | int | float) and item != ""}


def _point(value: Node, resolve: Resolve) -> dict[str, Any]:
    """Find the coordinates of a place: geo, its own latitude and longitude, or GeoJSON's order of two numbers."""
    geo = resolve(next(iter(as_list(value.get("geo"))), None))
    for holder in (geo, value):
        if isinstance(holder, Mapping) and holder.get("latitude") is not None and holder.get("longitude") is not None:
            return {"latitude": to_literal(holder["latitude"]), "longitude": to_literal(holder["longitude"])}
    pair = value.get("geo_point")
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(number, int | float) for number in pair):
        return {"latitude": to_literal(pair[1]), "longitude": to_literal(pair[0])}
    return {}


def to_organisation(node: Node, resolve: Resolve) -> dict[str, Any] | None:
    """Give who offers it, where that is no person."""
    for name in ("provider", "organizer"):
        for value in as_list(node.get(name)):
            value = resolve(value)
            if isinstance(value, str) and value.strip():
                return {"name": to_literal(value)}
            if isinstance(value, Mapping) and "Person" not in to_types(value):
                found = {ours: to_literal(value.get(theirs)) for theirs, ours in ORGANISATION.items()}
                found["name"] = found["name"] or found.pop("legal_name", None)
                contact = resolve(next(iter(as_list(value.get("contactPoint"))), None))
                if isinstance(contact, Mapping):
                    found["email"] = found["email"] or to_literal(contact.get("email"))
                    found["telephone"] = found["telephone"] or to_literal(contact.get("telephone"))
                plain = {key: item for key, item in found.items() if isinstance(item, str) and item}
                if plain:
                    return plain
    return None


def to_offers(node: Node, resolve: Resolve) -> dict[str, Any]:
    """Give what it costs (`cost`: a number of euros or words), where to register, until when, and whether places are left."""
    offers = [offer for value in as_list(node.get("offers"))[:20] if isinstance(offer := resolve(value), Mapping)]
    prices = [price for offer in offers if (price := _price(offer)) is not None]
    free = to_literal(node.get("isAccessibleForFree"))
    cost: Any = None
    if free is True or str(free).lower() in ("true", "yes", "https://schema.org/true", "http://schema.org/true"):
        cost = "kostenlos"
    elif len(prices) == 1 or (prices and len({str(price) for price, _ in prices}) == 1):
        cost = prices[0][0]
    elif prices:
        cost = "; ".join(f"{label}: {_words(price)}" if label else _words(price) for price, label in prices)

    def first(name: str) -> Any:
        return next((found for offer in offers if (found := to_literal(offer.get(name))) not in (None, "")), None)

    availability = first("availability")
    return {
        "cost": cost,
        "registration_url": first("url"),
        "registration_deadline": first("validThrough") or first("availabilityEnds"),
        "availability": to_local(availability) if isinstance(availability, str) else None,
    }


def _price(offer: Node) -> tuple[float | str, str] | None:
    """Read the price of one Offer: a number where it is surely euros, else words; and what it is called."""
    inner = next(iter(as_list(offer.get("priceSpecification"))), None)
    holder = offer if offer.get("price") is not None or not isinstance(inner, Mapping) else inner
    price = to_literal(holder.get("price", offer.get("lowPrice")))
    high = to_literal(offer.get("highPrice"))
    if price is None or price == "" or isinstance(price, Mapping | list | bool):
        return None
    label, currency = to_literal(offer.get("name")), to_literal(holder.get("priceCurrency", offer.get("priceCurrency")))
    text, unit = str(price), currency if isinstance(currency, str) and currency else "EUR"
    named = label if isinstance(label, str) else ""
    if high is not None and str(high) != text and not isinstance(high, Mapping | list):
        return f"{_words(text)}–{_words(str(high))} {unit}", named
    if PRICE.fullmatch(text) and unit == "EUR":
        return float(text), named
    return (f"{_words(text)} {unit}" if PRICE.fullmatch(text) else text), named


def _words(price: float | str) -> str:
    """Write a price the German way."""
    if isinstance(price, float):
        return f"{price:.2f} €".replace(".", ",")
    return f"{float(price):.2f}".replace(".", ",") if PRICE.fullmatch(price) else price
