"""The traits of offers come in; pairs of different sources that may be one offer go out.

Two offers are looked at where they share a place or lie near each other, and, where the place of one is not known, where they share
an institution or a contact. Days, hours, terms, levels, languages and ages that exclude each other, and titles that share no word,
sort out nearly all of them, whole arrays at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from schemas.traits import CONTACTS, LINKS, Numbers, Traits

SQUARE = 260.0  # metres; four grids shifted by half of it bring together whatever is 130 metres apart
SAME_PLACE, NEAR_PLACE = 60.0, 130.0  # metres
LATE = 20  # minutes by which two beginnings may differ
TERM = 31  # days after which another beginning is another course
# How much of the words of the poorer title, by their weight, two titles share: where day and time agree, where it is the same
# institution, and where neither is known
SHARED_TIMED, SHARED, SHARED_UNKNOWN = 0.3, 0.5, 0.7
CHUNK = 400_000  # pairs that are looked at in one go
CROWD = 1_000_000  # pairs of two partners at one place from which on only those are looked at that share a word
METRES = 111_320  # a degree of latitude


@dataclass(frozen=True, slots=True)
class Groups:
    """Offers in an order in which those of one key and source stand together, and where each such group begins and ends."""

    order: Numbers
    key: Numbers
    source: Numbers
    known: Numbers  # whether both place and address are known of all its offers
    start: Numbers
    count: Numbers


def find_candidates(t: Traits) -> tuple[Numbers, Numbers]:
    """Give the pairs to compare: two arrays of numbers of offers, the first below the second, each pair once."""
    packed = [np.empty(0, np.uint64)]
    for a, b in _meetings(t):
        low, high = np.minimum(a, b).astype(np.uint64), np.maximum(a, b).astype(np.uint64)
        packed.append((low << np.uint64(32)) | high)
    pairs = np.unique(np.concatenate(packed))
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def find_twins(t: Traits) -> tuple[Numbers, Numbers]:
    """Give the pairs of different sources that name the same origin."""
    groups = _groups(t, t["origin"], np.zeros(len(t), bool))
    a, b = (np.concatenate(found) for found in zip((_NONE, _NONE), *_pairs(t, groups, *_with_itself(groups)), strict=True))
    return np.minimum(a, b), np.maximum(a, b)


_NONE = np.empty(0, np.int64)


def _meetings(t: Traits) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield pairs that may be one offer, some of them twice."""
    pinned, addressed = ~np.isnan(t["latitude"]), t["address"] != 0
    places, near = _places(t)
    groups = _groups(t, places, np.zeros(len(t), bool))
    for a, b in _pairs(t, groups, *near):
        keep = ~apart(t, a, b)
        a, b = a[keep], b[keep]
        keep = _alike(t, a, b)
        yield a[keep], b[keep]
    for name in ("organisation", *CONTACTS, *LINKS):
        groups = _groups(t, t[name], pinned & addressed)
        for a, b in _pairs(t, groups, *_with_itself(groups)):
            keep = ~((pinned[a] & pinned[b]) | (addressed[a] & addressed[b]))  # those met at their place, or lie apart
            a, b = a[keep], b[keep]
            keep = ~apart(t, a, b)
            a, b = a[keep], b[keep]
            if name == "organisation":
                keep = _alike(t, a, b)
                a, b = a[keep], b[keep]
            yield a, b


