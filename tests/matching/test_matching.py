"""The same offer from two partners: found as often as promised, never by a chain, whatever the order of the rows."""

import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled import TABLES, matched, read_pairs, to_frames

from schemas.match import find_matches

PAIRS = read_pairs("pairs.csv")
HELDOUT = read_pairs("heldout.csv")
CAFE = {"title": "Sprachcafé Hochfeld", "where": "kiez", "when": "di 15:00", "who": "Stadtteilhaus Musterkiez", "more": ""}


def find(frames: dict[str, pl.DataFrame], **options: object) -> pl.DataFrame:
    """Match some tables."""
    return find_matches(*(frames[table] for table in TABLES), **options)  # type: ignore[arg-type]  # the options are the test's


def test_there_are_enough_labelled_pairs() -> None:
    """At least 400 to learn from and 120 hard ones, of both kinds, each line once."""
    assert len(PAIRS) >= 400
    assert len(HELDOUT) >= 120
    for name, pairs in (("pairs.csv", PAIRS), ("heldout.csv", HELDOUT)):
        assert 0.4 <= sum(pair.same for pair in pairs) / len(pairs) <= 0.6
        lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(set(lines))


@pytest.mark.parametrize("pairs", [PAIRS, HELDOUT], ids=["pairs.csv", "heldout.csv"])
def test_precision_and_recall_on_the_labelled_pairs(pairs: list) -> None:
    """Of what is found at least 97 % is the same offer, and at least 95 % of the same offers are found."""
    found = [(pair.same, matched(pair)) for pair in pairs]
    right = sum(same and match for same, match in found)
    assert right / sum(match for _, match in found) >= 0.97
    assert right / sum(same for same, _ in found) >= 0.95


@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(PAIRS), min_size=1, max_size=8, unique_by=lambda pair: pair.number),
)
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_changes_nothing(chance: random.Random, pairs: list) -> None:
    """Tables in any order give the same groups, the same who stands for them, the same reasons."""
    frames = to_frames(*(side for pair in pairs for side in pair.sides))
    mixed = {table: frame.sample(fraction=1, shuffle=True, seed=chance.randrange(2**31)) for table, frame in frames.items()}
    assert find(frames).equals(find(mixed))


@given(st.sampled_from(PAIRS))
@settings(max_examples=40, deadline=None)
def test_it_does_not_matter_which_is_asked_first(pair: object) -> None:
    """A matches B where B matches A, with the same confidence."""
    one, other = pair.sides  # type: ignore[attr-defined]
    confidences = [find(to_frames(*sides))["confidence"].to_list() for sides in ((one, other), (other, one))]
    assert confidences[0] == confidences[1]


@given(st.lists(st.sampled_from(PAIRS), min_size=1, max_size=10, unique_by=lambda pair: pair.number))
@settings(max_examples=25, deadline=None)
def test_every_member_has_a_group_of_its_own_and_one_primary(pairs: list) -> None:
    """No offer is in two groups, every group has one offer that stands for it, and no source is in it twice."""
    found = find(to_frames(*(side for pair in pairs for side in pair.sides)))
    assert found["offer_id"].is_unique().all()
    groups = found.group_by("match_group").agg(
        pl.col("primary").sum(), pl.len(), sources=pl.col("offer_id").str.split(":").list.first().n_unique()
    )
    assert groups.filter((pl.col("primary") != 1) | (pl.col("len") < 2) | (pl.col("sources") != pl.col("len"))).is_empty()
    assert found["confidence"].is_between(0.5, 1).all()


def test_three_partners_make_one_group() -> None:
    """The same offer three times is one group of three, for which the source of the highest priority stands."""
    found = find(to_frames(CAFE, CAFE, CAFE | {"title": "Sprach-Café in Hochfeld"}), priority={"bsp-quelle-1": 9})
    assert found["match_group"].n_unique() == 1
    assert found["offer_id"].to_list() == ["bsp-quelle-1:1", "bsp-quelle-0:1", "bsp-quelle-2:1"]
    assert found["reason"][1] == "gleicher Titel, gleiche Adresse, gleiche Zeit, gleiche Einrichtung"


