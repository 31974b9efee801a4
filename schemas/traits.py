"""The tables of the city's offers come in; what tells two offers apart goes out, a number an offer and trait.

Texts become numbers while the tables stream by, so that a million offers take about a hundred megabytes. 0 means: nothing known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.sameness import Times
from schemas.titles import LITTLE, name_of, words_of
from schemas.vocabulary import fold

OPEN = ("active", "full", "temporarily_closed")
PINNED = ("exact", "street")
WEEK = {day: number for number, day in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"), 1)}
SEX = {"women": 1, "girls": 1, "men": 2, "boys": 2}
MODE = {"online": 1, "onsite": 2}
WORDS = 8  # of a title that are looked at before it is read
RARE = 0.002  # share of the titles up to which a word tells as much as a word can
SLICE = 20_000  # offers that are read in one go
STEP = 25_000  # titles that are taken apart in one go
MANY = 3  # offers of one partner with one contact
NEVER = 0  # a day no offer is on: the first of 1970
EMPTY: Mapping[Any, Any] = {pl.Float64(): float("nan"), pl.Boolean(): False}
CONTACTS = ("contact_email", "contact_phone")
LINKS = ("url", "registration_url", "record_url")

Numbers = npt.NDArray[Any]
Table = pl.DataFrame | pl.LazyFrame


@dataclass(frozen=True, slots=True)
class Traits:
    """An array a trait, one place an offer; `row` is the offer's row in its table, `titles` has every title once."""

    column: Mapping[str, Numbers]
    titles: pl.Series
    words: Numbers  # titles x WORDS: numbers of words, 0 where there are no more
    weight: Numbers  # of every word

    def __getitem__(self, name: str) -> Numbers:
        return self.column[name]

    def __len__(self) -> int:
        return len(self.column["row"])


def read_traits(offers: pl.LazyFrame, sessions: pl.LazyFrame, locations: pl.LazyFrame, organisations: pl.LazyFrame) -> Traits:
    """Read the open offers."""
    total = offers.select(pl.len()).collect(engine="streaming").item()
    # Slice by slice: read as a whole, the texts of many row groups would be in memory at once
    slices = [_offers(offers.slice(start, SLICE), start).collect(engine="streaming") for start in range(0, max(1, total), SLICE)]
    frame = pl.concat(slices)
    del slices
    when = _when(sessions).collect(engine="streaming")
    frame = frame.join(when, on="key", how="left", maintain_order="left")
    frame = frame.with_columns(place=pl.when(pl.col("place") == 0).then("held_at").otherwise("place").fill_null(0)).drop(
        "held_at"
    )
    del when
    towns = frozenset(
        word
        for town in locations.select(pl.col("city").drop_nulls().unique()).collect(engine="streaming")["city"]
        for word in fold(town).split()
    )
    named = organisations.select(organisation=pl.col("organisation_id"), provider="name").collect(engine="streaming")
    names = {name: name_of(name, towns) for name in named["provider"].unique() if name}
    named = named.select(
        organisation=_key("organisation"),
        provider=_key(pl.col("provider").replace_strict(names, default=None, return_dtype=pl.String)),
    ).unique("organisation", keep="first", maintain_order=True)
    frame = frame.join(named, on="organisation", how="left", maintain_order="left")
    bare = pl.when(pl.col("provider").fill_null(0) == 0).then("organisation").otherwise("provider")
    frame = frame.with_columns(organisation_id="organisation", organisation=bare).drop("provider")
    places = _places(locations).collect(engine="streaming").unique("place", keep="first", maintain_order=True)
    frame = frame.join(places, on="place", how="left", maintain_order="left")
    del places
    titles = frame["title"].unique(maintain_order=True)
    frame = frame.with_columns(
        title=frame.select("title").join(
            pl.DataFrame({"title": titles, "code": pl.int_range(len(titles), dtype=pl.UInt32, eager=True)}), on="title", how="left",
            maintain_order="left",
        )["code"]
    )  # fmt: skip
    column = {f"often_{name}": _often(frame, name) for name in (*CONTACTS, *LINKS)}
    for name in frame.columns:
        series = frame.drop_in_place(name)
        column[name] = series.fill_null(EMPTY.get(series.dtype, 0)).to_numpy()
    column["first"] = np.where(column["first"] == NEVER, column["day_low"], column["first"])
    column["last"] = np.where(column["last"] == NEVER, column["day_high"], column["last"])
    return Traits(column, titles, *_words(titles))


