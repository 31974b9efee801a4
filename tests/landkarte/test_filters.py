"""The filter finds what it says, and its counts are true."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from landkarte import package
from landkarte.web import bits, occurrences, phrases, recurrence, search
from landkarte.web.index import Index, build
from landkarte.web.query import FACETS, NEEDS, Query, read
from landkarte.web.select import select
from tests.landkarte import demo_package
from tests.landkarte.served import MOMENT, TODAY

LISTED = ("active", "full", "temporarily_closed")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return build(package.load(demo_package.write(tmp_path_factory.mktemp("paket"), today=TODAY)), MOMENT)


def ids(index: Index, **wanted: Any) -> set[str]:
    """Ask for a query and give the ids found."""
    pairs = [
        (name, str(value)) for name, values in wanted.items() for value in (values if isinstance(values, tuple) else (values,))
    ]
    return {index.offers["offer_id"][row] for row in select(index, read(pairs)).rows()}


def offers(index: Index) -> list[dict[str, Any]]:
    return [offer for offer in index.offers.to_dicts() if offer["status"] in LISTED]


def has(offer: dict[str, Any], column: str, *codes: str) -> bool:
    return bool(set((offer[column] or "").split(";")) & set(codes))


@given(st.sets(st.integers(0, 500)))
def test_a_mask_is_the_set_it_was_made_from(rows: set[int]) -> None:
    """Sets of rows survive as integers."""
    assert sorted(rows) == bits.to_rows(bits.to_mask(rows, 501))


def test_several_values_of_one_facet_widen_and_several_facets_narrow(index: Index) -> None:
    """Within a facet any value is enough, between facets all must fit."""
    expected = {o["offer_id"] for o in offers(index) if has(o, "topics", "health", "legal") and has(o, "languages", "ar")}
    assert expected
    assert expected == ids(index, topic=("health", "legal"), language="ar")


def test_what_matters_to_me_must_all_be_true(index: Index) -> None:
    """Free and with childcare means both."""
    expected = {o["offer_id"] for o in offers(index) if o["cost_type"] == "free" and o["childcare"]}
    assert expected
    assert expected == ids(index, need=("free", "childcare"))


def test_an_empty_residence_status_is_unknown_and_never_any(index: Index) -> None:
    """Duldung finds offers for it and those where the status does not matter; silent ones only on request, and counted."""
    expected = {o["offer_id"] for o in offers(index) if has(o, "residence_status", "toleration", "any")}
    silent = {o["offer_id"] for o in offers(index) if not o["residence_status"]}
    assert expected == ids(index, residence_status="toleration")
    assert len(silent) == select(index, read([("residence_status", "toleration")])).silent["residence_status"]
    assert expected | silent == ids(index, residence_status="toleration", unstated="residence_status")


def test_an_age_finds_the_offers_whose_ages_take_it_in(index: Index) -> None:
    """One open end is open; offers without any age are silent, not fitting."""

    def fits(offer: dict[str, Any], age: int) -> bool:
        low, high = offer["age_min"], offer["age_max"]
        return (low is not None or high is not None) and (low or 0) <= age <= (120 if high is None else high)

    for age in (0, 3, 9, 17, 40, 120):
        assert {o["offer_id"] for o in offers(index) if fits(o, age)} == ids(index, age=age)
    assert ids(index, age=9, unstated="age") == ids(index, age=9) | {
        o["offer_id"] for o in offers(index) if o["age_min"] is None and o["age_max"] is None
    }


def test_a_district_finds_what_lies_in_it_and_what_serves_it(index: Index) -> None:
    """Somebody who comes to you in Nordfeld belongs to Nordfeld."""
    expected = set()
    for offer in offers(index):
        place = index.locations.get(offer["location_id"] or "")
        if (place and place["district_code"] == "100") or has(offer, "area_served", "100"):
            expected.add(offer["offer_id"])
    assert any(o["attendance_mode"] == "outreach" for o in offers(index) if o["offer_id"] in expected)
    assert expected == ids(index, district="100")


def test_ended_and_cancelled_offers_are_not_listed(index: Index) -> None:
    """They keep their page, not their place in the list."""
    assert {o["offer_id"] for o in offers(index)} == ids(index)
    assert any(status not in LISTED for status in index.offers["status"])


def values(index: Index) -> Iterator[tuple[str, str]]:
    for facet in FACETS:
        if not facet.hidden:
            yield from ((facet.name, code) for code in index.masks[facet.name])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_each_count_is_the_number_of_offers_behind_it(index: Index, data: st.DataObject) -> None:
    """What stands beside a box is what one finds after ticking it alone in its facet, whatever else is chosen."""
    everything = list(values(index))
    chosen = data.draw(st.lists(st.sampled_from(everything), max_size=4))
    query = read([*chosen, *((("age", str(data.draw(st.integers(0, 90)))),) if data.draw(st.booleans()) else ())])
    selection = select(index, query)
    name, code = data.draw(st.sampled_from(everything))
    now = (*query.chosen.get(name, ()), code) if name == "need" else (code,)
    assert select(index, query.only(name, *dict.fromkeys(now))).total == selection.counts[name][code]
    for criterion, count in selection.without.items():
        assert select(index, query.without(criterion)).total == count
    for criterion, more in selection.silent.items():
        if criterion not in query.unstated:
            assert select(index, query.including(criterion)).total == selection.total + more


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([f.name for f in FACETS] + ["q", "age", "page", "lang", "unstated", "fremd"]), st.text(max_size=30)
        )
    )
)
def test_every_address_line_is_read_and_written_back_the_same(pairs: list[tuple[str, str]]) -> None:
    """Nonsense is dropped, the rest survives a round trip: state lives in the address alone."""
    query = read(pairs)
    assert query == read([*query.pairs(), ("page", str(query.page)), ("lang", query.lang)])


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=60))
def test_no_search_text_breaks_the_search(index: Index, text: str) -> None:
    """Bad input is normal input."""
    found = select(index, read([("q", text)]))
    assert 0 <= found.total <= len(index.rows)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("schwimm", "Schwimmkurs für Mädchen"),
        ("MADCHEN", "Schwimmkurs für Mädchen"),
        ("maedchen", "Schwimmkurs für Mädchen"),
        ("fussball", "Fußball für alle"),
        ("kurs mädchen", "Schwimmkurs für Mädchen"),
        ("للمبتدئين", "Deutschkurs A1 für Anfänger"),
        ("مقهى اللغه", "Sprachcafé"),
        ("мовне кафе", "Sprachcafé"),
        ("sprachcafe", "Sprachcafé"),
        ("sprachkafe", "Sprachcafé"),
    ],
)
def test_words_are_found_however_they_are_written(index: Index, text: str, title: str) -> None:
    """Without accents, with ae for ä, in every script, in translations, and with a slip."""
    found = select(index, read([("q", text)]))
    assert title in {index.offers["title"][row] for row in found.rows()}


def test_a_search_finds_offers_by_the_words_of_the_vocabularies(index: Index) -> None:
    """Who looks for „Wohnen“ finds the topic, in every language of the word lists."""
    expected = {o["offer_id"] for o in offers(index) if has(o, "topics", "housing")}
    assert expected
    assert expected <= ids(index, q="Wohnen")
    assert expected <= ids(index, q="السكن")


def test_who_asks_for_a_german_course_finds_the_courses(index: Index) -> None:
    """The box itself proposes these words; no label of ours holds them, and hardly a title."""
    german = {o["offer_id"] for o in offers(index) if o["offer_type"] == "language_course" and o["taught_language"] == "de"}
    assert german
    for words in ("Deutschkurs", "deutschkurse", "German course", "курс німецької", "دورة ألمانية"):
        assert german <= ids(index, q=words), words
    assert {o["offer_id"] for o in offers(index) if o["childcare"]} <= ids(index, q="Kinderbetreuung")


def test_a_slip_is_forgiven_and_said(index: Index) -> None:
    """Somebody who typed wrongly is told what was searched instead."""
    found = select(index, read([("q", "schwimmkusr")]))
    assert found.total
    assert found.found is not None
    assert found.found.instead == {"schwimmkusr": ("schwimmkurs",)}


def test_titles_come_before_texts(index: Index) -> None:
    """The order of a search: what is called so, then what speaks of it."""
    found = select(index, read([("q", "deutsch")]))
    titles = [
        "deutsch" in index.offers["title"][row].lower() or row in bits.to_rows(found.found.in_title if found.found else 0)
        for row in found.rows()
    ]
    assert titles == sorted(titles, reverse=True)
    assert 0 < sum(titles) < len(titles)


def test_the_next_dates_come_first_and_the_long_unconfirmed_last(index: Index) -> None:
    """Soon before later, fresh before stale."""
    rows = [index.offers.row(row, named=True) for row in select(index, Query()).rows()]
    stale = [row["stale"] for row in rows if row["status"] != "temporarily_closed"]
    assert stale == sorted(stale)
    soon = [row["next_start"] for row in rows if not row["stale"] and row["next_start"] and row["next_start"] < "2026-12-07T09"]
    assert soon == sorted(soon)
    assert soon == [row["next_start"] for row in rows[: len(soon)]]


ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 9, 0)
EMPTY = dict.fromkeys(("start", "end", "all_day", "rrule", "exdates", "until", "weekday", "start_time", "end_time", "status"))


def starts(**session: Any) -> list[str]:
    return [one.start.isoformat()[:16] for one in occurrences.upcoming(EMPTY | session, now=NOW, zone=ZONE)][:3]


def test_a_weekly_course_keeps_its_hour_over_the_change_of_the_clocks() -> None:
    """16 o'clock stays 16 o'clock in summer and in winter."""
    found = occurrences.upcoming(
        EMPTY | {"start": "2026-10-21T16:00:00+02:00", "end": "2026-10-21T18:00:00+02:00", "rrule": "FREQ=WEEKLY"},
        now=NOW,
        zone=ZONE,
    )
    assert ((one := next(iter(found))).start.hour, one.end.hour if one.end else 0) == (16, 18)


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ({"weekday": "mo", "start_time": "08:00", "end_time": "10:00"}, "2026-11-23T08:00"),  # running
        ({"weekday": "mo", "start_time": "07:00", "end_time": "08:00"}, "2026-11-30T07:00"),  # over for today
        ({"start": "2026-11-23T08:00:00+01:00"}, "2026-11-23T08:00"),  # nobody said when it ends: today
        ({"start": "2026-11-23T07:00:00Z", "end": "2026-11-23T10:00:00Z"}, "2026-11-23T08:00"),
        ({"start": "2026-11-02T10:00:00+01:00", "rrule": "FREQ=WEEKLY;COUNT=2"}, None),
        ({"start": "2026-11-02T10:00:00+01:00", "rrule": "FREQ=WEEKLY;UNTIL=20261130T225959Z"}, "2026-11-23T10:00"),
        ({"start": "2026-11-02T10:00:00+01:00", "rrule": "FREQ=WEEKLY", "exdates": "2026-11-23"}, "2026-11-30T10:00"),
        ({"start": "2026-11-02T10:00:00+01:00", "rrule": "FREQ=WEEKLY", "until": "2026-11-20"}, None),
        ({"start": "2020-01-01T10:00:00+01:00", "rrule": "FREQ=SECONDLY"}, None),  # no course repeats by the second
        ({"start": "2026-11-24T10:00:00+01:00", "rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"}, None),  # never comes
        ({"start": "2026-11-24T10:00:00+01:00", "rrule": "UNSINN"}, "2026-11-24T10:00"),
        ({"weekday": "tu", "start_time": "15:00", "rrule": "FREQ=MONTHLY;BYDAY=1TU"}, "2026-12-01T15:00"),  # not every Tuesday
        ({"weekday": "mo", "start_time": "15:00", "rrule": "FREQ=MONTHLY;BYDAY=4MO"}, "2026-11-23T15:00"),
        ({"weekday": "tu", "start_time": "15:00", "rrule": "FREQ=MONTHLY;BYDAY=1TU", "until": "2026-11-30"}, None),
        ({"weekday": "tu", "start_time": "15:00", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"}, None),  # nobody knows which weeks
        ({"start": "morgen"}, None),
        ({}, None),
    ],
)
def test_the_next_date_of_a_session(session: dict[str, Any], expected: str | None) -> None:
    """What is running counts, what is over does not, and nothing unreadable stops the page."""
    assert expected == next(iter(starts(**session)), None)


def test_the_order_of_the_index_knows_the_same_next_date_as_the_page(index: Index) -> None:
    """The column reckoned for all at once and the dates reckoned one by one agree."""
    from landkarte.web.cards import upcoming

    for offer in index.offers.to_dicts():
        sessions = [row for row in index.sessions.of(offer["offer_id"]) if row["status"] in ("scheduled", "full")]
        dates = upcoming(index, offer, sessions)
        assert (dates[0].start.isoformat() if dates else None) == offer["next_start"], offer["offer_id"]


def test_folding_gives_umlauts_both_their_forms() -> None:
    """ü is found as u and as ue."""
    assert search.to_terms("Geflüchtete") == ["gefluchtete"]
    found = search.build(["Geflüchtete"], [""], {})
    for word in ("geflüchtete", "gefluechtete", "gefluchtete"):
        answer = found.find(word)
        assert answer and answer.rows


def test_needs_have_words(index: Index) -> None:
    """Every need the index knows has its sentence, and the other way round."""
    assert set(index.masks["need"]) == set(NEEDS)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules as calendars write them. Left out is where dateutil itself errs or searches to the year 9999: BYSETPOS in weeks,
    „every Monday and the first Monday“, numbered weekdays on numbered days."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}"]
    numbered = frequency in ("MONTHLY", "YEARLY") and draw(st.booleans())
    ordinals = st.sampled_from(["1", "2", "4", "-1", "-2"] if numbered else [""])
    names = st.sampled_from(recurrence.WEEKDAYS)
    if numbered or draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(draw(st.lists(st.builds("{}{}".format, ordinals, names), min_size=1, max_size=3))))
    if frequency != "WEEKLY" and not numbered and draw(st.booleans()):
        days = draw(st.lists(st.sampled_from([1, 5, 15, 28, 30, -1, -2]), min_size=1, max_size=2))
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    if draw(st.booleans()):
        # every month may be one of them: a rule that never comes true keeps dateutil busy until the year 9999
        parts.append("BYMONTH=" + ",".join(map(str, sorted({*draw(st.sets(st.integers(1, 12))), 1, 4, 7}))))
    if draw(st.booleans()):
        parts.append(f"INTERVAL={draw(st.integers(1, 3))}")
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 6))}")
    return ";".join(parts)


@settings(max_examples=150, deadline=None)
@given(rule=rules(), start=st.dates(date(2024, 1, 1), date(2026, 1, 1)))
def test_repetitions_are_those_of_dateutil(rule: str, start: date) -> None:
    """Our walk over the periods gives the days the known library gives, as far as the horizon."""
    read_rule = recurrence.read_rule(rule)
    assert read_rule is not None
    last = start + timedelta(days=500)
    bound = "" if "COUNT" in rule else f";UNTIL={last:%Y%m%d}T235959"
    known = rrulestr(rule + bound, dtstart=datetime(start.year, start.month, start.day, 10)).xafter(
        datetime(2020, 1, 1), count=600
    )
    expected = [day for day in (moment.date() for moment in known) if day <= last]
    assert expected == list(recurrence.days(read_rule, start, last))


def test_a_rule_that_never_comes_true_costs_nothing() -> None:
    """The thirtieth of February is looked for up to the horizon, not to the year 9999."""
    rule = recurrence.read_rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert rule is not None
    assert list(recurrence.days(rule, date(2026, 1, 1), date(2027, 12, 31))) == []


def test_every_second_week_without_a_first_day_is_the_partners_own_words() -> None:
    """No dates are made up; of two weekdays the words stand there once, and what has a first day says its dates itself."""
    rule = {"start": None, "weekday": "tu", "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "note": "Di 10 Uhr, 14-täglich"}
    rows = [rule, rule | {"weekday": "th"}, rule | {"start": "2026-12-01T10:00:00+01:00"}, rule | {"rrule": None}]
    assert ["Di 10 Uhr, 14-täglich"] == phrases.unfollowed(rows)
