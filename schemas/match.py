"""The city's offers with their dates, places and institutions come in; which of them are one offer told by several partners goes out.

Only offers of different sources meet, and only those that are open. Every group has one offer that stands for it; the others stay
what they are and can be told apart again (`not_the_same`).
"""

from collections.abc import Mapping, Set
from hashlib import blake2b

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from schemas.candidates import find_candidates
from schemas.sameness import NEAR_PLACE, Side, Times, compare_offers
from schemas.titles import read_title, stem
from schemas.vocabulary import fold

OPEN = ("active", "full", "temporarily_closed")
PINNED = ("exact", "street")
SURE = 0.5
WORTH = 55.0  # a likeness of the titles (0 to 100) below which nothing but the same contact is worth a closer look
WEEK = {day: number for number, day in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"), 1)}
SCHEMA = pl.Schema(
    {
        "offer_id": pl.String(),
        "match_group": pl.String(),
        "primary": pl.Boolean(),
        "confidence": pl.Float64(),
        "reason": pl.String(),
    }
)
OFFER = (
    "offer_id", "source_key", "organisation_id", "location_id", "title", "offer_type", "age_min", "age_max", "gender",
    "taught_language", "cefr_from", "cefr_to", "attendance_mode", "start_date", "end_date", "contact_email", "contact_phone", "url",
    "registration_url", "record_url", "source_modified", "last_confirmed",
)  # fmt: skip


def find_matches(
    offers: pl.DataFrame | pl.LazyFrame,
    sessions: pl.DataFrame | pl.LazyFrame,
    locations: pl.DataFrame | pl.LazyFrame,
    organisations: pl.DataFrame | pl.LazyFrame,
    *,
    not_the_same: Set[frozenset[str]] = frozenset(),
    priority: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Find the groups: offer_id, match_group, primary, confidence (0 to 1) and reason (German) of every offer that is in one.

    `priority` ranks the sources, the highest first; among equals the freshest offer stands for its group, then the fullest.
    """
    frame = _frame(offers.lazy(), sessions.lazy(), locations.lazy(), organisations.lazy(), priority or {})
    if frame["source"].n_unique() < 2:
        return pl.DataFrame(schema=SCHEMA)
    pairs = _worth(find_candidates(frame), frame)
    if pairs.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    wanted = np.unique(np.concatenate([pairs["a"].to_numpy(), pairs["b"].to_numpy()]))
    sides = dict(zip(wanted.tolist(), _sides(frame[wanted.tolist()], sessions.lazy()), strict=True))
    links: dict[int, dict[int, tuple[float, str]]] = {}
    for a, b in pairs.iter_rows():
        if frozenset((sides[a].offer["offer_id"], sides[b].offer["offer_id"])) in not_the_same:
            continue
        verdict = compare_offers(sides[a], sides[b])
        if verdict.confidence >= SURE:
            links.setdefault(a, {})[b] = links.setdefault(b, {})[a] = (verdict.confidence, verdict.reason)
    return _groups(links, sides, {n: rank for n, rank in frame.select("n", "rank").iter_rows() if n in sides})


def _groups(
    links: Mapping[int, Mapping[int, tuple[float, str]]], sides: Mapping[int, Side], rank: Mapping[int, int]
) -> pl.DataFrame:
    """Gather around the offer that stands best for others whatever matches it itself: no chain, and one offer a source."""
    rows: list[tuple[str, str, bool, float, str]] = []
    taken: set[int] = set()
    for first in sorted(links, key=lambda n: rank[n]):
        if first in taken:
            continue
        best: dict[str, tuple[float, int, int]] = {}
        for n, (confidence, _) in links[first].items():
            source = sides[n].offer["source_key"]
            if n not in taken and (source not in best or (-confidence, rank[n], n) < best[source]):
                best[source] = (-confidence, rank[n], n)
        members = [n for _, _, n in sorted(best.values())]
        if not members:
            continue
        taken |= {first, *members}
        ids = sorted(sides[n].offer["offer_id"] for n in (first, *members))
        group = blake2b(ids[0].encode(), digest_size=8).hexdigest()
        found = [links[first][n] for n in members]
        rows.append((sides[first].offer["offer_id"], group, True, *max(found)))
        rows += [(sides[n].offer["offer_id"], group, False, *found[number]) for number, n in enumerate(members)]
    return pl.DataFrame(rows, SCHEMA, orient="row").sort("match_group", pl.col("primary").not_(), "offer_id")


def _frame(
    offers: pl.LazyFrame,
    sessions: pl.LazyFrame,
    locations: pl.LazyFrame,
    organisations: pl.LazyFrame,
    priority: Mapping[str, int],
) -> pl.DataFrame:
    """The open offers in the order of their ids, with what blocks and ranks them."""
    wanted = offers.filter(pl.col("status").is_in(OPEN) | pl.col("status").is_null()).filter(pl.col("title").is_not_null())
    filled = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.UInt16) for name in offers.collect_schema())
    elsewhere = (
        sessions.filter(pl.col("location_id").is_not_null())
        .group_by("offer_id")
        .agg(pl.col("location_id").min().alias("held_at"))
    )
    weekdays = (
        sessions.select("offer_id", days=pl.lit(2, pl.Int64).pow(_weekday()).cast(pl.Int64))
        .group_by("offer_id")
        .agg(pl.col("days").bitwise_or())
    )
    places = locations.select(
        "location_id", "street", "house_number", "latitude", "longitude", "place_quality", place_name="name", town="city"
    ).unique("location_id", keep="first", maintain_order=True)
    named = organisations.select("organisation_id", provider="name").unique("organisation_id", keep="first", maintain_order=True)
    frame = (
        wanted.select(*OFFER, filled=filled)
        .join(elsewhere, on="offer_id", how="left")
        .with_columns(location_id=pl.coalesce("location_id", "held_at"))
        .join(weekdays, on="offer_id", how="left")
        .join(places, on="location_id", how="left")
        .join(named, on="organisation_id", how="left")
        .sort("offer_id")
        .with_row_index("n")
        .collect()
    )
    exact = pl.col("place_quality").is_in(PINNED)
    fresh = pl.max_horizontal(pl.col("source_modified").str.slice(0, 10), "last_confirmed").fill_null("")
    street = (
        pl.col("street")
        .str.to_lowercase()
        .str.replace_all(r"(?:straße|strasse|str\.?)(\s|$)", "str ")
        .str.replace_all(r"[^\p{L}\d]", "")
    )
    number = pl.col("house_number").str.to_lowercase().str.replace_all(r"[^\p{L}\d]", "")
    mails = [pl.col(name).str.to_lowercase() for name in ("contact_email", "contact_phone")]
    sites = [_site(name) for name in ("url", "registration_url", "record_url")]
    return frame.with_columns(
        source=pl.col("source_key").rank("dense").cast(pl.UInt32),
        latitude=pl.when(exact).then("latitude"),
        longitude=pl.when(exact).then("longitude"),
        address=pl.concat_str(street, pl.lit(" "), number).fill_null(""),
        organisation=pl.coalesce(_bare("provider"), "organisation_id").fill_null(""),
        contacts=pl.concat_list(*mails).list.drop_nulls(),
        links=pl.concat_list(*sites).list.drop_nulls(),
        days=pl.col("days").fill_null(0),
        folded=pl.col("title")
        .str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_all(r"\W+", " "),
        rank=pl.struct(
            -pl.col("source_key").replace_strict(dict(priority), default=0, return_dtype=pl.Int64),
            fresh=-fresh.str.replace_all("-", "").cast(pl.Int64, strict=False).fill_null(0),
            filled=-pl.col("filled").cast(pl.Int64),
            last="offer_id",
        ).rank("ordinal"),
    ).with_columns(contacts=pl.concat_list("contacts", "links"), ways="contacts")


def _site(column: str) -> pl.Expr:
    """An address on the web without what changes nothing; a front page names a partner, not an offer, and is left out."""
    bare = (
        pl.col(column)
        .str.to_lowercase()
        .str.replace(r"^https?://(?:www\.)?", "")
        .str.replace(r"[#?].*$", "")
        .str.strip_chars_end("/")
    )
    return pl.when(bare.str.contains("/")).then(bare)


def _bare(column: str) -> pl.Expr:
    """An institution's name without its legal form."""
    text = pl.col(column).str.to_lowercase().str.replace_all(r"\be\.?\s?v\.?(?:\W|$)|\bg?gmbh\b|\bg?ug\b|\(.*?\)", " ")
    return text.str.replace_many(["ä", "ö", "ü", "ß"], ["ae", "oe", "ue", "ss"]).str.replace_all(r"\W+", " ").str.strip_chars()


def _worth(pairs: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out pairs that lie apart, and pairs whose titles share nothing while no contact speaks for them."""
    if pairs.is_empty():
        return pairs
    days = frame["days"].to_numpy()
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    lat, lon = frame["latitude"].to_numpy(), frame["longitude"].to_numpy()
    metres = 111_320 * np.hypot(lat[a] - lat[b], (lon[a] - lon[b]) * np.cos(np.radians(lat[a])))
    names = frame["address"].rank("dense").to_numpy()
    empty = (frame["address"] == "").to_numpy()
    near = ~(metres > NEAR_PLACE) | ((names[a] == names[b]) & ~empty[a])
    near &= (days[a] == 0) | (days[b] == 0) | (days[a] & days[b] != 0)
    pairs = pairs.filter(pl.Series(near))
    a, b = a[near], b[near]
    titles = frame["folded"].to_numpy()
    likeness = process.cpdist(titles[a], titles[b], scorer=fuzz.token_set_ratio, score_cutoff=WORTH)
    close = likeness >= WORTH
    whole = frame.select(pl.col("folded").str.replace_all(" ", "")).to_series().to_numpy()  # Sprach-Café and Sprachcafé
    close[~close] = process.cpdist(whole[a[~close]], whole[b[~close]], scorer=fuzz.partial_ratio, score_cutoff=WORTH) >= WORTH
    has = frame["contacts"].list.len().to_numpy()
    return pairs.filter(pl.Series(close | ((has[a] > 0) & (has[b] > 0))))


def _sides(frame: pl.DataFrame, sessions: pl.LazyFrame) -> list[Side]:
    """What is compared of some offers."""
    when = _times(frame, sessions)
    sides = []
    for row in frame.iter_rows(named=True):
        known = frozenset(
            stem(word) for name in ("place_name", "provider", "town", "street") if row[name] for word in fold(row[name]).split()
        )
        weekly, weekdays, days, first, last = when.get(row["offer_id"], (frozenset(), frozenset(), frozenset(), "", ""))
        sides.append(
            Side(
                offer=row,
                title=read_title(row["title"]),
                times=Times(weekly, weekdays, days, row["start_date"] or first, row["end_date"] or last),
                address=row["address"],
                point=(row["latitude"], row["longitude"])
                if row["latitude"] is not None and row["longitude"] is not None
                else None,
                organisation=row["organisation"],
                contacts=frozenset(row["ways"]) - frozenset(row["links"]),
                links=frozenset(row["links"]),
                known=known,
            )
        )
    return sides


def _weekday() -> pl.Expr:
    """1 for Monday: of a session's date, else as it is named."""
    start = pl.col("start").str.slice(0, 10).str.to_date(strict=False).dt.weekday().cast(pl.Int64)
    return pl.coalesce(start, pl.col("weekday").replace_strict(WEEK, default=None, return_dtype=pl.Int64))


def _times(
    frame: pl.DataFrame, sessions: pl.LazyFrame
) -> dict[str, tuple[frozenset[tuple[int, int]], frozenset[int], frozenset[str], str, str]]:
    """When each offer takes place, from its sessions."""
    clock = pl.coalesce(pl.when(pl.col("all_day").fill_null(False).not_()).then(pl.col("start").str.slice(11, 5)), "start_time")
    once = pl.col("rrule").is_null() & pl.col("start").is_not_null()
    rows = (
        sessions.filter(pl.col("status").is_null() | (pl.col("status") != "cancelled"))
        .join(frame.lazy().select("offer_id"), on="offer_id", how="semi")
        .select(
            "offer_id",
            weekday=_weekday(),
            minute=clock.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + clock.str.slice(3, 2).cast(pl.Int64, strict=False),
            day=pl.when(once).then(pl.col("start").str.slice(0, 10)),
            open=once.not_(),
        )
        .group_by("offer_id")
        .agg("weekday", "minute", pl.col("day").drop_nulls(), pl.col("open").any())
        .collect()
    )
    found = {}
    for offer_id, weekdays, minutes, days, opened in rows.iter_rows():
        weekly = frozenset((d, m) for d, m in zip(weekdays, minutes, strict=True) if d is not None and m is not None)
        single = frozenset() if opened else frozenset(days)
        known = frozenset(d for d in weekdays if d is not None)
        found[offer_id] = (weekly, known, single, min(single, default=""), max(single, default=""))
    return found