def read_times(t: Traits, wanted: Numbers, sessions: pl.LazyFrame) -> dict[int, Times]:
    """When some offers take place, in full."""
    numbers = pl.DataFrame({"key": t["key"][wanted], "n": wanted})
    going = pl.col("status").is_null() | (pl.col("status") != "cancelled")
    rows = (
        sessions.filter(going)
        .select(
            key=_key("offer_id"),
            weekday=_weekday(),
            minute=_minute(),
            day=pl.when(_once()).then(pl.col("start").str.slice(0, 10)),
        )
        .join(numbers.lazy(), on="key", how="inner")
        .collect(engine="streaming")
        .unique(["n", "weekday", "minute", "day"])
        .group_by("n")
        .agg("weekday", "minute", "day")
    )
    found = {}
    for n, weekdays, minutes, days in rows.iter_rows():
        weekly = frozenset((d, m) for d, m in zip(weekdays, minutes, strict=True) if d is not None and m is not None)
        single = frozenset() if None in days else frozenset(days)
        found[n] = Times(weekly, frozenset(d for d in weekdays if d is not None), single)
    return found


def _often(frame: pl.DataFrame, name: str) -> Numbers:
    """Whether many offers of one partner have the same: then it names the institution, not the offer."""
    counts = frame.select(name, "source").filter(pl.col(name) != 0).group_by(name, "source").len()
    many = counts.filter(pl.col("len") > MANY)[name].unique()
    return frame[name].is_in(many.implode()).to_numpy()


def _offers(offers: pl.LazyFrame, before: int) -> pl.LazyFrame:
    low, high = pl.coalesce("cefr_from", "cefr_to"), pl.coalesce("cefr_to", "cefr_from")
    return (
        offers.with_row_index("row", offset=before)
        .filter((pl.col("status").is_in(OPEN) | pl.col("status").is_null()) & pl.col("title").is_not_null())
        .select(
            "row",
            "title",
            key=_key("offer_id"),
            source=_key("source_key"),
            place=_key("location_id"),
            organisation=_key("organisation_id"),
            kind=_short("offer_type"),
            taught=_short("taught_language"),
            sex=pl.col("gender").replace_strict(SEX, default=0, return_dtype=pl.UInt8),
            mode=pl.col("attendance_mode").replace_strict(MODE, default=0, return_dtype=pl.UInt8),
            level_low=_level(low),
            level_high=_level(high) + pl.when(high.str.contains(".", literal=True)).then(0).otherwise(9).cast(pl.Int16),
            aged=pl.col("age_min").is_not_null() | pl.col("age_max").is_not_null(),
            age_min=pl.col("age_min").fill_null(0).cast(pl.Int16),
            age_max=pl.col("age_max").fill_null(120).cast(pl.Int16),
            first=_day("start_date"),
            last=_day("end_date"),
            **{name: _short(pl.col(name).str.to_lowercase()) for name in CONTACTS},
            **{name: _short(_site(name)) for name in LINKS},
            origin=pl.when(pl.col("origin_id").is_not_null())
            .then(pl.concat_str(pl.col("origin_catalogue").fill_null(""), pl.lit("\n"), "origin_id").hash())
            .otherwise(0),
        )
    )


