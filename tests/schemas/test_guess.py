"""A first map from the names and values of a partner's fields."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.converters.answer import Setting
from schemas.guess import guess
from schemas.guess_language import foreign_language
from schemas.guessed import Guess
from schemas.headers import to_meanings
from schemas.headings import aliases
from schemas.survey import survey

SETTING = Setting(zone=ZoneInfo("Europe/Berlin"), city="Duisburg")


def made(*records: Mapping[str, Any], nested: bool = False) -> Guess:
    return guess(survey(records, nested=nested), SETTING)


def lines(found: Guess) -> dict[str, tuple[str, ...]]:
    return {one.target: one.from_ for one in found.map} | {f"session.{one.target}": one.from_ for one in found.sessions}


def column(name: str, values: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"Titel": f"Kurs {number}", name: value} for number, value in enumerate(values)]


def test_how_often_stands_beside_the_weekday() -> None:
    """„14-täglich“ in a column of its own would otherwise be lost, and each week would seem to be meant."""
    found = made(
        *(
            {"Titel": f"Kurs {day}", "Wochentag": day, "Uhrzeit": "10–12 Uhr", "Turnus": "14-täglich"}
            for day in ("Di", "Do", "Fr")
        )
    )
    assert ("Turnus",) == lines(found)["session.note"]


def test_one_day_of_the_month_among_weekdays_loses_no_times() -> None:
    """„1. Samstag im Monat“ is no weekday; with it the column is read by `when`, and the times stand beside it."""
    days = ("Dienstag", "1. Samstag im Monat", "14-täglich Fr")
    found = made(*({"Titel": f"Kurs {day}", "Wochentag": day, "Uhrzeit": "10–12 Uhr"} for day in days))
    assert ("Wochentag", "Uhrzeit") == lines(found)["session.when"]
    assert [" "] == [one.join for one in found.sessions]
    assert [] == [one for one in found.decide if "Uhrzeit" in one]
    ends = made(*({"Titel": f"Kurs {day}", "Wochentag": day, "von": "10:00", "bis": "12:00"} for day in days))
    assert ("Wochentag",) == lines(ends)["session.when"]  # two times side by side would be two sessions
    assert ["‚von‘", "‚bis‘"] == [one.split()[0] for one in ends.decide]


def test_a_time_behind_some_of_the_days_is_kept() -> None:
    """Read as days alone, the column would lose it and tell nobody."""
    days = ["06.12.2026", "07.12.2026, 18 Uhr", "08.12.2026"]
    assert ("Datum",) == lines(made(*column("Datum", days)))["session.when"]
    assert ("Datum",) == lines(made(*column("Datum", ["06.12.2026", "07.12.2026"])))["period"]
    beside = made(*({**record, "Uhrzeit": "10 Uhr"} for record in column("Datum", days)))
    assert ("Uhrzeit",) == lines(beside)["session.start_time"]


def test_a_weekday_beside_a_date_makes_no_weekly_offer() -> None:
    """One day is one session; and a weekday that contradicts the date is a doubt, no other day."""
    rows = [
        {"Titel": "A", "Wochentag": "Di", "Datum": "01.12.2026"},
        {"Titel": "B", "Wochentag": "Montag", "Datum": "02.12.2026"},
    ]
    found = made(*(row | {"Uhrzeit": "10-12"} for row in rows))
    assert {"title": ("Titel",), "session.when": ("Wochentag", "Datum", "Uhrzeit")} == lines(found)
    ends = made(*(row | {"von": "10:00", "bis": "12:00"} for row in rows))
    assert {"title", "session.date", "session.start_time", "session.end_time"} == lines(ends).keys()
    dates = ("12/01/2026", "12/30/2026")
    english = made(*(row | {"Datum": day, "Uhrzeit": "10-12"} for row, day in zip(rows, dates, strict=True)))
    assert {"title", "session.date", "session.time"} == lines(english).keys()
    weekly = made(
        *({"Titel": row["Titel"], "Wochentag": row["Wochentag"], "Beginn": row["Datum"], "Uhrzeit": "10-12"} for row in rows)
    )
    assert {"title", "start_date", "session.weekday", "session.time"} == lines(weekly).keys()


def test_internal_remarks_are_left_alone() -> None:
    """„Interne Bemerkung“ is called a remark, and says who is ill."""
    for heading in (
        "Interne Bemerkung",
        "Bemerkung (intern)",
        "Notiz intern",
        "nur intern: Beschreibung",
        "vertrauliche Bemerkungen",
    ):
        found = made(
            *column(heading, ["Fatma ist krank und kommt später wieder", "Der Raum ist kalt, wir brauchen eine Heizung"])
        )
        assert {"title"} == lines(found).keys()
        assert "nichts für ein Angebot" == found.ignored[heading]
    assert "url" in lines(made(*column("Internet", ["https://a.example/1", "https://a.example/2"])))
    assert "description" in lines(
        made(*column("Bemerkung", ["Bitte Stoff mitbringen, wenn möglich", "Für alle, die gern singen"]))
    )


def test_a_column_of_times_that_is_half_readable_is_read_and_one_that_is_not_is_asked_about() -> None:
    """What its heading says without doubt is not dropped for some odd cells; and never without a word."""
    half = made(*column("Wann", ["Di 10–12 Uhr", "nach Absprache", "Mo, Mi 9 Uhr", "je nach Wetter"]))
    assert ("Wann",) == lines(half)["session.when"]
    none = made(*column("Wann", ["nach Absprache", "je nach Wetter", "Di 10 Uhr", "wenn die Tür offen ist"]))
    assert [] == none.sessions
    assert ["‚Wann‘ sagt wohl, wann etwas ist, wird aber nicht gelesen"] == [one.split(" (")[0] for one in none.decide]


def test_a_list_of_persons_has_no_titles() -> None:
    """Names of members would be published as offers, those that our lists do not know word for word."""
    persons = ["Hans Meier", "Ayşe Kaya", "Nguyen, Lan"]
    found = made(*({"Name": name, "Telefon": f"0203 55511{number}"} for number, name in enumerate(persons)))
    assert "title" not in lines(found)
    assert "Namen von Personen veröffentlichen wir nicht" == found.ignored["Name"]
    assert "In ‚Name‘ stehen wohl Namen von Personen. Ist das eine Liste von Angeboten?" in found.decide
    for names in (
        ["Sprachcafé", "Haus Maria", "Anne Frank Treff"],
        ["Café Welcome", "Deutsch Intensiv", "Nähen mit Petra Schmidt"],
    ):
        assert ("Name",) == lines(made(*({"Name": name, "Ort": "Haus A"} for name in names)))["title"]


@pytest.mark.parametrize(
    ("heading", "values", "target"),
    [
        ("Beginn (TT.MM.JJJJ)", ["01.12.2026", "02.12.2026"], "start_date"),
        ("Kursbeginn", ["01.12.2026", "02.12.2026"], "start_date"),
        ("start_date", ["2026-12-01", "2026-12-02"], "start_date"),
        ("Beginn", ["01.12.2026 18:00", "02.12.2026 18:00"], "session.start"),
        ("event_start_unix", ["1796140800", "1796227200"], "session.start"),
        ("Zeitraum", ["01.03.–31.05.2027", "01.06.–31.08.2027"], "period"),
        ("Wochentag", ["Montag", "Dienstag"], "session.weekday"),
        ("Sprechstunde", ["Mo 9–12 Uhr", "Di und Do 10 Uhr"], "session.when"),
        ("E-Mail-Adresse", ["info@verein.example", "kurse@verein.example"], "contact_email"),
        ("was auch immer", ["info@verein.example", "kurse@verein.example"], "contact_email"),
        ("postal_code", ["47051", "47053"], "location.postal_code"),
        ("Anschrift", ["Sonnenwall 73, 47051 Duisburg", "Weg 1, 47053 Duisburg"], "location.address"),
        ("Veranstaltungsort", ["Haus der Vielfalt", "Altes Rathaus am Markt"], "location.name"),
        ("Sprachniveau", ["A1", "B1–B2"], "cefr"),
        ("GEBÜHR", ["25,00 €", "kostenlos"], "cost"),
        ("Sprachen", ["Arabisch, Türkisch", "Deutsch"], "languages"),
    ],
)
def test_a_heading_and_its_values_make_a_line(heading: str, values: Sequence[Any], target: str) -> None:
    """German and English, folded, with what stands around the word."""
    assert (heading,) == lines(made(*column(heading, values)))[target]


def test_a_heading_over_two_columns_may_be_a_weekday_and_a_time() -> None:
    """„Termin“ over Montag and 18:00: the values tell which is which."""
    records = [
        {"Was?": f"Kurs {n}", "Termin": day, "Termin (2)": f"1{n}:00"} for n, day in enumerate(("Montag", "Dienstag", "Freitag"))
    ]
    found = lines(made(*records))
    assert (("Was?",), ("Termin",)) == (found["title"], found["session.weekday"])
    assert ("Termin (2)",) == found.get("session.start_time", found.get("session.time"))


@pytest.mark.parametrize(
    ("heading", "values"),
    [
        ("Telefon", ["siehe oben", "im Büro"]),
        ("Beginn", ["nach Absprache", "laufend"]),
        ("Dozent", ["Frau Muster", "Herr Muster"]),
        ("Sport", ["Fußball", "Handball"]),  # ends like "Ort"
        ("organization_id", ["a-1", "a-2"]),
        ("event_color", ["1", "2"]),
    ],
)
def test_what_does_not_fit_is_left_out_with_a_reason(heading: str, values: Sequence[Any]) -> None:
    """A name alone maps nothing that our converters cannot read; nobody's name is mapped."""
    found = made(*column(heading, values))
    assert {"title"} == set(lines(found))
    assert found.ignored[heading]