def test_the_freshest_stands_for_the_group() -> None:
    """Among sources of one priority the offer changed last comes first."""
    frames = to_frames(CAFE, CAFE)
    later = pl.when(pl.col("source_key") == "bsp-quelle-1").then(pl.lit("2026-09-01")).otherwise("last_confirmed")
    frames["offers"] = frames["offers"].with_columns(last_confirmed=later)
    assert find(frames).filter("primary")["offer_id"].to_list() == ["bsp-quelle-1:1"]


def test_an_operator_can_tell_two_offers_apart() -> None:
    """What somebody said is not the same is not grouped again."""
    frames = to_frames(CAFE, CAFE)
    assert find(frames).height == 2
    assert find(frames, not_the_same={frozenset({"bsp-quelle-0:1", "bsp-quelle-1:1"})}).is_empty()


def test_offers_of_one_source_are_never_matched() -> None:
    """A partner who lists something twice means it."""
    frames = to_frames(CAFE, CAFE)
    frames["offers"] = frames["offers"].with_columns(source_key=pl.lit("bsp-quelle-0"))
    assert find(frames).is_empty()


@pytest.mark.parametrize("status", ["inactive", "cancelled"])
def test_what_is_over_stands_for_nothing(status: str) -> None:
    """An offer that has ended neither hides one that goes on nor is hidden."""
    frames = to_frames(CAFE, CAFE)
    first = pl.col("source_key") == "bsp-quelle-0"
    frames["offers"] = frames["offers"].with_columns(status=pl.when(first).then(pl.lit(status)).otherwise("status"))
    assert find(frames).is_empty()


def test_two_copies_of_one_record_are_the_same_offer() -> None:
    """Offers that two catalogues took over from one origin are one, whatever they say; within one source they stay two."""
    other = {"title": "Rechtsberatung", "where": "awo", "when": "mo 09:00", "who": "AWO", "more": ""}
    frames = to_frames(CAFE, other, CAFE | {"title": "Malkurs"})
    origin = {"origin_catalogue": pl.lit("https://katalog.example"), "origin_id": pl.lit("a-1")}
    frames["offers"] = frames["offers"].with_columns(**origin)
    found = find(frames, priority={"bsp-quelle-2": 3})
    assert found["offer_id"].to_list() == ["bsp-quelle-2:1", "bsp-quelle-0:1", "bsp-quelle-1:1"]
    assert set(found["reason"]) == {"gleiche Herkunft"}
    assert found["confidence"].to_list() == [1.0, 1.0, 1.0]
    one_source = pl.lit("bsp-quelle-0").alias("source_key")
    assert find({**frames, "offers": frames["offers"].with_columns(one_source)}).is_empty()
    apart = {frozenset({"bsp-quelle-0:1", "bsp-quelle-2:1"}), frozenset({"bsp-quelle-1:1", "bsp-quelle-2:1"})}
    assert find(frames, not_the_same=apart)["offer_id"].to_list() == ["bsp-quelle-0:1", "bsp-quelle-1:1"]


def test_the_same_origin_in_two_catalogues_is_not_the_same_offer() -> None:
    """A number says something only within the catalogue that gave it."""
    frames = to_frames(CAFE, CAFE | {"title": "Rechtsberatung", "when": "mo 09:00"})
    catalogue = pl.concat_str(pl.lit("https://katalog.example/"), "source_key").alias("origin_catalogue")
    frames["offers"] = frames["offers"].with_columns(catalogue, origin_id=pl.lit("a-1"))
    assert find(frames).is_empty()


def test_of_parallel_courses_each_finds_its_own() -> None:
    """Where a partner has several much alike, each is matched with the one of the other that fits best, and with no second."""
    one = CAFE | {"title": "Deutschkurs", "when": "mo 09:00"}
    best = {"title": "Deutschkurs Hochfeld", "when": "mo 09:00"}
    frames = to_frames(one, CAFE | best, CAFE | best | {"when": ""})
    ids = pl.Series(["bsp-quelle-0:1", "bsp-quelle-1:1", "bsp-quelle-1:2"])
    sources = pl.Series(["bsp-quelle-0", "bsp-quelle-1", "bsp-quelle-1"])
    frames["offers"] = frames["offers"].with_columns(offer_id=ids, source_key=sources)
    assert sorted(find(frames)["offer_id"]) == ["bsp-quelle-0:1", "bsp-quelle-1:1"]