def apart(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    """Whether something that is known of both excludes that they are one: quick first, the rest only for what is left."""
    found = _day(t, a, b)
    for test in (_hour, _terms, _level, _person):
        left = np.flatnonzero(~found)
        found[left] = test(t, a[left], b[left])
    return found


def _day(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    one, other = t["days"][a], t["days"][b]
    found: Numbers = (one != 0) & (other != 0) & (one & other == 0)
    return found


def _hour(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    early, late = t["minute_low"][a], t["minute_high"][a]
    first, last = t["minute_low"][b], t["minute_high"][b]
    return (early > 0) & (first > 0) & ((early > last + LATE) | (first > late + LATE))


def _terms(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    """Single days that do not meet, periods that do not, or beginnings in different terms."""
    found = _no_overlap(t, "day_low", "day_high", a, b) | _no_overlap(t, "first", "last", a, b)
    starts = np.abs(t["first"][a] - t["first"][b])
    known = (t["first"][a] != 0) & (t["first"][b] != 0) & (t["last"][a] != 0) & (t["last"][b] != 0)
    found |= known & (starts > TERM) & ((t["day_low"][a] == 0) | (t["day_low"][b] == 0))
    return found


def _no_overlap(t: Traits, low: str, high: str, a: Numbers, b: Numbers) -> Numbers:
    early, late, first, last = t[low][a], t[high][a], t[low][b], t[high][b]
    found: Numbers = ((early != 0) & (last != 0) & (early > last)) | ((first != 0) & (late != 0) & (first > late))
    return found


def _level(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    taught, other = t["taught"][a], t["taught"][b]
    low, high, first, last = t["level_low"][a], t["level_high"][a], t["level_low"][b], t["level_high"][b]
    found: Numbers = (taught != other) & (taught != 0) & (other != 0)
    found |= (low != 0) & (first != 0) & ((low > last) | (first > high))
    return found


def _person(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    sexes = t["sex"][a] + t["sex"][b]
    found: Numbers = (sexes == 3) & (t["sex"][a] != 0) & (t["sex"][b] != 0)
    found |= (t["mode"][a] + t["mode"][b] == 3) & (t["mode"][a] != 0) & (t["mode"][b] != 0)
    low, high, first, last = t["age_min"][a], t["age_max"][a], t["age_min"][b], t["age_max"][b]
    common = np.minimum(high, last) - np.maximum(low, first) + 1
    found |= t["aged"][a] & t["aged"][b] & (common < 0.5 * (np.minimum(high - low, last - first) + 1))
    return found


def _alike(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    """Whether the titles share words that weigh enough, or the same contact speaks for them."""
    one, other = t.words[t["title"][a]], t.words[t["title"][b]]
    weight, weight_b = t.weight[one], t.weight[other]
    shared = np.zeros(len(a), np.float32)
    for place in range(one.shape[1]):
        word = one[:, place]
        if not word.any():
            break
        shared += weight[:, place] * (other == word[:, None]).any(axis=1)
    timed = (t["days"][a] != 0) & (t["days"][b] != 0)
    known = (t["organisation"][a] != 0) & (t["organisation"][a] == t["organisation"][b])
    wanted = np.where(timed, SHARED_TIMED, np.where(known, SHARED, SHARED_UNKNOWN))
    close: Numbers = (shared > 0) & (shared >= wanted * np.minimum(weight.sum(axis=1), weight_b.sum(axis=1)) - 1e-6)
    for name in (*CONTACTS, *LINKS):
        mine = t[name][a]
        close |= (mine != 0) & (mine == t[name][b]) & ~t[f"often_{name}"][a]
    return close


def metres(t: Traits, a: Numbers, b: Numbers) -> Numbers:
    """How far two offers lie apart; NaN where the place of one is not known."""
    return distance(t["latitude"][a], t["longitude"][a], t["latitude"][b], t["longitude"][b])


def distance(lat: Numbers, lon: Numbers, lat_b: Numbers, lon_b: Numbers) -> Numbers:
    """Metres between points of one city."""
    found: Numbers = METRES * np.hypot(lat - lat_b, (lon - lon_b) * np.cos(np.radians((lat + lat_b) / 2)))
    return found


def _places(t: Traits) -> tuple[Numbers, tuple[Numbers, Numbers]]:
    """Number the places that have a point or an address (from 1 on; 0 for none), and give which of them are near each other."""
    frame = pl.DataFrame({name: t[name] for name in ("latitude", "longitude", "address")})
    known = ~np.isnan(t["latitude"]) | (t["address"] != 0)
    code = np.where(known, frame.select(pl.struct("latitude", "longitude", "address").rank("dense")).to_series().to_numpy(), 0)
    numbers, first, code = np.unique(code, return_index=True, return_inverse=True)
    code = code + (numbers[0] != 0)  # 0 is free where every offer has a place
    first = first[numbers != 0]
    lat, lon, address = t["latitude"][first], t["longitude"][first], t["address"][first]
    own = np.arange(len(first))
    a, b = [own], [own]
    pinned = np.flatnonzero(~np.isnan(lat))
    north, east = lat[pinned] * METRES, lon[pinned] * METRES * np.cos(np.radians(lat[pinned]))
    for up in (0.0, 0.5):
        for right in (0.0, 0.5):
            cell = (np.floor(north / SQUARE + up).astype(np.int64) << 32) + np.floor(east / SQUARE + right).astype(np.int64)
            i, j = _within(cell)
            i, j = pinned[i], pinned[j]
            near = distance(lat[i], lon[i], lat[j], lon[j]) <= NEAR_PLACE
            a.append(i[near])
            b.append(j[near])
    addressed = np.flatnonzero(address)
    i, j = _within(address[addressed])
    a.append(addressed[i])
    b.append(addressed[j])
    low, high = np.concatenate(a), np.concatenate(b)
    pairs = np.unique((np.minimum(low, high) << 32) | np.maximum(low, high))
    return code, ((pairs >> 32) + 1, (pairs & 0xFFFFFFFF) + 1)


def _within(keys: Numbers) -> tuple[Numbers, Numbers]:
    """All pairs of places of an array that hold the same key."""
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]]) if len(keys) else _NONE
    counts = np.diff(np.r_[starts, len(keys)])
    starts, counts = starts[counts > 1], counts[counts > 1]
    i, j = _product(starts, counts, starts, counts)
    return order[i[i < j]], order[j[i < j]]


def _groups(t: Traits, keys: Numbers, known: Numbers) -> Groups:
    order = np.flatnonzero(keys != 0)
    order = order[np.lexsort((known[order], t["source"][order], keys[order]))]
    parts = [values[order] for values in (keys, t["source"], known)]
    edge = np.zeros(len(order), bool)
    edge[:1] = True
    for part in parts:
        edge[1:] |= part[1:] != part[:-1]
    starts = np.flatnonzero(edge)
    key, source, whole = (part[starts] for part in parts)
    return Groups(order, key, source, whole, starts, np.diff(np.r_[starts, len(order)]))


def _with_itself(groups: Groups) -> tuple[Numbers, Numbers]:
    keys = np.unique(groups.key)
    return keys, keys


def _pairs(t: Traits, groups: Groups, keys: Numbers, others: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield the pairs of offers of different sources of two groups whose keys are one and the other of a pair, in chunks."""
    low, high = np.searchsorted(groups.key, keys, "left"), np.searchsorted(groups.key, keys, "right")
    low_b, high_b = np.searchsorted(groups.key, others, "left"), np.searchsorted(groups.key, others, "right")
    g, h = _product(low, high - low, low_b, high_b - low_b)
    keep = (groups.source[g] != groups.source[h]) & ~(groups.known[g] & groups.known[h])
    keep &= (groups.key[g] != groups.key[h]) | (g < h)
    g, h = g[keep], h[keep]
    sizes = groups.count[g] * groups.count[h]
    for one, other in zip(g[sizes > CROWD], h[sizes > CROWD], strict=True):
        sides = [groups.order[groups.start[n] : groups.start[n] + groups.count[n]] for n in (one, other)]
        yield from _crowd(t, *sides)
    g, h, sizes = g[sizes <= CROWD], h[sizes <= CROWD], sizes[sizes <= CROWD]
    ends = np.cumsum(sizes)
    at = 0
    while at < len(g):
        upto = max(at + 1, int(np.searchsorted(ends, (ends[at - 1] if at else 0) + CHUNK, "right")))
        part, other = g[at:upto], h[at:upto]
        i, j = _product(groups.start[part], groups.count[part], groups.start[other], groups.count[other])
        yield groups.order[i], groups.order[j]
        at = upto


def _crowd(t: Traits, a: Numbers, b: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Of very many offers of two sources, only those that share a word, and of a word of very many only those of one title."""
    frames = [
        pl.DataFrame({"n": side, "title": t["title"][side], "word": t.words[t["title"][side]].astype(np.int64)})
        .explode("word", empty_as_null=True)
        .filter(pl.col("word") != 0)
        for side in (a, b)
    ]
    counts = [frame.group_by("word").len(f"len_{number}") for number, frame in enumerate(frames)]
    words = counts[0].join(counts[1], on="word").with_columns(size=pl.col("len_0").cast(pl.Int64) * pl.col("len_1"))
    for word, size in words.sort("word").select("word", "size").iter_rows():
        one, other = (frame.filter(pl.col("word") == word) for frame in frames)
        met = one.join(other, on="word" if size <= CROWD else ["word", "title"], suffix="_b")
        for part in met.iter_slices(CHUNK):
            yield part["n"].to_numpy(), part["n_b"].to_numpy()


def _product(start: Numbers, count: Numbers, start_b: Numbers, count_b: Numbers) -> tuple[Numbers, Numbers]:
    """Each of a range with each of another, range by range."""
    sizes = count * count_b
    which = np.repeat(np.arange(len(sizes)), sizes)
    step = np.arange(len(which)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    across = count_b[which]
    return start[which] + step // across, start_b[which] + step % across
