"""What a cell says that says when: whole, or not at all."""

import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.converters.answer import Doubt, Setting
from schemas.converters.whens import read_whens, to_whens
from schemas.guess import guess
from schemas.survey import survey
from tests.schemas.test_normalise import normalise, told

SETTING = Setting(ZoneInfo("Europe/Berlin"))


def short(text: str) -> list[str] | None:
    """Write sessions in one line each: `mo,we 18:00-19:30`, `2026-12-05 14:00-17:00`, with rule, last day and note behind."""
    sessions = read_whens(text)
    return None if sessions is None else [_short(one) for one in sessions]


def _short(one: dict[str, Any]) -> str:
    days = one.get("date") or ",".join(one["weekday"])
    times = one["start_time"] and one["start_time"] + (f"-{one['end_time']}" if one["end_time"] else "")
    rest = (one.get("rrule", "").removeprefix("FREQ="), one.get("until") and f"<={one['until']}", "note" in one and "+note")
    return " ".join(filter(None, (days, times, *rest)))


READ = {
    # weekly
    "Dienstags 10–12 Uhr": ["tu 10:00-12:00"],
    "dienstags": ["tu"],
    "Mo und Mi": ["mo,we"],
    "Mo + Mi, 18:00-19:30": ["mo,we 18:00-19:30"],
    "Mo/Mi 18:00-19:30": ["mo,we 18:00-19:30"],
    "Mo & Mi: 18.30 - 20.00 Uhr": ["mo,we 18:30-20:00"],
    "Mo, Mi sowie Fr 9-11": ["mo,we,fr 09:00-11:00"],
    "jeden Donnerstag von 9 bis 11 Uhr": ["th 09:00-11:00"],
    "Jeden Donnerstag, 9.00 bis 11.30 Uhr": ["th 09:00-11:30"],
    "montags und mittwochs 10 Uhr": ["mo,we 10:00"],
    "Mo-Fr 9-12 Uhr": ["mo,tu,we,th,fr 09:00-12:00"],
    "Mo.–Fr. 9:00–12:00": ["mo,tu,we,th,fr 09:00-12:00"],
    "Montag bis Freitag 8:30 bis 12:00 Uhr": ["mo,tu,we,th,fr 08:30-12:00"],
    "Mo-Mi und Fr, 14 - 16 Uhr": ["mo,tu,we,fr 14:00-16:00"],
    "Di 9:30-11": ["tu 09:30-11:00"],
    "Di 9-11:30": ["tu 09:00-11:30"],
    "Di 9.10–11 Uhr": ["tu 09:10-11:00"],
    "Di 18h-20h": ["tu 18:00-20:00"],
    "Di 10 Uhr – 12 Uhr": ["tu 10:00-12:00"],
    "Di ab 18 Uhr": ["tu 18:00"],
    "Fr 20–24 Uhr": ["fr 20:00-00:00"],
    "immer freitags um 15 Uhr": ["fr 15:00"],
    "jeweils dienstags von 10:00 Uhr bis 12:00 Uhr.": ["tu 10:00-12:00"],
    "wöchentlich Di, 17:00": ["tu 17:00"],
    "täglich 9-17 Uhr": ["mo,tu,we,th,fr,sa,su 09:00-17:00"],
    "am Wochenende 10–16 Uhr": ["sa,su 10:00-16:00"],
    "10–12 Uhr, dienstags": ["tu 10:00-12:00"],
    "every Tuesday 6 pm – 8 pm": ["tu 18:00-20:00"],
    "werktags 9–12 Uhr": ["mo,tu,we,th,fr 09:00-12:00 +note"],
    "an Werktagen 9–12 Uhr": ["mo,tu,we,th,fr 09:00-12:00 +note"],
    "weekdays 9–12 Uhr": ["mo,tu,we,th,fr 09:00-12:00"],
    # hours with a word
    "Di 10 – 12 noon": ["tu 10:00-12:00"],
    "Tuesday noon": ["tu 12:00"],
    "Di 12 Uhr mittags": ["tu 12:00"],
    "Di 10 Uhr – 1 Uhr mittags": ["tu 10:00-13:00"],
    "Di mittags um 12": ["tu 12:00"],
    "Di abends 18–20 Uhr": ["tu 18:00-20:00"],
    "Di 6 Uhr abends bis 8 Uhr abends": ["tu 18:00-20:00"],
    "Di 9 Uhr vormittags": ["tu 09:00"],
    "Sa 20 Uhr bis Mitternacht": ["sa 20:00-00:00"],
    "Fri 8 pm – midnight": ["fr 20:00-00:00"],
    # several
    "Di 17.30–19 Uhr; Do 10–11 Uhr": ["tu 17:30-19:00", "th 10:00-11:00"],
    "Di 10-12 Uhr, Do 14-16 Uhr": ["tu 10:00-12:00", "th 14:00-16:00"],
    "Di 10–12 Uhr und Do 14–16 Uhr": ["tu 10:00-12:00", "th 14:00-16:00"],
    "Dienstag: 10 bis 12 Uhr\nDonnerstag: 14 bis 16 Uhr": ["tu 10:00-12:00", "th 14:00-16:00"],
    "• Di 10–12 Uhr\n• Do 14–16 Uhr": ["tu 10:00-12:00", "th 14:00-16:00"],
    "Di 10-12 und 14-16 Uhr": ["tu 10:00-12:00", "tu 14:00-16:00"],
    "Di 10:00 und 14:00 Uhr": ["tu 10:00", "tu 14:00"],
    "Di 10–12 Uhr; Di 10–12 Uhr": ["tu 10:00-12:00"],
    # the lines of a narrow cell
    "dienstags\n10.00 – 12.00 Uhr": ["tu 10:00-12:00"],
    "Mo + Mi\n9–11 Uhr\nFr\n14 Uhr": ["mo,we 09:00-11:00", "fr 14:00"],
    "Sa., 5.12.2026\n14–17 Uhr": ["2026-12-05 14:00-17:00"],
    "Mo–Fr 14–16 Uhr\n(außer in den Ferien)": ["mo,tu,we,th,fr 14:00-16:00 +note"],
    "dienstags\n10–12 Uhr\n(nicht in den Ferien)": ["tu 10:00-12:00 +note"],
    # so many in a month, every second week
    "jeden 1. Dienstag im Monat, 15 Uhr": ["tu 15:00 MONTHLY;BYDAY=1TU +note"],
    "am letzten Freitag im Monat 18 Uhr": ["fr 18:00 MONTHLY;BYDAY=-1FR +note"],
    "jeden ersten und dritten Mittwoch des Monats um 18 Uhr": ["we 18:00 MONTHLY;BYDAY=1WE,3WE +note"],
    "15-17 Uhr, jeden 2. Sonntag im Monat": ["su 15:00-17:00 MONTHLY;BYDAY=2SU +note"],
    "ab 12.1.2027 jeden 2. Sonntag im Monat, 15 Uhr": ["2027-02-14 15:00 MONTHLY;BYDAY=2SU +note"],
    "alle zwei Wochen dienstags 10-12 Uhr ab 12.1.2027": ["2027-01-12 10:00-12:00 WEEKLY;INTERVAL=2;BYDAY=TU"],
    "Di 10-12 Uhr, 14-täglich, ab 12.01.2027": ["2027-01-12 10:00-12:00 WEEKLY;INTERVAL=2;BYDAY=TU"],
    "14-täglich dienstags 10–12 Uhr": ["tu 10:00-12:00 WEEKLY;INTERVAL=2;BYDAY=TU +note"],
    "every two weeks on Tuesday, 6 pm – 8 pm": ["tu 18:00-20:00 WEEKLY;INTERVAL=2;BYDAY=TU +note"],
    "every other Tuesday 6 pm": ["tu 18:00 WEEKLY;INTERVAL=2;BYDAY=TU +note"],
    "alle 14 Tage, Di 10 Uhr, ab 12.1.2027": ["2027-01-12 10:00 WEEKLY;INTERVAL=2;BYDAY=TU"],
    "alle zwei Wochen Di, 10–12 Uhr, bis 31.5.2027": ["tu 10:00-12:00 WEEKLY;INTERVAL=2;BYDAY=TU <=2027-05-31 +note"],
    # days
    "Sa., 5.12.2026, 14–17 Uhr": ["2026-12-05 14:00-17:00"],
    "Samstag, den 5. Dezember 2026 um 14 Uhr": ["2026-12-05 14:00"],
    "14–17 Uhr, Sa 5.12.26": ["2026-12-05 14:00-17:00"],
    "2026-12-05 14:00-17:00": ["2026-12-05 14:00-17:00"],
    "5.12.2026": ["2026-12-05"],
    "5.12., 12.12. und 19.12.2026, 14–17 Uhr": ["2026-12-05 14:00-17:00", "2026-12-12 14:00-17:00", "2026-12-19 14:00-17:00"],
    "samstags 5.12., 12.12.2026, 10.00-11.10": ["2026-12-05 10:00-11:10", "2026-12-12 10:00-11:10"],
    "Sa 5.12.2026 14-17 Uhr und So 6.12.2026 10-12 Uhr": ["2026-12-05 14:00-17:00", "2026-12-06 10:00-12:00"],
    # from a day to a day
    "Mo–Do 9–13 Uhr, 01.03.–31.05.2027": ["2027-03-01 09:00-13:00 WEEKLY;BYDAY=MO,TU,WE,TH <=2027-05-31"],
    "Di 10–12 Uhr vom 1. März bis 31. Mai 2027": ["2027-03-02 10:00-12:00 WEEKLY;BYDAY=TU <=2027-05-31"],
    "Mo–Fr, 07.–11.12.2026, 9–15 Uhr": ["2026-12-07 09:00-15:00 WEEKLY;BYDAY=MO,TU,WE,TH,FR <=2026-12-11"],
    "01.03.–31.05.2027: Mo 9–11 Uhr, Mi 14–16 Uhr": [
        "2027-03-01 09:00-11:00 WEEKLY;BYDAY=MO <=2027-05-31", "2027-03-03 14:00-16:00 WEEKLY;BYDAY=WE <=2027-05-31",
    ],
    "ab 12.1.2027 jeden Dienstag 10–12 Uhr": ["2027-01-12 10:00-12:00 WEEKLY;BYDAY=TU"],
    "dienstags bis 31.5.2027, 10-12 Uhr": ["tu 10:00-12:00 <=2027-05-31"],
    # with a remark
    "dienstags (außer in den Schulferien) 10–12 Uhr": ["tu 10:00-12:00 +note"],
    "Di 10-12 Uhr, außer in den Ferien": ["tu 10:00-12:00 +note"],
    "Di 10–12 Uhr (nicht an Feiertagen)": ["tu 10:00-12:00 +note"],
    "Di 10–12 Uhr, nur mit Anmeldung": ["tu 10:00-12:00 +note"],
    "Mo 14–16 Uhr und nach Vereinbarung": ["mo 14:00-16:00 +note"],
    "Mo 14–16 Uhr, oder nach Vereinbarung": ["mo 14:00-16:00 +note"],
    "Mo 14–16 Uhr, aber nicht in den Schulferien": ["mo 14:00-16:00 +note"],
    "Mo-Fr außer Feiertage": ["mo,tu,we,th,fr +note"],
    "Mo-Fr außer Feiertage 9–12 Uhr": ["mo,tu,we,th,fr 09:00-12:00 +note"],
    "Mo-Fr außer an Feiertagen von 9 bis 12 Uhr": ["mo,tu,we,th,fr 09:00-12:00 +note"],
    "Di außer in den Ferien ab 12.1.2027, 10 Uhr": ["2027-01-12 10:00 WEEKLY;BYDAY=TU +note"],
    "Mo 14–16 Uhr (online)": ["mo 14:00-16:00 +note"],
}  # fmt: skip
REFUSED = (
    "", "-", "nach Vereinbarung", "laufend", "wann ihr wollt", "10–12 Uhr", "18 Uhr", "10", "01.03.–31.05.2027", "5.12.2026 bis 7.12.2026",
    "Di 10", "Di 1.12", "Di 1.12.", "Mo 10.12-11.12", "Sa 5.12. 14–17 Uhr", "Mo 10 und 14 Uhr", "Mo 6-8 pm", "Di 12-10 Uhr", "Mo 22-2 Uhr",
    "Di 25 Uhr", "Di 10:75 Uhr", "So, 5.12.2026, 14–17 Uhr", "31.02.2027, 10 Uhr", "Di bis 12 Uhr", "Dienstag vormittags",
    "Di mittags", "Di 6 Uhr mittags", "Di 6–8 Uhr abends", "Di abends 6–8 Uhr", "Di 1–2 Uhr mittags", "Di Mitternacht", "Di 9 – midnight",
    "Di Mitternacht bis 2 Uhr", "5.12.2026, midnight", "Di 25 Uhr mittags", "14-täglich", "alle zwei Wochen 10–12 Uhr",
    "14-täglich 5.12.2026", "14-täglich Di 10 Uhr, Do 11 Uhr", "14-täglich am 1. Dienstag im Monat", "Di 10 Uhr, 24.12. nicht",
    "Di außer 24.12. 10 Uhr", "Di außer in den Ferien bis 31.5.2027", "Di nur in den Ferien 10–12 Uhr", "Di ca. 10 Uhr",
    "zwei Wochen dienstags 10–12 Uhr ab 12.1.2027", "every other day", "Di 10 Uhr c.t.",
    "jeden 1. Dienstag, 15 Uhr", "jeden zweiten Dienstag 15 Uhr",
    "jeden 5. Dienstag im Monat, 15 Uhr", "alle drei Wochen dienstags ab 12.1.2027",
    "alle Wochen dienstags 10 Uhr ab 12.1.2027", "Mo; Di 10 Uhr", "10–12 Uhr Di, Do 14–16 Uhr", "Mo 9 Uhr - Mi 12 Uhr",
    "Di 10–12 Uhr, Do 14–16 Uhr, 1.3.–31.5.2027", "Di 10–12 Uhr; Do 14–16 Uhr, 1.3.–31.5.2027", "Mo 1.3.–31.5.2027, Di 1.6.–30.6.2027",
    "Mo 9–11 Uhr, 02.03.–05.03.2027", "31.05.–01.03.2027 Mo 9 Uhr 2026", "Di 10–12 Uhr, nur in den Ferien", "Di 10–12 Uhr (Gruppe A)",
    "Di 10–12 Uhr (ungerade Wochen)", "Di 10–12 Uhr (ab 19.1.)", "Di (10–12 Uhr", "Di 10–12 Uhr)", "Di 10–12 Uhr, auch sonntags",
    "Di 10–12 Uhr im Haus der Vielfalt", "Kurs 3: Di 10–12 Uhr", "Fr–Mo 10 Uhr", "Di bis", "bis", "ab", "von", "alle zwei", "jeden 1.",
    "1.",
    "Di von 10 Uhr", "Sa, 5.12.2026 und So, 6.12.2026, 10–16 Uhr", "2026-12-05T14:00:00+01:00", "Di 10–12 Uhr 20 €",
    "Di 24 Uhr", "Di 24–2 Uhr", "5.12.2026, 24 Uhr", "Di 10 Uhr und", "und Di 10 Uhr", "Di 10 Uhr /",
    "Mo\nDi 10 Uhr", "Mo\nDi\n10 Uhr", "10–12 Uhr\nDi\n14–16 Uhr\nDo", "Mo\n10 Uhr\nDi", "Mo 9 Uhr\nDi 9 Uhr\n(außer in den Ferien)",
    "Di\n10", "19.12., 9.1.2027, 10 Uhr", "Mo ٣ Uhr", "<b>Di</b> 10 Uhr",
)  # fmt: skip


