"""Some records of a feed come in; a first mapping goes out that a person looks through: by the names of fields and their values.

A guess is kept only where our own converters read the values: what is guessed here is what a run would take. Everything that is
not mapped is listed with the reason, and words that none of our lists knows are listed with how often they came.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.converters.answer import Setting
from schemas.converters.clock import read_weekdays
from schemas.guess_dates import arrange
from schemas.guess_language import NAMES, foreign_language
from schemas.guess_places import places
from schemas.guess_values import FITS, PHONES, WIDE, claim_by_value, converters, narrow, phones
from schemas.guess_words import categories, settle_words, vocabulary_of, yes_and_no
from schemas.guessed import Claim, Guess, share_of
from schemas.guessing import Guessing
from schemas.headers import is_number, means_group, to_grouped, to_meanings
from schemas.headings import EXACT, MOMENTS
from schemas.persons import are_persons
from schemas.record import SHEET
from schemas.survey import Field, Survey, survey
from schemas.vocabulary import fold

LETTERS = re.compile(r"[^\W\d_]{3}")
NO_TITLE = ("<person>", "<nothing>", "<id>", "<translation>", *MOMENTS)
TEXTS = ("title", "summary", "description")
DIFFERENT = 0.7  # share of titles that differ


def guess(found: Survey, setting: Setting, *, known: Mapping[str, Any] | None = None) -> Guess:
    """Guess the map of a survey. `known` is the default map of the kind: its fields and targets are left alone."""
    guessing = Guessing(found, setting, known or {})
    if not guessing.known:
        grouped = to_grouped([one.keys[0] for one in found.fields.values() if len(one.keys) == 1])
        for one in found.fields.values():
            if not _one_of_many(one):
                _claim(guessing, one, grouped.get(one.keys[0], one.keys) if len(one.keys) == 1 else one.keys)
        _ids(guessing)
        places(guessing)
        phones(guessing)
        for target in list(guessing.claims):
            _settle(guessing, target)
        arrange(guessing, _inner)
        yes_and_no(guessing)
        _title(guessing)
    categories(guessing)
    _language(guessing)
    _ignore(guessing)
    return guessing.guess


def _inner(items: Sequence[Mapping[str, Any]], setting: Setting) -> Guess:
    """Look at the entries of a list by themselves, as far as their days and times."""
    other = Guessing(survey(items, nested=True), setting)
    for one in other.survey.fields.values():
        _claim(other, one, one.keys)
    arrange(other, _inner)
    for target in ("session.room", "session.note"):
        other.settle(target)
    return other.guess


def _one_of_many(one: Field) -> bool:
    """Say whether a field is the first of several dates or translations: that says nothing of the offer itself."""
    names = [
        name
        for place, number in enumerate(one.steps)
        if number == 0
        for name in one.steps[max(0, place - 2) : place]  # termine[0], Termine.Termin[0]
        if isinstance(name, str)
    ]
    return any(meaning.target in ("<sessions>", "<translations>") for name in names for meaning in to_meanings([name]))


def _claim(guessing: Guessing, one: Field, keys: Sequence[str]) -> None:
    """Let a field want what its name means, if the values fit; without a telling name, what its values are."""
    meanings = to_meanings(keys)
    for meaning in meanings:
        target: str | None = meaning.target
        if target in WIDE:
            target = narrow(guessing, target, one)
        if target == "<sessions>":  # "wann": no list, so it speaks of the one session
            target = "<day>"
        if target is None:
            continue
        if target == "title" and fold(keys[-1]) == "name" and are_persons(one.texts):
            target = "<person>"
            guessing.guess.decide.append(f"In ‚{one.path}‘ stehen wohl Namen von Personen. Ist das eine Liste von Angeboten?")
        if target.startswith("<"):
            guessing.claim(target, Claim(one, meaning.score))
            return
        as_, share = converters(guessing, target, one)
        if share is None and meaning.score < EXACT:
            continue
        if share is not None and share < FITS and target != "keywords":
            if target in PHONES:
                guessing.claim("<number>", Claim(one, meaning.score))
            guessing.reasons[one.path] = f"heißt wie {target}, die Werte passen aber nicht"
            continue
        guessing.claim(target, Claim(one, meaning.score, as_, share))
        return
    if not meanings:
        claim_by_value(guessing, one)


def _settle(guessing: Guessing, target: str) -> None:
    settle_words(guessing, target) if vocabulary_of(target) else guessing.settle(target)


def _ids(guessing: Guessing) -> None:
    """The best field that tells every record apart is the id; one that is called a number, where none is called an id."""
    count = guessing.survey.count
    called = sorted(guessing.roles.get("<id>", []), key=lambda claim: (-claim.score, len(claim.field.keys)))
    others = [
        one for one in guessing.survey.fields.values()
        if len(one.keys) == 1 and is_number(one.keys[0]) and not to_meanings(one.keys)
        and not any(means_group(word, group) for word in one.keys[0].replace("_", " ").split() for group in ("organisation", "location"))
    ]  # fmt: skip
    for one in [*(claim.field for claim in called), *others]:
        unique = count and one.filled == count and len(one.words) == min(count, len(one.values))
        if guessing.guess.record_id is None and unique:
            guessing.guess.record_id = one.path
            guessing.taken.add(one.path)
        else:
            guessing.reasons[one.path] = "Kennung, die nicht gebraucht wird"
    if guessing.guess.record_id is None:
        _id_of_sheet(
            guessing, [*(claim.field for claim in called), *others, *(claim.field for claim in guessing.ranked("title"))]
        )


def _id_of_sheet(guessing: Guessing, fields: Sequence[Field]) -> None:
    """Where each sheet of a workbook counts from 1, or names the same courses again, a field and its sheet are the id together."""
    count, sheet = guessing.survey.count, guessing.survey.fields.get(SHEET)
    if sheet is None or sheet.filled < count or len(sheet.words) < 2:
        return
    for one in fields:
        pairs = set(zip(map(str, sheet.values), map(str, one.values), strict=False))
        if one.filled == count and len(pairs) == len(one.values):
            guessing.guess.record_id, guessing.guess.sheet_in_id = one.path, True
            guessing.taken.update({sheet.path, *([] if guessing.wants(one, "title") else [one.path])})
            guessing.guess.decide.append(
                f"id: ‚{one.path}‘ kommt auf mehreren Blättern vor; darum gehört der Name des Blatts dazu und darf sich nicht ändern."
            )
            return


def _title(guessing: Guessing) -> None:
    """Without a telling name, the field with short texts that differ most is the title."""
    count = guessing.survey.count
    if "title" in guessing.guess.targets() or not count:
        return
    best: tuple[float, Field] | None = None
    days = {one.path for one in guessing.survey.fields.values() if read_weekdays(one.path)}
    if len(days) > 1:
        guessing.guess.decide.append(
            "Einen Stundenplan mit den Wochentagen als Überschriften lesen wir nicht."
            " Gebraucht wird eine Zeile je Angebot, mit dem Wochentag in einer Spalte."
        )
    for one in guessing.survey.fields.values():
        texts = one.texts
        if (
            one.path in guessing.taken | days
            or len(one.keys) > 2
            or one.filled < 0.9 * count
            or not texts
            or guessing.wants(one, *NO_TITLE)
        ):
            continue
        average, different = sum(map(len, texts)) / len(texts), len(one.words) / len(texts)
        fitting = 5 <= average <= 120 and different >= DIFFERENT and share_of(one, LETTERS) > 0.9
        if fitting and (best is None or different > best[0]):
            best = (different, one)
    if best is None:
        guessing.guess.decide.append("title: Kein Feld sieht nach einem Titel aus. Ohne Titel wird kein Angebot übernommen.")
        return
    guessing.put("title", Claim(best[1], 0.3, (), 1.0, "Inhalt"))
    guessing.guess.decide.append(f"title: Ist ‚{best[1].path}‘ der Titel? Geraten nach dem Inhalt.")


def _language(guessing: Guessing) -> None:
    """Ask for the language of the texts where it is plainly another than German."""
    paths = [path for one in guessing.guess.map if one.target in TEXTS for path in one.from_]
    fields = guessing.survey.fields
    code = foreign_language(text for path in paths if path in fields for text in fields[path].texts)
    if code is not None:
        guessing.guess.decide.append(f"text_language: Die Texte sind wohl {NAMES[code]}. Bitte text_language: {code} eintragen.")


def _ignore(guessing: Guessing) -> None:
    """List what is left, by the field of the top level."""
    found, guess, reasons = guessing.survey, guessing.guess, guessing.reasons
    if guessing.known.get("map"):
        return  # what a kind made for its format leaves out, it leaves out on purpose
    used = {found.fields[path].root for path in guessing.taken if path in found.fields}
    if guess.each:
        used.add(guess.each.split(".")[0].split("[")[0])
    for role, why in (
        ("<person>", "Namen von Personen veröffentlichen wir nicht"),
        ("<nothing>", "nichts für ein Angebot"),
        ("<translation>", "ein Text in einer anderen Sprache: bei Bedarf unter translations zuordnen"),
    ):
        for claim in guessing.roles.get(role, []):
            reasons[claim.field.path] = why
    for root in found.roots:
        if root in used:
            continue
        own = [one for one in found.fields.values() if one.root == root]
        why = next((reasons[one.path] for one in own if one.path in reasons), "")
        if not why:
            why = "nicht zugeordnet" if any(one.filled for one in own) or root in found.lists else "bisher immer leer"
        guess.ignored[root] = why