def _when(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """When and where each offer takes place: days of the week as bits, the first and last minute it begins, single days."""
    going = pl.col("status").is_null() | (pl.col("status") != "cancelled")
    return (
        sessions.select(
            "location_id",
            key=_key("offer_id"),
            weekday=pl.when(going).then(_weekday()),
            minute=pl.when(going).then(_minute()),
            day=pl.when(going & _once()).then(_day("start")),
            open=going & _once().not_(),
        )
        .group_by("key")
        .agg(
            held_at=_key(pl.col("location_id").min()),
            **{f"on_{day}": (pl.col("weekday") == number).any() for day, number in WEEK.items()},
            minute_low=pl.col("minute").min().cast(pl.Int16),
            minute_high=pl.col("minute").max().cast(pl.Int16),
            day_low=pl.col("day").min(),
            day_high=pl.col("day").max(),
            open=pl.col("open").any(),
        )
        .select(
            "key",
            "held_at",
            days=pl.sum_horizontal(pl.col(f"on_{day}").cast(pl.UInt8) * (1 << number - 1) for day, number in WEEK.items()).cast(
                pl.UInt8
            ),
            minute_low=pl.col("minute_low") + 1,  # 0 is not known, 1 is midnight
            minute_high=pl.col("minute_high") + 1,
            day_low=pl.when(pl.col("open").not_()).then("day_low"),
            day_high=pl.when(pl.col("open").not_()).then("day_high"),
        )
    )


def _places(locations: pl.LazyFrame) -> pl.LazyFrame:
    exact = pl.col("place_quality").is_in(PINNED)
    street = (
        pl.col("street")
        .str.to_lowercase()
        .str.replace_all(r"(?:straße|strasse|str\.?)(\s|$)", "str ")
        .str.replace_many(["ä", "ö", "ü", "ß"], ["ae", "oe", "ue", "ss"])
        .str.replace_all(r"[^\p{L}\d]", "")
    )
    number = pl.col("house_number").str.to_lowercase().str.replace_all(r"[^\p{L}\d]", "")
    return locations.select(
        place=_key("location_id"),
        latitude=pl.when(exact).then("latitude"),
        longitude=pl.when(exact).then("longitude"),
        address=_key(pl.concat_str(street, pl.lit(" "), number)),
    )


def _key(value: str | pl.Expr) -> pl.Expr:
    """A text as a number; 0 where there is none."""
    text = pl.col(value) if isinstance(value, str) else value
    return pl.when(text.is_not_null()).then(text.hash()).otherwise(0)


def _short(value: str | pl.Expr) -> pl.Expr:
    """A text as a small number: two texts have the same once in four thousand million times, and offers meet for other reasons."""
    return (_key(value) % ((1 << 32) - 5)).cast(pl.UInt32)


def _day(column: str) -> pl.Expr:
    return pl.col(column).str.slice(0, 10).str.to_date(strict=False).to_physical()


def _minute() -> pl.Expr:
    clock = pl.coalesce(pl.when(pl.col("all_day").fill_null(False).not_()).then(pl.col("start").str.slice(11, 5)), "start_time")
    return clock.str.slice(0, 2).cast(pl.Int16, strict=False) * 60 + clock.str.slice(3, 2).cast(pl.Int16, strict=False)


def _once() -> pl.Expr:
    return pl.col("rrule").is_null() & pl.col("start").is_not_null()


def _weekday() -> pl.Expr:
    """1 for Monday: of a session's date, else as it is named."""
    start = pl.col("start").str.slice(0, 10).str.to_date(strict=False).dt.weekday().cast(pl.Int8)
    return pl.coalesce(start, pl.col("weekday").replace_strict(WEEK, default=None, return_dtype=pl.Int8))


def _level(text: pl.Expr) -> pl.Expr:
    """A2 is 20, A2.1 is 21, B1 is 30."""
    letter = text.str.slice(0, 1).replace_strict({"A": 0, "B": 2, "C": 4}, default=None, return_dtype=pl.Int16)
    part = text.str.slice(3, 1).cast(pl.Int16, strict=False).fill_null(0)
    return (letter + text.str.slice(1, 1).cast(pl.Int16, strict=False)) * 10 + part


def _site(column: str) -> pl.Expr:
    """An address on the web without what changes nothing; a front page names a partner, not an offer, and is left out."""
    bare = (
        pl.col(column)
        .str.to_lowercase()
        .str.replace(r"^https?://(?:www\.)?", "")
        .str.replace(r"#.*$", "")
        .str.replace_all(r"([?&])(?:utm_[a-z]+|fbclid|gclid|ref)=[^&]*", "$1")
        .str.strip_chars_end("/?&")
    )
    return pl.when(bare.str.contains("/", literal=True)).then(bare)


def _words(titles: pl.Series) -> tuple[Numbers, Numbers]:
    """The words of every title as numbers, and what each word weighs: the rarer it is the more, a general one little."""
    lists: dict[str, int] = {}
    general = [False]
    found = np.zeros((len(titles), WORDS), np.int32)
    for start in range(0, len(titles), STEP):
        tokens = (
            pl.DataFrame({"title": titles.slice(start, STEP)})
            .with_row_index("n")
            .with_columns(
                pl.col("title")
                .str.to_lowercase()
                .str.replace_many(["ä", "ö", "ü", "ß"], ["ae", "oe", "ue", "ss"])
                .str.normalize("NFKD")
                .str.replace_all(r"\p{M}", "")
                .str.extract_all(r"\w+")
            )
            .explode("title", empty_as_null=True)
        )
        known = tokens["title"].drop_nulls().unique(maintain_order=True)
        codes = []
        for token in known:
            words = words_of(token)
            for word, is_general in words:
                if word not in lists:
                    lists[word] = len(lists) + 1
                    general.append(is_general)
            codes.append([lists[word] for word, _ in words])
        parts = (
            tokens.join(
                pl.DataFrame({"title": known, "code": codes}, {"title": pl.String(), "code": pl.List(pl.Int32())}), on="title"
            )
            .explode("code", empty_as_null=True)
            .drop_nulls()
            .select("n", "code")
            .unique()
            .sort("n", "code")
            .with_columns(at=pl.int_range(pl.len()).over("n"))
            .filter(pl.col("at") < WORDS)
        )
        found[start + parts["n"].to_numpy().astype(np.int64), parts["at"].to_numpy()] = parts["code"].to_numpy()
    share = np.bincount(found.ravel(), minlength=len(general)) / max(1, len(titles))
    weight = np.clip(1 - 0.5 * np.log10(np.maximum(share, 1e-9) / RARE), LITTLE, 1) * np.where(general, LITTLE, 1.0)
    weight[0] = 0
    return found, weight.astype(np.float32)
