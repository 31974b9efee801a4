"""Some records of a feed come in; a first mapping goes out that a person looks through: by the names of fields and their values.

A guess is kept only where our own converters read the values: what is guessed here is what a run would take. Everything that is
not mapped is listed with the reason, and words that none of our lists knows are listed with how often they came.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.converters.answer import Setting
from schemas.guess_dates import arrange
from schemas.guessed import LOOKED_AT, Claim, Guess, Guessed, Word, fit, means
from schemas.headers import EXACT, PART, means_group, to_meanings
from schemas.survey import Field, Survey, survey
from schemas.tables import load as load_table
from schemas.targets import GROUPS, split_target
from schemas.vocabulary import fold
from schemas.vocabulary import load as load_vocabulary

FITS, SURELY = 0.6, 0.9  # share of values that must be readable, and must be without a telling name
MOST_WORDS = 60  # different words; more are no categories
LONGEST_WORD = 60
CLOSE = 0.06  # two fields so close in score are a tie to be decided
MARKUP = re.compile(r"</?[a-z][a-z0-9]*\b[^>]*>|&(?:[a-z]+|#\d+);", re.I)
PIECES = re.compile(r"\s*[;|\n,]\s*")
HOUSE = re.compile(r"[^\W\d_].*\s\d{1,4}\s?[a-zA-Z]?\b")  # "Sonnenwall 73"
POSTCODE = re.compile(r"\b\d{5}\b")
PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg)(?:[?#]|$)", re.I)
SYSTEMS = ("EPSG:25832", "EPSG:25833", "EPSG:4647", "EPSG:31466", "EPSG:31467", "EPSG:3857")
FORMS = ("DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "YYYYMMDD")
DATES = ("start_date", "end_date", "registration_deadline", "last_confirmed", "source_modified")
TEXTS = ("title", "summary", "description", "cost_note", "funding", "organisation.description")
WRITTEN_OUT = ("adresse", "anschrift", "address", "kontaktadresse")  # never just the name of a place
JOINED = ("description",)
PHONES = ("contact_phone", "organisation.phone")


def guess(found: Survey, setting: Setting, *, known: Mapping[str, Any] | None = None) -> Guess:
    """Guess the map of a survey. `known` is the default map of the kind: its fields and targets are left alone."""
    return _Guesser(found, setting, known or {}).run()


class _Guesser:
    def __init__(self, found: Survey, setting: Setting, known: Mapping[str, Any]) -> None:
        self.survey, self.setting, self.known = found, setting, known
        self.guess = Guess()
        self.claims: dict[str, list[Claim]] = {}
        self.roles: dict[str, list[Claim]] = {}
        self.reasons: dict[str, str] = {}  # path: why it is not taken
        self.taken: set[str] = set()

    def run(self) -> Guess:
        if not self.known:
            for one in self.survey.fields.values():
                if not self._one_of_many(one):
                    self._claim(one)
            self._ids()
            self._places()
            self._phones()
            self._by_value("<contact>", ("contact_email", "contact_phone", "url"))
            self._by_value("<registration>", ("registration_url", "registration"))
            for target in list(self.claims):
                self._settle(target)
            arrange(self)
            self._title()
        self._categories()
        self._ignore()
        return self.guess

    def inner(self, items: Sequence[Mapping[str, Any]]) -> "_Guesser":
        """Look at the entries of a list by themselves, as far as their days and times."""
        other = _Guesser(survey(items, nested=True), self.setting, {})
        for one in other.survey.fields.values():
            other._claim(one)
        arrange(other)
        for target in ("session.room", "session.note"):
            if target in other.claims:
                other._settle(target)
        return other

    def _one_of_many(self, one: Field) -> bool:
        """Say whether a field is the first of several dates or translations: that says nothing of the offer itself."""
        lists = [name for name, number in zip(one.steps, one.steps[1:], strict=False) if isinstance(name, str) and number == 0]
        return any(meaning.target in ("<sessions>", "<translations>") for name in lists for meaning in to_meanings([name]))

    # What a field wants to be

    def _claim(self, one: Field) -> None:
        meanings = to_meanings(one.keys)
        for meaning in meanings:
            target = meaning.target
            if target.startswith("<"):
                self.roles.setdefault(target, []).append(Claim(one, meaning.score))
                return
            as_, share = self._converters(target, one)
            if share is None and meaning.score < EXACT:
                continue
            if share is not None and share < FITS and target != "keywords":
                if target in PHONES:
                    self.roles.setdefault("<number>", []).append(Claim(one, meaning.score))
                self.reasons[one.path] = f"heißt wie {target}, die Werte passen aber nicht"
                continue
            self.claims.setdefault(target, []).append(Claim(one, meaning.score, as_, share))
            return
        if not meanings and one.filled >= self.survey.count / 2:
            self._claim_by_value(one)

    def _claim_by_value(self, one: Field) -> None:
        texts = one.texts[:LOOKED_AT]
        if texts and all("@" in text for text in texts) and fit("contact_email", (), one.values, self.setting) >= SURELY:
            self.claims.setdefault("contact_email", []).append(Claim(one, 0.4, (), 1.0, "Inhalt"))
        elif texts and all(text.startswith(("http://", "https://")) for text in texts):
            target = "image_url" if all(PICTURE.search(text) for text in texts) else "url"
            self.claims.setdefault(target, []).append(Claim(one, 0.4, (), 1.0, "Inhalt"))

    def _converters(self, target: str, one: Field) -> tuple[tuple[Any, ...], float | None]:
        """Find the converters that read a field best."""
        if not one.values:
            return (), None
        variants: list[tuple[Any, ...]] = [()]
        if target in DATES:
            name = "datetime" if target == "source_modified" else "date"
            variants = [(name,), *(({name: form},) for form in FORMS), ("epoch_ms",), ("epoch_s",)]
        elif target in TEXTS and any(MARKUP.search(text) for text in one.texts[:LOOKED_AT]):
            variants = [("text",)]
        elif vocabulary_of(target):
            return (), None if not one.values else 1.0  # words are looked at one by one
        best = max(variants, key=lambda as_: fit(target, as_, one.values, self.setting))
        return best, fit(target, best, one.values, self.setting)

    # What it becomes

    def put(self, target: str, claim: Claim, *more: Claim, join: str | None = None, as_: tuple[Any, ...] | None = None) -> None:
        """Write a line of the map, unless the target is taken."""
        if target in self.guess.targets():
            return
        fields = [claim.field, *(one.field for one in more)]
        self.taken.update(one.path for one in fields)
        example = next(iter(claim.field.texts), "")
        paths = tuple(one.path for one in fields)
        given = claim.as_ if as_ is None else as_
        self.guess.map.append(Guessed(target, paths, given, join, claim.why, claim.share, example))

    def _settle(self, target: str) -> None:
        """Give a target to the field that has the best claim."""
        wanting = [claim for claim in self.claims[target] if claim.field.path not in self.taken]
        wanting.sort(key=lambda claim: (not claim.field.filled, -claim.score, -claim.field.filled, len(claim.field.keys)))
        if not wanting:
            return
        first, *others = wanting
        if vocabulary_of(target):
            self._settle_words(target, first)
        elif target in JOINED:
            more = [claim for claim in others if claim.score > PART and claim.field.filled][:2]
            self.put(target, first, *more, join="\n\n" if more else None)
            others = [claim for claim in others if claim not in more]
        else:
            self.put(target, first)
        for claim in others:
            self.reasons[claim.field.path] = f"gleiche Bedeutung wie ‚{first.field.path}‘"
            if claim.field.filled and first.field.filled and first.score - claim.score < CLOSE:
                self.guess.decide.append(
                    f"{target}: ‚{first.field.path}‘ oder ‚{claim.field.path}‘? Genommen ist ‚{first.field.path}‘."
                )

    def _settle_words(self, target: str, claim: Claim) -> None:
        found = self.words(target, claim.field)
        if found is None:
            self.reasons[claim.field.path] = f"heißt wie {target}, hat aber zu viele verschiedene Werte"
        elif all(word.code for word in found.values()):
            self.put(target, claim)
        else:
            name = self._lookup_name(claim.field, target)
            self.guess.lookups[name] = found
            self.put(target, claim, as_=({"lookup": name},))

    def words(self, target: str, one: Field) -> dict[str, Word] | None:
        """List the words of a field with the codes of a target's list; None where they are no categories."""
        name = vocabulary_of(target)
        find = load_vocabulary(name).find if name else lambda text: None
        counted: Counter[str] = Counter()
        for text in one.texts:
            pieces = [text] if find(text) else [piece for piece in PIECES.split(text) if piece]
            counted.update(pieces)
        if len(counted) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in counted):
            return None
        return {word: Word(find(word), count) for word, count in counted.most_common()}

    def _lookup_name(self, one: Field, target: str) -> str:
        name = fold(one.keys[-1]).replace(" ", "_") or target.rpartition(".")[2]
        while name in self.guess.lookups:
            name += f"_{target.rpartition('.')[2]}"
        return name

    def _ids(self) -> None:
        count = self.survey.count
        for claim in sorted(self.roles.get("<id>", []), key=lambda claim: (-claim.score, len(claim.field.keys))):
            one = claim.field
            if self.guess.record_id is None and count and one.filled == count and len(one.words) == min(count, len(one.values)):
                self.guess.record_id = one.path
                self.taken.add(one.path)
            else:
                self.reasons[one.path] = "Kennung, die nicht gebraucht wird"

    def _places(self) -> None:
        postcode = any(claim.field.filled for claim in self.claims.get("location.postal_code", []))
        for claim in sorted(self.roles.get("<place>", []), key=lambda claim: -claim.score):
            self._place(claim, postcode=postcode)
        for claim in self.roles.get("<street>", []):
            numbered = _share(claim.field, HOUSE) >= 0.5
            self._claim_as("location.street_line" if numbered else "location.street", claim)
        for first, second, system in (("<latitude>", "<longitude>", None), ("<easting>", "<northing>", "EPSG")):
            if first in self.roles and second in self.roles:
                self._point(self.roles[first], self.roles[second], system)
        for claim in self.roles.get("<point>", []):
            self._claim_as("location.point", claim)

    def _place(self, claim: Claim, *, postcode: bool) -> None:
        one = claim.field
        if _share(one, POSTCODE) >= 0.5:
            target = "location.address"
        elif _share(one, HOUSE) >= 0.5 or fold(one.keys[-1]) in WRITTEN_OUT:
            target = "location.street_line" if postcode else "location.address"
        elif "location.city" not in self.claims and self._is_town(one, postcode=postcode):
            target = "location.city"
        else:
            target = "location.name"
        self._claim_as(target, claim)

    def _is_town(self, one: Field, *, postcode: bool) -> bool:
        """Tell towns from the names of houses: one word each, or the city's name, or nearly always the same beside a postcode."""
        if _share(one, re.compile(re.escape(self.setting.city or "\0"), re.I)) >= 0.5:
            return True
        single = sum(len(text.split()) == 1 for text in one.texts) >= 0.8 * len(one.texts)
        return postcode and (single or len(one.words) <= 2)

    def _claim_as(self, target: str, claim: Claim) -> None:
        share = fit(target, claim.as_, claim.field.values, self.setting) if claim.field.values else None
        if share is not None and share < FITS / 2:
            self.reasons[claim.field.path] = f"sieht nach {target} aus, die Werte passen aber nicht"
            return
        self.claims.setdefault(target, []).append(Claim(claim.field, claim.score, claim.as_, share, claim.why))

    def _point(self, firsts: list[Claim], seconds: list[Claim], system: str | None) -> None:
        both = [(one, two) for one in firsts for two in seconds if one.field.keys[:-1] == two.field.keys[:-1]]
        if not both:
            return
        first, second = max(both, key=lambda pair: (pair[0].score, pair[0].field.filled, -len(pair[0].field.keys)))
        pairs = list(zip(first.field.values, second.field.values, strict=False))
        variants: list[tuple[Any, ...]] = [({"coordinates": name},) for name in SYSTEMS] if system else [()]
        best = max(variants, key=lambda as_: fit("location.point", as_, [list(pair) for pair in pairs], self.setting))
        share = fit("location.point", best, [list(pair) for pair in pairs], self.setting)
        if share >= FITS:
            self.put("location.point", Claim(first.field, first.score, best, share), second)
        else:
            for claim in (first, second):
                self.reasons[claim.field.path] = "die Koordinaten liegen nicht in Deutschland oder in einem fremden System"

    def _phones(self) -> None:
        """A prefix in a field of its own belongs before the number beside it."""
        for prefix in self.roles.get("<phone prefix>", []):
            above = prefix.field.keys[:-1]
            target = "organisation.phone" if any(means_group(part, "organisation") for part in above) else "contact_phone"
            numbers = [*self.roles.get("<number>", []), *self.claims.get(target, [])]
            for number in numbers:
                if number.field.keys[:-1] == above and prefix.field.filled and number.field.filled:
                    self.put(target, Claim(prefix.field, prefix.score), number, join=" ")
                    break

    def _by_value(self, role: str, targets: tuple[str, ...]) -> None:
        """Give a field with a wide name to the first target whose converters read it."""
        for claim in self.roles.get(role, []):
            for target in targets:
                share = fit(target, (), claim.field.values, self.setting)
                if share >= FITS:
                    self.claims.setdefault(target, []).append(Claim(claim.field, claim.score, (), share))
                    break

    def _title(self) -> None:
        """Without a telling name, the first field with short and different texts is the title."""
        if "title" in self.guess.targets() or not self.survey.count:
            return
        for one in self.survey.fields.values():
            texts = one.texts
            if one.path in self.taken or len(one.keys) > 2 or one.filled < 0.9 * self.survey.count or not texts:
                continue
            average = sum(map(len, texts)) / len(texts)
            if 5 <= average <= 120 and len(one.words) >= 0.7 * len(texts) and _share(one, re.compile(r"[^\W\d_]{3}")) > 0.9:
                self.put("title", Claim(one, 0.3, (), 1.0, "Inhalt"))
                self.guess.decide.append(f"title: Ist ‚{one.path}‘ der Titel? Geraten nach dem Inhalt.")
                return
        self.guess.decide.append("title: Kein Feld sieht nach einem Titel aus. Ohne Titel wird kein Angebot übernommen.")

    def _categories(self) -> None:
        """Categories become topics; the kind of an offer too, where enough of its words are known."""
        claims = self.roles.get("<category>", [])
        if self.known:
            claims = [Claim(one, EXACT) for one in self.survey.fields.values() if means(one, "<category>")]
        for claim in sorted(claims, key=lambda claim: (-claim.field.filled, -claim.score)):
            one = claim.field
            if not one.values or "topics" in {**dict.fromkeys(self.guess.targets()), **self.known.get("map", {})}:
                continue
            found = self.words("topics", one)
            if found is None:
                self.claims.setdefault("keywords", []).append(claim)
                self._settle("keywords")
                continue
            self._settle_words("topics", claim)
            kinds = self.words("offer_type", one) or {}
            if "offer_type" not in self.guess.targets() and sum(1 for word in kinds.values() if word.code) >= 0.3 * len(kinds):
                self.guess.lookups[name := self._lookup_name(one, "offer_type")] = kinds
                self.put("offer_type", claim, as_=({"lookup": name},))

    def _ignore(self) -> None:
        """List what is left, by the field of the top level."""
        used = {self.survey.fields[path].root for path in self.taken if path in self.survey.fields}
        if self.guess.each:
            used.add(self.guess.each.split(".")[0].split("[")[0])
        default = self.known.get("map", {})
        if default:
            return  # what a kind made for its format leaves out, it leaves out on purpose
        for role, why in (("<person>", "Namen von Personen veröffentlichen wir nicht"), ("<nothing>", "nichts für ein Angebot")):
            for claim in self.roles.get(role, []):
                self.reasons[claim.field.path] = why
        for root in self.survey.roots:
            if root in used:
                continue
            own = [one for one in self.survey.fields.values() if one.root == root]
            why = next((self.reasons[one.path] for one in own if one.path in self.reasons), "")
            if not why:
                why = "nicht zugeordnet" if any(one.filled for one in own) or root in self.survey.lists else "bisher immer leer"
            self.guess.ignored[root] = why


def vocabulary_of(target: str) -> str | None:
    """Name the list a target's codes come from; None where it has none, or a converter that knows more than a list."""
    if target in ("languages", "organisation.languages", "location.wheelchair", "session.weekday", "cost_currency"):
        return None
    try:
        group, name = split_target(target)
        described: Mapping[str, Any] = next((one for one in load_table(GROUPS[group])["fields"] if one["name"] == name), {})
    except KeyError:
        return None
    found = described.get("vocabulary")
    return str(found) if found and name not in ("cefr_from", "cefr_to") else None


def _share(one: Field, form: re.Pattern[str]) -> float:
    texts = one.texts[:LOOKED_AT]
    return sum(bool(form.search(text)) for text in texts) / len(texts) if texts else 0.0
