"""Pairs of offers come in by their numbers; what the two have in common goes out, ready to be judged.

Only here texts come back: the titles, and the names of places and institutions, which say nothing about an offer there.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from schemas.candidates import LATE, NEAR_PLACE, SAME_PLACE, metres
from schemas.sameness import Meeting, Times, compare_times
from schemas.titles import read_title, stem
from schemas.traits import CONTACTS, LINKS, Numbers, Traits, read_times
from schemas.vocabulary import fold

PART = 50_000  # pairs whose texts are in memory at a time
NEVER = Times(frozenset(), frozenset(), frozenset())
NOTHING: frozenset[str] = frozenset()


def read_meetings(
    t: Traits, a: Numbers, b: Numbers, sessions: pl.LazyFrame, locations: pl.LazyFrame, organisations: pl.LazyFrame
) -> Iterator[tuple[int, int, Meeting]]:
    """Yield what two offers have in common; pairs whose times exclude each other are left out."""
    wanted = np.unique(np.concatenate([a, b]))
    where = _about(t["place"][wanted], locations, "location_id", ("name", "street", "city"))
    who = _about(t["organisation_id"][wanted], organisations, "organisation_id", ("name",))
    often = _often(t, a, b)
    when = read_times(t, np.unique(np.concatenate([a[often], b[often]])), sessions)
    for start in range(0, len(a), PART):
        part, other = a[start : start + PART], b[start : start + PART]
        codes = np.unique(t["title"][np.concatenate([part, other])])
        titles = dict(zip(codes.tolist(), t.titles.gather(codes), strict=True))
        columns = (part, other, *_sides(t, part, other), *_common(t, part, other), often[start : start + PART])
        for (
            one,
            two,
            title,
            title_b,
            *texts,
            online,
            online_b,
            here,
            there,
            place,
            time,
            contact,
            link,
            same,
            kinds,
            dated,
            many,
        ) in zip(*(column.tolist() for column in columns), strict=True):
            if many:
                time = compare_times(when.get(one, NEVER), when.get(two, NEVER), LATE)
                if time == "other":
                    continue
            yield (
                one,
                two,
                Meeting(
                    titles=(read_title(titles[title]), read_title(titles[title_b])),
                    known=NOTHING.union(*(where.get(key) or who.get(key, NOTHING) for key in texts)),
                    place=place,
                    time=time,
                    contact=contact,
                    link=link,
                    organisation=same,
                    kinds=kinds,
                    dated=dated,
                    online=(online, online_b),
                    placed=(here, there),
                ),
            )


def _sides(t: Traits, a: Numbers, b: Numbers) -> list[Numbers]:
    """Of both offers: title, the keys of the texts about place and institution, whether it is online and its place known."""
    placed = (t["address"] != 0) | ~np.isnan(t["latitude"])
    found = [t[name][side] for name in ("title", "place", "organisation_id") for side in (a, b)]
    return [*found, t["mode"][a] == 1, t["mode"][b] == 1, placed[a], placed[b]]


def _common(t: Traits, a: Numbers, b: Numbers) -> list[Numbers]:
    """Of every pair: place, time, and whether they have a contact, a link, the institution, but two kinds; one alone has dates."""
    far = metres(t, a, b)
    address, other = t["address"][a], t["address"][b]
    same = ((address != 0) & (address == other)) | ((far <= SAME_PLACE) & ((address == 0) | (other == 0)))
    place = np.where(same, "same", np.where(far <= NEAR_PLACE, "near", ""))
    dated, dated_b = t["days"][a] != 0, t["days"][b] != 0
    hours = (t["minute_low"][a] != 0) & (t["minute_low"][b] != 0)
    time = np.where(dated & dated_b, np.where(hours, "same", "day"), "")
    institution = (t["organisation"][a] != 0) & (t["organisation"][a] == t["organisation"][b])
    found = []
    for names in (CONTACTS, LINKS):
        own = np.zeros(len(a), bool)
        for name in names:
            for name_b in names if names is LINKS else (name,):
                ways = (t[name][a] != 0) & (t[name][a] == t[name_b][b])
                often = t[f"often_{name}"][a] | t[f"often_{name_b}"][b]
                own |= ways & ~often
                institution |= ways & often
        found.append(own)
    kinds = (t["kind"][a] != 0) & (t["kind"][b] != 0) & (t["kind"][a] != t["kind"][b])
    return [place, time, *found, institution, kinds, dated != dated_b]


def _often(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    """Whether both have dates and one of them begins at several times or on several days: then the traits do not say all."""
    simple = (t["minute_low"] == t["minute_high"]) & (t["day_low"] == t["day_high"])
    found: Numbers = (t["days"][a] != 0) & (t["days"][b] != 0) & ~(simple[a] & simple[b])
    return found


def _about(keys: Numbers, table: pl.LazyFrame, name: str, texts: tuple[str, ...]) -> dict[int, frozenset[str]]:
    """The words of some places or institutions by their keys."""
    wanted = pl.DataFrame({"key": np.unique(keys[keys != 0])})
    rows = (
        table.select(key=pl.col(name).hash(), text=pl.concat_str(*texts, separator=" ", ignore_nulls=True))
        .join(wanted.lazy(), on="key", how="semi")
        .collect(engine="streaming")
    )
    words = {text: frozenset(map(stem, fold(text).split())) for text in rows["text"].unique()}
    return {key: words[text] for key, text in rows.iter_rows()}