def test_what_is_called_a_room_and_holds_addresses_is_an_address() -> None:
    """A heading may name both; the values tell."""
    rows = column("Raum / Adresse", ["Paulusstraße 12, 47053 Duisburg", "Wanheimer Str. 101, 47053 Duisburg"])
    assert ("Raum / Adresse",) == lines(made(*rows))["location.address"]


@pytest.mark.parametrize(("place", "target"), [("Treffpunkt Süd", "location.name"), ("Mülheim an der Ruhr", "location.city")])
def test_beside_a_postcode_a_place_is_a_town_unless_it_is_called_like_a_house(place: str, target: str) -> None:
    """A table often calls the house `Ort`; a town that is none puts the offer outside of the city."""
    rows = [{"Titel": f"Kurs {n}", "Ort": place, "Straße": f"Dellplatz {n}", "PLZ": "47051"} for n in range(3)]
    assert ("Ort",) == lines(made(*rows))[target]


def test_a_column_of_times_that_holds_spans_too_is_read_as_spans() -> None:
    """A span that is read as a start alone is lost; a time alone is a span without an end."""
    times = ["19.30 Uhr", "11-17 Uhr", "ab 15 Uhr"]
    rows = [{"Titel": f"Kurs {n}", "Datum": f"0{n + 1}.12.2026", "Uhrzeit": time} for n, time in enumerate(times)]
    assert ("Uhrzeit",) == lines(made(*rows))["session.time"]


