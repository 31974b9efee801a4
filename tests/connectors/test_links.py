"""Addresses as people copy them, and where their data lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.links import to_feed_address

SHEET = "https://docs.google.com/spreadsheets/d"
ID = "1AbC-dEf_GhIjKlMnOpQrStUvWxYz0123456789"
CALENDAR = "https://calendar.google.com/calendar"
ICS = f"{CALENDAR}/ical/abc123%40group.calendar.google.com/public/basic.ics"


@pytest.mark.parametrize(
    ("copied", "expected"),
    [
        (f"{SHEET}/{ID}/edit?usp=sharing", f"{SHEET}/{ID}/export?format=csv"),
        (f"{SHEET}/{ID}/edit#gid=42", f"{SHEET}/{ID}/export?format=csv&gid=42"),
        (f"{SHEET}/{ID}/edit?gid=42#gid=42", f"{SHEET}/{ID}/export?format=csv&gid=42"),
        (f"https://docs.google.com/spreadsheets/u/1/d/{ID}/htmlview", f"{SHEET}/{ID}/export?format=csv"),
        (f"{SHEET}/{ID}", f"{SHEET}/{ID}/export?format=csv"),
        (f"{SHEET}/e/2PACX-{ID}/pubhtml?gid=7&single=true", f"{SHEET}/e/2PACX-{ID}/pub?gid=7&single=true&output=csv"),
        (f"{SHEET}/e/2PACX-{ID}/pub?output=csv", f"{SHEET}/e/2PACX-{ID}/pub?output=csv"),
        (f"{CALENDAR}/embed?src=abc123%40group.calendar.google.com&ctz=Europe%2FBerlin", ICS),
        ("https://www.google.com/calendar/embed?src=abc123@group.calendar.google.com", ICS),
        (f"{CALENDAR}/u/0?cid=YWJjMTIzQGdyb3VwLmNhbGVuZGFyLmdvb2dsZS5jb20", ICS),
        ("webcal://verein.example/kalender.ics", "https://verein.example/kalender.ics"),
        ("WEBCALS://verein.example/k.ics?a=1", "https://verein.example/k.ics?a=1"),
        ("https://cloud.example/s/AbCdEfGhIjKlMnO", "https://cloud.example/s/AbCdEfGhIjKlMnO/download"),
        ("https://cloud.example/index.php/s/AbCdEfGhIjKlMnO/", "https://cloud.example/index.php/s/AbCdEfGhIjKlMnO/download"),
        ("https://x.example/nextcloud/s/AbCdEfGhIjKlMnO", "https://x.example/nextcloud/s/AbCdEfGhIjKlMnO/download"),
        (
            "https://cloud.example/s/AbCdEfGhIjKlMnO?path=%2F2026&files=kurse.csv",
            "https://cloud.example/s/AbCdEfGhIjKlMnO/download?path=%2F2026&files=kurse.csv",
        ),
        (
            "https://cloud.example/apps/calendar/p/AbCdEfGh12",
            "https://cloud.example/remote.php/dav/public-calendars/AbCdEfGh12?export",
        ),
        (
            "https://x.example/nc/index.php/apps/calendar/embed/AbCdEfGh12/dayGridMonth/now",
            "https://x.example/nc/remote.php/dav/public-calendars/AbCdEfGh12?export",
        ),
        ("https://www.dropbox.com/s/abcdef/kurse.xlsx?dl=0", "https://www.dropbox.com/s/abcdef/kurse.xlsx?dl=1"),
        ("https://www.dropbox.com/scl/fi/a/k.csv?rlkey=x&dl=0", "https://www.dropbox.com/scl/fi/a/k.csv?rlkey=x&dl=1"),
    ],
)
def test_a_copied_address_leads_to_its_data(copied: str, expected: str) -> None:
    """Sheets, calendars, shares; and what came out stays as it is."""
    assert to_feed_address(f"  {copied}\n") == expected
    assert to_feed_address(expected) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://verein.example/angebote.csv",
        "https://verein.example/s/kurse",
        "https://verein.example/s/veranstaltungen",  # a token has capitals or digits, a word is a page
        "https://verein.example/sport/AbCdEfGhIjKlMnO",
        f"{SHEET}/{ID}/export?format=xlsx&gid=3",
        "https://docs.google.com/document/d/1AbC/edit",
        f"{CALENDAR}/u/0/r/week",
        f"{CALENDAR}/embed?src=unsinn",
        f"{CALENDAR}/u/0?cid=%%%",
        "https://docs.google.com.boese.example/spreadsheets/d/" + ID,
        "ftp://verein.example/s/AbCdEfGhIjKlMnO",
        "/s/AbCdEfGhIjKlMnO",
        "http://[kaputt/s/AbCdEfGhIjKlMnO",
        "",
    ],
)
def test_other_addresses_stay_as_they_are(url: str) -> None:
    """Nothing is guessed."""
    assert to_feed_address(url) == url


@given(st.text(max_size=80))
def test_any_text_comes_back_as_some_text(text: str) -> None:
    """Whatever is pasted: nothing is raised, and a second time changes nothing."""
    starts = (
        "",
        "webcal://",
        "https://docs.google.com/spreadsheets/d/",
        f"{CALENDAR}/embed?src=",
        "https://cloud.example/s/",
        "https://[",
    )
    for start in starts:
        once = to_feed_address(start + text)
        assert to_feed_address(once) == once or start == "webcal://"