@pytest.mark.parametrize(("text", "sessions"), READ.items())
def test_what_is_understood_whole_is_read(text: str, sessions: list[str]) -> None:
    """Days, times, rules, bounds; a note where the columns do not say it all."""
    assert sessions == short(text)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_whole_stays_unread(text: str) -> None:
    """Not even the half of it that would be clear."""
    assert short(text) is None


def test_the_tables_are_as_long_as_they_should_be() -> None:
    """At least 50 cells that are read and 30 that are not."""
    assert len(READ) >= 50 and len(REFUSED) >= 30


def test_the_note_is_the_partners_own_words() -> None:
    """So nobody is told of an exception less than the partner wrote; of two parts each keeps its own."""
    sessions = read_whens("dienstags (außer in den Schulferien) 10–12 Uhr; Do 9 Uhr")
    assert sessions is not None
    assert ["dienstags (außer in den Schulferien) 10–12 Uhr", None] == [one.get("note") for one in sessions]


@pytest.mark.parametrize(
    "piece", ["Mo ", "1. ", "(", "()", "10-", "10.", ", ", "Mo, ", "Mo 10 Uhr, ", "5.12., ", "a", "im Monat ", "–", "\n"]
)
def test_a_hostile_text_costs_no_more_than_a_moment(piece: str) -> None:
    """A long text is told without being looked at; one just short enough is read in one pass."""
    convert = to_whens(None, SETTING)
    for size in (499, 100_000):
        began = time.process_time()
        convert((piece * size)[:size])
        assert time.process_time() - began < 5