def test_the_geometry_of_geojson_is_the_point() -> None:
    """Its coordinates alone do not say which comes first; the geometry does."""
    point = {"type": "Point", "coordinates": [6.73, 51.49]}
    found = made(*({"type": "Feature", "geometry": point, "properties": {"name": f"Haus {n}"}} for n in range(3)), nested=True)
    assert ("geometry",) == lines(found)["location.point"]
    assert "geometry" not in found.ignored


def test_one_date_of_xml_is_a_group_and_several_are_a_list() -> None:
    """Each of them is a session, whether it comes alone or not; the text beside attributes is called like its element."""
    days = [{"@datum": "05.12.2026", "@von": "10:00"}, {"@datum": "12.12.2026", "@von": "10:00"}]
    price = {"@waehrung": "EUR", "#text": "30,00"}
    found = made(
        {"Titel": "Schwimmen", "Termine": {"Termin": days}, "Preis": price},
        {"Titel": "Fest", "Termine": {"Termin": days[0]}, "Preis": price},
        nested=True,
    )
    assert "Termine.Termin" == found.each
    assert [("date", ("@datum",)), ("start_time", ("@von",))] == [(one.target, one.from_) for one in found.sessions]
    assert ("Preis.#text",) == lines(found)["cost"]


def test_times_with_a_day_become_sessions() -> None:
    """Datum, Von, Bis: one session a record."""
    found = made(*({"Titel": "Café", "Datum": f"0{day}.12.2026", "Von": "16:00", "Bis": "18:00"} for day in (1, 2, 3)))
    assert ("Datum",) == lines(found)["session.date"]
    assert (("Von",), ("Bis",)) == (lines(found)["session.start_time"], lines(found)["session.end_time"])


def test_a_list_of_dates_becomes_sessions_of_its_own() -> None:
    """The entries of `termine`, not the first of them alone."""
    days = [{"tag": "2026-12-01", "von": "09:00"}, {"tag": "2026-12-02", "von": "09:00"}]
    found = made({"titel": "Kurs", "termine": days}, nested=True)
    assert "termine" == found.each
    assert ("tag",) == lines(found)["session.date"]


def test_groups_tell_whose_name_it_is() -> None:
    """`anbieter.name` is no title, and the provider's address is not the place of the offer."""
    record = {
        "titel": "Deutsch A1",
        "anbieter": {"name": "Verein", "adresse": {"plz": "38440"}},
        "ort": {"name": "Haus", "plz": "47051"},
        "dauer": {"bezeichnung": "eine Woche"},
    }
    found = lines(made(record, nested=True))
    assert {"title": ("titel",), "organisation.name": ("anbieter.name",), "location.name": ("ort.name",)} == {
        name: found[name] for name in ("title", "organisation.name", "location.name")
    }
    assert ("ort.plz",) == found["location.postal_code"]


