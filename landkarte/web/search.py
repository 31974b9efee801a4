"""The words of all offers come in; a search comes out that finds parts of words, in every script, and forgives slips.

Folding: lower case, no accents, one form for the letters that people write in two ways. Umlauts are found as `ü`, `u` and `ue`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from landkarte.web import bits

WORDS = r"[\p{L}\p{N}\p{M}]+"
# beyond lower case and Unicode's decomposition: ß, Turkish ı, letters with strokes, Arabic and Persian twins, tatweel
PAIRS = {"ß": "ss", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ـ": ""}
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
MAX_TERMS = 8
WHOLE = 3  # from this length on a term is looked for inside words, shorter ones only at the beginning


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: all matching rows, those whose title matches, and words taken instead of unknown ones."""

    rows: int
    in_title: int
    instead: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Words:
    """An inverted index: each folded word and the rows it stands in."""

    tokens: Sequence[str]
    joined: str
    starts: Sequence[int]
    rows: pl.Series
    size: int

    def matching(self, term: str) -> list[int]:
        """Give the numbers of the words a folded term stands in."""
        found: dict[int, None] = {}
        needle = term if len(term) >= WHOLE else "\n" + term
        at = self.joined.find(needle)
        while at >= 0:
            number = bisect_right(self.starts, at + (len(needle) - len(term))) - 1
            found[number] = None
            at = self.joined.find(needle, self.starts[number] + len(self.tokens[number]))
        return list(found)

    def mask(self, numbers: list[int]) -> int:
        """Give the rows in which any of these words stands."""
        if not numbers:
            return 0
        return bits.to_mask(self.rows.gather(numbers).explode().unique().to_list(), self.size)


@dataclass(frozen=True, slots=True)
class TextIndex:
    """The search over one publication: all words, those of the titles, and the rows that a vocabulary's word stands for."""

    words: Words
    titles: Words
    labels: Mapping[str, int]

    def find(self, text: str) -> Found | None:
        """Find the rows that hold every word of `text`; None where the text holds no word."""
        terms = list(dict.fromkeys(to_terms(text)))[:MAX_TERMS]
        if not terms:
            return None
        rows = in_title = -1
        instead: dict[str, tuple[str, ...]] = {}
        for term in terms:
            found, title = self._term(term)
            if not found and (similar := self._similar(term)):
                instead[term] = tuple(self.words.tokens[number] for number in similar)
                for token in instead[term]:
                    found |= self._term(token)[0]
            rows &= found
            in_title &= title
        return Found(rows, in_title & rows, instead)

    def _term(self, term: str) -> tuple[int, int]:
        title = self.titles.mask(self.titles.matching(term))
        mask = self.words.mask(self.words.matching(term))
        for token, rows in self.labels.items():
            if (term in token) if len(term) >= WHOLE else token.startswith(term):
                mask |= rows
        return mask, title

    def _similar(self, term: str) -> list[int]:
        if len(term) < 4:
            return []
        slips = 1 if len(term) < 7 else 2
        close = process.extract(term, self.words.tokens, scorer=OSA.distance, score_cutoff=slips, limit=4)
        best = min((distance for _, distance, _ in close), default=0)
        return [number for _, distance, number in close if distance == best]


def build(texts: Sequence[str], titles: Sequence[str], labels: Mapping[str, int]) -> TextIndex:
    """Index the rows' texts and titles; `labels` gives words of vocabularies with the rows they stand for."""
    folded: dict[str, int] = {}
    for label, rows in labels.items():
        for token in to_terms(label):
            folded[token] = folded.get(token, 0) | rows
    everything = [f"{title} {text}" for title, text in zip(titles, texts, strict=True)]
    return TextIndex(_words(everything), _words(titles), folded)


def to_terms(text: str) -> list[str]:
    """Split a text into folded words."""
    words: list[str] = pl.select(_split(pl.lit(text))).to_series().explode().drop_nulls().to_list()
    return pl.select(fold(pl.Series(words, dtype=pl.String))).to_series().to_list() if words else []


def fold(text: pl.Expr | pl.Series) -> pl.Expr:
    """Give every spelling of a word one form."""
    column = pl.lit(text) if isinstance(text, pl.Series) else text
    return column.str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.replace_many(PAIRS)


def _split(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.normalize("NFC").str.extract_all(WORDS)


def _words(texts: Sequence[str]) -> Words:
    frame = (
        pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
        .with_row_index("row")
        .select("row", token=_split(pl.col("text")))
        .explode("token")
        .drop_nulls()
        .unique()
    )
    forms = frame.select(pl.col("token").unique()).with_columns(
        form=pl.concat_list(fold(pl.col("token")), fold(pl.col("token").str.replace_many(UMLAUTS))).list.unique()
    )
    grouped = (
        frame.join(forms.explode("form"), on="token")
        .group_by("form")
        .agg(pl.col("row").unique())
        .filter(pl.col("form") != "")
        .sort("form")
    )
    tokens = grouped["form"].to_list()
    # each word behind a line break, so that "\nab" finds beginnings
    starts = list(accumulate((len(token) + 1 for token in tokens[:-1]), initial=1)) if tokens else []
    return Words(tokens, "\n" + "\n".join(tokens), starts, grouped["row"], len(texts))


def label_words(labels: Mapping[tuple[str, str], Iterable[str]], masks: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Join labels (by facet and code) with the rows that carry the code."""
    found: dict[str, int] = {}
    for (facet, code), texts in labels.items():
        rows = masks.get(facet, {}).get(code, 0)
        for text in texts:
            if rows and text:
                found[text] = found.get(text, 0) | rows
    return found
