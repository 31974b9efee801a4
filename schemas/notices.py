"""The title of an offer comes in; what a partner wrote into it for lack of a better place goes out: cancelled, or full.

Calendars have a status for this, which hardly anybody uses: „Abgesagt: Sprachcafé“, „Nähkurs (AUSGEBUCHT)“, „FÄLLT AUS“.
"""

import re

CANCELLED = r"(?:abgesagt|entf(?:ä|ae)llt|f(?:ä|ae)llt(?:\s+(?:heute|leider))?\s+aus|cancell?ed|gestrichen)"
FULL = r"(?:ausgebucht|belegt|ausverkauft|voll belegt|fully booked|sold out)"
SIGN = r"\s*(?:[:!|–—-]|\s\.\.\.)+\s*"
FORMS = tuple(
    # "Abgesagt: Café", "Café - ABGESAGT", "Café (fällt aus)", "[Abgesagt] Café", "*** Abgesagt *** Café", "FÄLLT AUS!"
    (code, re.compile(
        rf"[*!\s]*{words}(?:{SIGN}.*|[*!\s.]*)|[*!\s]*[\[(]\s*{words}\s*[!.]*\s*[\])].*|\*+\s*{words}\s*\*+.*"
        rf"|.*(?:{SIGN}|\s\*+\s*){words}[*!.\s–—-]*|.*[\[(]\s*{words}\s*[!.]*\s*[\])]\s*",
        re.IGNORECASE | re.DOTALL,
    ))
    for code, words in (("cancelled", CANCELLED), ("full", FULL))
)  # fmt: skip
LOUD = {
    "cancelled": re.compile(r".*\s(?:ABGESAGT|ENTFÄLLT|FÄLLT AUS)[!.\s]*"),
    "full": re.compile(r".*\s(?:AUSGEBUCHT|BELEGT)[!.\s]*"),
}
HINT = re.compile(rf"{CANCELLED}|{FULL}", re.IGNORECASE)
LONGEST = 300  # characters of a title that is looked at


def read_notice(title: str) -> str | None:
    """Give `cancelled` or `full` where a title says so of the offer itself; None for „Wenn der Unterricht ausfällt“ and all others."""
    if len(title) > LONGEST or not HINT.search(title):
        return None
    return next((code for code, form in (*FORMS, *LOUD.items()) if form.fullmatch(title)), None)