def test_unknown_words_are_listed_with_how_often_they_came() -> None:
    """Ready to be pasted: known words with our code, unknown ones with null."""
    words = ["Sport", "Sport", "Kultur", "Häkeln"]
    found = made(*column("Kategorie", words))
    (table,) = found.lookups.values()
    assert {"Sport": ("sport", 2), "Kultur": ("culture", 1), "Häkeln": (None, 1)} == {
        word: (one.code, one.count) for word, one in table.items()
    }


def test_known_words_need_no_table() -> None:
    """What our own list reads is read by it."""
    found = made(*column("Zielgruppe", ["Frauen", "Kinder; Jugendliche"]))
    assert not found.lookups
    assert ("Zielgruppe",) == lines(found)["target_groups"]


def test_a_phone_number_in_two_fields_is_joined() -> None:
    """Vorwahl and Telefon, as in the school register."""
    found = made(*({"Titel": f"Schule {n}", "Telefonvorwahl": "0203", "Telefon": f"59098{n}"} for n in range(3)))
    assert ("Telefonvorwahl", "Telefon") == lines(found)["contact_phone"]


def test_an_id_is_taken_only_where_it_tells_records_apart() -> None:
    """A number that comes twice is none."""
    assert "Kursnr" == made(*column("Kursnr", ["A1", "A2"])).record_id
    assert made(*column("Kursnr", ["A1", "A1"])).record_id is None


def test_dates_that_mean_two_days_are_a_question() -> None:
    """05/06/2026: nobody can know; the guess says so."""
    found = made(*column("Beginn", ["05/06/2026", "04/03/2026"]))
    assert any("zwei Tage" in sentence for sentence in found.decide)


def test_two_fields_for_one_target_are_a_question() -> None:
    """Titel and Kurstitel: the first is taken, a person decides."""
    found = made({"Titel": "a", "Kurstitel": "b"}, {"Titel": "c", "Kurstitel": "d"})
    assert any("‚Titel‘ oder ‚Kurstitel‘" in sentence for sentence in found.decide)


def test_a_title_is_guessed_from_its_values_at_last() -> None:
    """Short texts that differ, in nearly every record."""
    found = made(*({"A": f"{n}", "Foo": f"Nähkurs für Mütter {n}"} for n in range(5)))
    assert ("Foo",) == lines(found)["title"]


def test_a_timetable_with_a_column_for_each_day_has_no_titles() -> None:
    """What is on Wednesdays would be published, without its day; the rest not at all."""
    rows = [
        ("9–11", "Deutsch A1", "", "Frühstück"),
        ("11–13", "Alpha", "Deutsch A2", "Nähen"),
        ("15–17", "Nähkurs", "Chor", "Sport"),
    ]
    found = made(*(dict(zip(("Uhrzeit", "Montag", "Dienstag", "Mittwoch"), row, strict=True)) for row in rows))
    assert "title" not in lines(found)
    assert "Einen Stundenplan mit den Wochentagen als Überschriften lesen wir nicht." in " ".join(found.decide)


def test_the_list_of_aliases_is_sound() -> None:
    """Every target exists, and the words of the house are read as themselves."""
    assert len(aliases().words) > 400
    assert "location.postal_code" == to_meanings(["PLZ"])[0].target


def test_nothing_at_all_is_no_error() -> None:
    """A feed without records, and records without fields."""
    assert [] == made().map
    assert [] == made({}).map


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (
            "en",
            "Come and join us for a cup of tea. You can practise your English with the other guests, and it is free of charge.",
        ),
        (
            "uk",
            "Безкоштовні заняття для дітей та їхніх батьків у центрі міста, щовівторка, без запису, приходьте з друзями і родиною.",
        ),
        ("ar", "دورة لغة مجانية للنساء مع رعاية الأطفال كل يوم ثلاثاء في المركز الثقافي في وسط المدينة من الساعة العاشرة صباحا"),
        (
            None,
            "Kommen Sie vorbei! Der Kurs ist für alle und findet im Café statt, bitte mit Anmeldung bei der Leitung, auch am Abend.",
        ),
        (
            None,
            "Sprachkurs B1 Abendkurs Anmeldung erforderlich Deutsch Integrationskurs Café Yoga Fitness Workshop Open Air Job Coaching",
        ),
        (None, "English club"),
    ],
)
def test_texts_that_are_plainly_not_german_ask_for_their_language(code: str | None, text: str) -> None:
    """A wrong language is worse than none told: only what is plain is said."""
    assert foreign_language([text]) == code
    found = guess(survey([{"Titel": "A", "Beschreibung": text}], nested=False), SETTING)
    assert any("text_language" in sentence for sentence in found.decide) == (code is not None)