def test_every_second_week_without_a_first_day_is_told_and_shown_as_text() -> None:
    """Which of the weeks nobody knows: a rule without a first day, the partner's words beside it, and a request to him."""
    text = "Di 10–12 Uhr, 14-täglich"
    answer = to_whens(None, SETTING)(text)
    assert [("no_first_day", text)] == [finding[:2] for finding in answer.findings]
    batch = normalise({"Nr": "1", "Titel": "A", "Wann": text}, map={"title": "Titel", "session.when": "Wann"})
    assert [("tu", None, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", text)] == [
        (row["weekday"], row["start"], row["rrule"], row["note"]) for row in batch.sessions
    ]
    assert isinstance(to_whens(None, SETTING)(f"{text}, ab 12.01.2027"), dict)


def test_a_list_is_read_item_by_item_and_a_group_is_told() -> None:
    """Of a list each item is a part of its own; two words of a record say nothing."""
    convert = to_whens(None, SETTING)
    assert ["tu", "th"] == [one["weekday"][0] for one in convert(["Di 10 Uhr", "Do 11 Uhr"])["when"]]
    assert convert("-") is None and convert(" ") is None
    assert isinstance(convert({"tag": "Di"}), Doubt)
    assert "bad_when" == convert("Di irgendwann").findings[0].code


def test_sessions_of_one_cell_become_rows() -> None:
    """A weekday a row, dated ones in the city's time; what is unread is told once, and its offer stands all the same."""
    batch = normalise(
        {"Nr": "1", "Titel": "Deutsch", "Wann": "Mo + Mi, 18:00-19:30; jeden 1. Dienstag im Monat, 15 Uhr", "Raum": "A 1"},
        {"Nr": "2", "Titel": "Treff", "Wann": "Di 10–12 Uhr, 01.03.–31.05.2027 (außer in den Ferien)"},
        {"Nr": "3", "Titel": "Yoga", "Wann": "Di irgendwann"},
        {"Nr": "4", "Titel": "Chor", "Wann": ""},
        map={"title": "Titel", "session.when": "Wann", "session.room": "Raum"},
    )
    names = ("weekday", "start_time", "start", "end", "rrule", "until", "room")
    assert [
        ("mo", "18:00", None, None, None, None, "A 1"),
        ("we", "18:00", None, None, None, None, "A 1"),
        ("tu", "15:00", None, None, "FREQ=MONTHLY;BYDAY=1TU", None, "A 1"),
        (None, None, "2027-03-02T10:00:00+01:00", "2027-03-02T12:00:00+01:00", "FREQ=WEEKLY;BYDAY=TU", "2027-05-31", None),
    ] == [tuple(row[name] for name in names) for row in batch.sessions]
    assert "Di 10–12 Uhr, 01.03.–31.05.2027 (außer in den Ferien)" == batch.sessions[-1]["note"]
    assert {"session_id", "offer_id", "start", "note"} < {*batch.sessions[0]} and "when" not in batch.sessions[0]
    assert 4 == len(batch.offers)
    assert [("bad_when", "session.when")] == [(problem.code, problem.field) for problem in batch.problems]


def test_a_cell_that_says_when_alone_says_it() -> None:
    """What other columns say of the time is put aside; a note of the partner's stays before the text's own."""
    batch = normalise(
        {"Nr": "1", "Titel": "A", "Wann": "Di 10–12 Uhr (außer in den Ferien)", "Tag": "05.12.2026", "Hinweis": "mit Kaffee"},
        {"Nr": "2", "Titel": "B", "Wann": "irgendwann", "Tag": "05.12.2026"},
        map={"title": "Titel", "session.when": "Wann", "session.date": "Tag", "session.note": "Hinweis"},
    )
    assert [("tu", None), (None, "2026-12-05T00:00:00+01:00")] == [(row["weekday"], row["start"]) for row in batch.sessions]
    assert "mit Kaffee\nDi 10–12 Uhr (außer in den Ferien)" == batch.sessions[0]["note"]
    assert "bad_when" in {code for code, *_ in told(batch)}


def test_in_a_list_of_sessions_each_entry_says_when() -> None:
    """`when` inside of sessions.map; a default stands where a record says nothing."""
    batch = normalise(
        {"Nr": "1", "Titel": "A", "Wann": "Di 10 Uhr\nDo 11 Uhr"},
        {"Nr": "2", "Titel": "B", "Wann": ""},
        sessions={"map": {"when": {"from": "Wann", "default": "Mo 9 Uhr"}}},
    )
    assert ["tu-10:00", "th-11:00", "mo-09:00"] == [row["session_id"].partition("@")[2] for row in batch.sessions]


@pytest.mark.parametrize(
    "heading", ["Termine", "Zeiten", "Wann", "Wann?", "Kurszeiten", "Uhrzeit", "Tag und Uhrzeit", "Unterrichtszeiten"]
)
def test_a_column_whose_values_prove_it_is_proposed(heading: str) -> None:
    """By its name and by what stands in it."""
    cells = ["Di 10–12 Uhr", "Mo + Mi, 18:00-19:30", "jeden Donnerstag von 9 bis 11 Uhr", "nach Absprache"]
    found = guess(survey([{"Titel": f"Kurs {cell}", heading: cell} for cell in cells], nested=False), SETTING)
    assert [("when", (heading,), 0.75)] == [(one.target, one.from_, one.share) for one in found.sessions]


def test_a_column_that_proves_nothing_is_not_proposed() -> None:
    """Weekdays alone stay weekdays, times alone times, and prose is nothing of time."""
    for heading, cells, wanted in (
        ("Wochentag", ["Di", "Mo und Mi", "Fr"], ["weekday"]),
        ("Wann", ["nach Absprache", "im Sommer", "Di 10 Uhr"], []),
    ):
        found = guess(survey([{"Titel": f"Kurs {cell}", heading: cell} for cell in cells], nested=False), SETTING)
        assert wanted == [one.target for one in found.sessions]
