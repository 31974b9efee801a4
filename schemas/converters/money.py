"""What something costs, in a partner's words, comes in; an amount or the cost columns of an offer go out."""

import re
from typing import Any

from schemas.converters.answer import Convert, Doubt, Setting, doubt
from schemas.converters.numbers import read_number
from schemas.converters.text import one_text
from schemas.vocabulary import fold, load

CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "$": "USD", "usd": "USD", "£": "GBP", "gbp": "GBP", "chf": "CHF", "sfr": "CHF",
}  # fmt: skip
CENTS = re.compile(r"(?P<number>[0-9]{1,7})\s?(?:ct|cents?)\.?", re.IGNORECASE)  # "2500 ct"
SIGN = r"€|EUR|Euro|\$|USD|£|GBP|CHF|Sfr\.?"
# "25,00 €", "EUR 25,-", "25,-- Euro", "25"
AMOUNT = re.compile(
    rf"(?P<before>{SIGN})?\s?(?P<number>[+-]?[0-9][0-9., '’]*?)(?:,[-–—]{{1,2}})?\s?(?P<after>{SIGN})?", re.IGNORECASE
)
# an amount somewhere in a text
MENTION = re.compile(rf"(?:{SIGN})\s?[0-9]|[0-9][0-9.,]*(?:,[-–—]{{1,2}})?\s?(?:{SIGN})", re.IGNORECASE)
MENTION_FREE = re.compile(r"kosten(?:los|frei)|gratis|frei\b", re.IGNORECASE)
BARE = re.compile(r"[-+0-9., ]+")
FREE = frozenset(map(fold, (
    "kostenfrei", "gratis", "umsonst", "frei", "free of charge", "gebührenfrei", "unentgeltlich", "entgeltfrei", "Eintritt frei",
    "keine", "keine Kosten", "Teilnahme kostenlos", "Teilnahme kostenfrei", "kostenlose Teilnahme", "Die Teilnahme ist kostenlos",
    "Die Teilnahme ist kostenfrei", "Das Angebot ist kostenlos",
    *(labels["free"] for labels in load("cost_types").labels.values()),
)))  # fmt: skip
PAID = frozenset(map(fold, (
    "kostenpflichtig", "gebührenpflichtig", "entgeltpflichtig", "beitragspflichtig", "mit Kosten", "with costs", "chargeable",
    *(labels["paid"] for labels in load("cost_types").labels.values()),
)))  # fmt: skip
YES_NO = frozenset({"ja", "nein", "yes", "no", "true", "false"})  # of a column "kostenlos?" as of a column "Kosten?"
DEPOSIT = re.compile(r"\b(?:Pfand|Kaution|deposit)\b", re.IGNORECASE)


def read_amount(text: str) -> tuple[float, str] | None:
    """Read one amount of money with its currency; without one it is Euro."""
    if cents := CENTS.fullmatch(text):
        return int(cents["number"]) / 100, "EUR"
    found = AMOUNT.fullmatch(text)
    if found is None or (found["before"] and found["after"]):
        return None
    amount = read_number(found["number"].rstrip(" "))
    if amount is None or amount < 0:
        return None
    sign = (found["before"] or found["after"] or "EUR").lower().rstrip(".")
    return round(amount, 2), CURRENCIES[sign]


def to_money(argument: Any, setting: Setting) -> Convert:
    """Make `money`: an amount in Euro as a number; kostenlos is 0. `money: cent` takes a bare number as Cent."""
    if argument not in (None, "cent"):
        raise ValueError("money kennt nur die Angabe cent; für andere Währungen gibt es das Ziel cost")
    unit = 100 if argument == "cent" else 1

    def money(value: Any) -> Any:
        if type(value) is int or type(value) is float:
            return round(float(value) / unit, 2) if 0 <= value < 1e9 else doubt("bad_money", value)
        text = one_text(value)
        if type(text) is not str:
            return text
        if fold(text) in FREE:
            return 0.0
        if unit > 1 and text.isascii() and text.isdigit() and len(text) < 10:
            return int(text) / unit
        read = read_amount(text)
        return read[0] if read and read[1] == "EUR" else doubt("bad_money", text)

    return money


def to_cost(argument: Any, setting: Setting) -> Convert:
    """Make the converter of the target `cost`: cost_type, cost_amount, cost_currency, cost_note from one text.

    What is no plain amount stays readable as the note: "ab 5 €", "10 € / ermäßigt 5 €".
    """

    def cost(value: Any) -> Any:
        if type(value) is int or type(value) is float:
            return _paid(round(float(value), 2), "EUR") if 0 <= value < 1e9 else doubt("bad_money", value)
        text = one_text(value)
        if type(text) is not str:
            return text
        if fold(text) in FREE:
            return {"cost_type": "free"}
        if fold(text) in PAID:
            return {"cost_type": "paid"}
        if fold(text) in YES_NO:  # yes to what? cost_type with a table of words says it
            return doubt("bad_money", text)
        read = read_amount(text)
        if read:
            return _paid(*read)
        if not MENTION.search(text):
            return {"cost_note": text} if not BARE.fullmatch(text) else doubt("bad_money", text)
        if DEPOSIT.search(text):
            read = read_amount(DEPOSIT.sub("", text).strip(" :()"))
            amount = {"cost_amount": read[0], "cost_currency": read[1]} if read else {}
            return {"cost_type": "deposit", "cost_note": text, **amount}
        if AMOUNT.fullmatch(text):  # "1.234 €": one thousand or one?
            return Doubt({"cost_type": "paid", "cost_note": text}, doubt("bad_money", text).findings)
        return {"cost_note": text} if MENTION_FREE.search(text) else {"cost_type": "paid", "cost_note": text}

    return cost


def _paid(amount: float, currency: str) -> dict[str, Any]:
    return {"cost_type": "paid" if amount else "free", "cost_amount": amount, "cost_currency": currency}
