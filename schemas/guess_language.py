"""The texts of a feed come in; the language they are plainly not German in goes out, so that a person sets `text_language`.

Only what is plain is told: letters German has not, or the little words of another language far more often than German ones.
"""

import re
from collections.abc import Iterable

LEAST = 15  # words; of fewer nothing is said
OFTEN = 0.08  # share of words that are little ones: a fifth in prose
MOSTLY = 0.5  # share of letters of another script
WORDS = re.compile(r"[^\W\d_]+")
WRITTEN = {
    "de": "und der die das den dem für mit von zu zum zur im ist nicht ein eine einen bei oder auch auf wir sie",
    "en": "the and of for with to is are you your we our in on at or not a an this from",
    "tr": "ve bir için ile bu da de olan veya olarak çok en",
    "fr": "le la les des et pour avec vous nous est une un du dans sur ou",
}
LITTLE = {code: frozenset(text.split()) for code, text in WRITTEN.items()}
SCRIPTS = {"uk": re.compile("[іїєґ]", re.I), "ru": re.compile("[а-яё]", re.I), "ar": re.compile("[\u0600-\u06ff]")}
NAMES = {"en": "englisch", "tr": "türkisch", "fr": "französisch", "uk": "ukrainisch", "ru": "russisch", "ar": "arabisch"}


def foreign_language(texts: Iterable[str]) -> str | None:
    """Give the code of the language that the texts are plainly in; None where it is German, or nothing is plain."""
    words = [word.casefold() for text in texts for word in WORDS.findall(text)]
    if len(words) < LEAST:
        return None
    letters = "".join(words)
    if len(SCRIPTS["ru"].findall(letters)) > MOSTLY * len(letters):
        return "uk" if SCRIPTS["uk"].search(letters) else "ru"
    if len(SCRIPTS["ar"].findall(letters)) > MOSTLY * len(letters):
        return "ar"
    shares = {code: sum(word in little for word in words) / len(words) for code, little in LITTLE.items()}
    best = max(shares, key=lambda code: shares[code])
    return best if best != "de" and shares[best] >= OFTEN and shares[best] > 2 * shares["de"] else None
