"""The public pages: what they answer, in every language, and what they never give away."""

import csv
import io
import json
import logging
import random
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import icalendar
import pytest
import requests
from babel.messages.pofile import read_po

from landkarte.web import assets
from landkarte.web.app import create_app
from landkarte.web.cards import offer_path
from landkarte.web.colours import TEXT, contrast, style
from landkarte.web.i18n import LOCALES, choose, tongues
from schemas import tables
from tests.landkarte import demo_package
from tests.landkarte.served import MOMENT, TODAY, served
from tests.landkarte.test_package import rewrite
from tools import messages, vendor

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "landkarte" / "web"
PAGES = (
    "/",
    "/karte",
    "/stadtteile",
    "/daten",
    "/quelle/mh-bruecke",
    "/?topic=nothing",
    "/?q=deutsch&age=9&residence_status=s24",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_package.write(tmp_path_factory.mktemp("paket"), today=TODAY)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with served(create_app(folder, now=lambda: MOMENT, catalogue_url="http://katalog.example/")) as address:
        yield address


@pytest.fixture(scope="module")
def offers(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "offers.csv").read_text("utf-8-sig")), delimiter=";"))


class Words(HTMLParser):
    """The words of a page, its links and its element names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.links: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name == "href" and value and tag == "a"]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def get(address: str, **headers: str) -> requests.Response:
    return requests.get(
        address, headers={name.replace("_", "-"): text for name, text in headers.items()}, allow_redirects=False, timeout=20
    )


def words(response: requests.Response) -> str:
    return " ".join(" ".join(Words(response.text).text).split())


@pytest.mark.parametrize("language", ["de", "en", "uk", "ar"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_in_every_language(site: str, path: str, language: str) -> None:
    """Language and direction stand in the root element; the catalogue's sentences are used."""
    response = get(site + path + ("&" if "?" in path else "?") + f"lang={language}")
    assert response.status_code == 200
    assert response.headers["Content-Language"] == language
    root = next(attributes for tag, attributes in Words(response.text).found if tag == "html")
    assert root == {"lang": language, "dir": "rtl" if language == "ar" else "ltr"}
    assert tongues()[language].gettext("Zum Inhalt springen") in response.text


def test_every_offer_has_its_page_its_dates_and_its_report(site: str, offers: list[dict[str, str]]) -> None:
    """Permanent addresses work for every id there is, percent signs included."""
    with requests.Session() as session:
        for offer in offers:
            path = offer_path(offer["offer_id"])
            response = session.get(site + path, timeout=20)
            assert response.status_code == 200, path
            assert offer["title"] in response.text
            for prefix in ("/fehler/", "/termine/"):
                assert session.get(site + path.replace("/angebot/", prefix), timeout=20).status_code == 200


def test_an_id_quoted_once_leads_to_its_page(site: str, offers: list[dict[str, str]]) -> None:
    """Programs that quote less than we do still arrive."""
    offer_id = next(offer["offer_id"] for offer in offers if "%" in offer["offer_id"])
    response = get(f"{site}/angebot/{offer_id}")
    assert (response.status_code, response.headers["Location"]) == (301, offer_path(offer_id))


def test_a_withdrawn_offer_is_gone_and_an_unknown_one_is_not_found(site: str) -> None:
    """410 with a word of explanation where we know it, 404 where we do not."""
    gone, unknown, strange = (get(f"{site}/angebot/{offer_id}") for offer_id in ("mh-bruecke:alt-1", "mh-bruecke:neu-9", "x"))
    assert (gone.status_code, unknown.status_code, strange.status_code) == (410, 404, 404)
    assert "zurückgezogen" in words(gone)
    assert "Kalender der Brücke" in words(unknown)


@pytest.mark.parametrize(
    "path", [*PAGES, "/nirgends", "/angebot/x", "/healthz", "/angebote.csv", "/karte.json", "/robots.txt", "/sitemap.xml"]
)
def test_every_answer_protects_the_visitor(site: str, path: str) -> None:
    """Strict policy, no cookie, no referrer, no server's name."""
    headers = get(site + path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not {"Set-Cookie", "Server"} & set(headers)


def test_the_log_knows_paths_but_no_questions_and_no_visitors(site: str, caplog: pytest.LogCaptureFixture) -> None:
    """A residence status in the address line is nobody's business."""
    with caplog.at_level(logging.INFO, logger="landkarte.access"):
        get(site + "/?residence_status=toleration&q=geheim")
        get(site + "/x%0d%0aGET%20/falsch")
    lines = [record.getMessage() for record in caplog.records if record.name == "landkarte.access"]
    assert any(line.startswith("GET / 200") for line in lines)
    assert not any(word in line for line in lines for word in ("toleration", "geheim", "127.0.0.1", "\n", "\r"))


def test_the_browser_chooses_the_first_language_and_the_address_fixes_it(site: str) -> None:
    """Accept-Language decides until somebody chooses; then the choice travels in every link, and no cookie is needed."""
    assert get(site, accept_language="uk-UA,uk;q=0.9,de;q=0.5").headers["Content-Language"] == "uk"
    assert get(site, accept_language="fr;q=0.9, zz").headers["Content-Language"] == "de"
    response = get(site + "/?lang=ar&topic=language&age=20", accept_language="uk")
    assert response.headers["Content-Language"] == "ar"
    inside = [link for link in Words(response.text).links if link.startswith("/") and not link.startswith("/static")]
    assert all("lang=" in link for link in inside)
    switch = [link for link in inside if "lang=en" in link]
    assert switch == ["/?topic=language&age=20&lang=en"]


@pytest.mark.parametrize(
    ("wanted", "accepted", "expected"),
    [
        ("en", "ar", "en"),
        ("xx", "ar", "ar"),
        ("", "", "de"),
        ("", "en;q=0.1, uk;q=0.8", "uk"),
        ("", "en;q=x,ar", "ar"),
        ("", "en;q=0", "de"),
    ],
)
def test_a_language_is_chosen(wanted: str, accepted: str, expected: str) -> None:
    """The address first, then the browser's wish by weight, then German."""
    assert expected == choose(wanted, accepted, ["de", "en", "uk", "ar"])


def listed(site: str, query: str) -> list[str]:
    """Walk through all pages of a list; give the offers' paths in order."""
    found: list[str] = []
    page = 1
    while True:
        response = get(f"{site}/?{query}&page={page}")
        if response.status_code != 200:
            return found
        here = [link.partition("?")[0] for link in Words(response.text).links if link.startswith("/angebot/")]
        found += here
        page += 1


@pytest.mark.parametrize(
    "query",
    [
        "",
        "topic=language&language=ar",
        "q=deutsch",
        "district=100&need=free",
        "residence_status=toleration&unstated=residence_status",
    ],
)
def test_every_form_of_a_result_holds_the_same_offers(site: str, query: str, offers: list[dict[str, str]]) -> None:
    """List, CSV, GeoJSON, calendar and map answer the same address line alike."""
    ids = listed(site, query)
    table = list(csv.DictReader(io.StringIO(get(f"{site}/angebote.csv?{query}").content.decode("utf-8-sig")), delimiter=";"))
    features = get(f"{site}/angebote.geojson?{query}").json()["features"]
    assert ids
    assert len(ids) == len(set(ids))
    assert ids == [offer_path(row["offer_id"]) for row in table] == [offer_path(feature["id"]) for feature in features]
    points = get(f"{site}/karte.json?{query}").json()
    assert sum(points["n"]) == sum(feature["geometry"] is not None for feature in features)
    calendar = icalendar.Calendar.from_ical(get(f"{site}/angebote.ics?{query}").content)
    addresses = {str(event["URL"]).removeprefix(site) for event in calendar.walk("VEVENT")}
    assert addresses
    assert addresses <= set(ids)


def test_the_calendar_keeps_the_hours(site: str) -> None:
    """A weekly course at 9 o'clock is at 9 o'clock in the calendar, in the city's zone, with its rule."""
    calendar = icalendar.Calendar.from_ical(get(f"{site}/angebote.ics?q=fahrradkurs").content)
    events = calendar.walk("VEVENT")
    assert events
    assert {"Europe/Berlin"} == {str(event["DTSTART"].params["TZID"]) for event in events}
    assert {(10, 12)} == {(event["DTSTART"].dt.hour, event["DTEND"].dt.hour) for event in events}
    assert calendar.walk("VTIMEZONE")


def test_what_has_no_dates_says_what_is_known(tmp_path: Path) -> None:
    """A course without weekdays shows its first and last day, every second week without a first day the partner's own words."""
    folder = demo_package.write(tmp_path / "paket", today=TODAY)
    tables = {name: list(csv.DictReader(io.StringIO((folder / name).read_text("utf-8-sig")), delimiter=";"))
              for name in ("offers.csv", "sessions.csv")}  # fmt: skip
    course, second = [row["offer_id"] for row in tables["offers.csv"] if row["status"] == "active"][:2]
    for row in tables["offers.csv"]:
        row |= {"start_date": "2026-11-02", "end_date": "2027-02-26"} if row["offer_id"] == course else {}
    rule = {"offer_id": second, "session_id": f"{second}@tu-10:00", "weekday": "tu", "start_time": "10:00", "status": "scheduled",
            "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "note": "Di 10 Uhr, 14-täglich"}  # fmt: skip
    kept = [row for row in tables["sessions.csv"] if row["offer_id"] not in (course, second)]
    tables["sessions.csv"] = [*kept, dict.fromkeys(kept[0], "") | rule]
    for name, rows in tables.items():
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
        rewrite(folder, name, out.getvalue().encode("utf-8-sig"))
    with served(create_app(folder, now=lambda: MOMENT, catalogue_url="http://katalog.example/")) as site:
        page, other = (words(get(site + offer_path(offer_id))) for offer_id in (course, second))
        title = next(row["title"] for row in tables["offers.csv"] if row["offer_id"] == course)
        listed = words(requests.get(site, params={"q": title}, timeout=20))
    for text in (page, listed):
        assert re.search(r"2\. Nov\S* 2026 bis 26\. Feb\S* 2027", text)
    assert "Di 10 Uhr, 14-täglich" in other
    assert "keine Termine angegeben" not in page + other


def test_pages_beyond_the_last_lead_to_the_last(site: str) -> None:
    """An old link to page 99 shows something."""
    response = get(site + "/?page=99&topic=language")
    assert (response.status_code, response.headers["Location"]) == (303, "/?topic=language&page=2")


def test_an_empty_result_says_what_to_leave_out(site: str) -> None:
    """Which filter kills the result, and how many offers there are without it."""
    text = words(get(site + "/?district=100&topic=legal&age=3&q=schwimm"))
    assert "Zu dieser Auswahl gibt es gerade kein Angebot." in text
    assert "Alle 163 Angebote zeigen" in text or "Angebote zeigen" in text
    narrow = words(get(site + "/?need=childcare&topic=sport"))
    assert re.search(r"ohne Kinderbetreuung \d+ Angebote", narrow)


def test_what_is_silent_is_counted_and_offered(site: str) -> None:
    """An empty residence status is unknown: it is said how many there are, with a link that takes them in."""
    response = get(site + "/?residence_status=toleration")
    assert re.search(r"Dazu \d+ Angebote: Aufenthaltsstatus nicht angegeben", words(response))
    assert "/?residence_status=toleration&unstated=residence_status" in Words(response.text).links


def test_an_unchanged_page_costs_nothing(site: str) -> None:
    """The browser asks with the tag and is told to keep what it has; another language or address is another page."""
    first = get(site + "/?topic=sport", accept_language="de")
    again = get(site + "/?topic=sport", accept_language="de", if_none_match=first.headers["ETag"])
    other = get(site + "/?topic=sport", accept_language="en", if_none_match=first.headers["ETag"])
    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


def test_static_files_may_be_kept_for_ever_because_their_address_changes(site: str) -> None:
    """Hashed addresses, packed where the browser takes it; nothing outside of the folder."""
    response = get(site + assets.url("js/landkarte.js"))
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["Content-Encoding"] == "gzip"
    assert get(site + "/static/alt/js/landkarte.js").headers["Cache-Control"] == "no-cache"
    for name in ("..%2fapp.py", "%2e%2e/app.py", "vendor.lock.json/x"):
        assert get(f"{site}/static/x/{name}").status_code == 404


def test_the_datasets_page_lists_every_file_and_each_can_be_fetched(site: str, folder: Path) -> None:
    """With format, size and licence, and the catalogue beside it; nothing else of the folder is handed out."""
    (folder / "geheim.txt").write_text("geheim")
    response = get(site + "/daten")
    page = Words(response.text)
    resources = json.loads((folder / "datapackage.json").read_text())["resources"]
    for resource in resources:
        assert f"/daten/{resource['path']}" in page.links
        assert get(f"{site}/daten/{resource['path']}").content == (folder / resource["path"]).read_bytes()
    assert "http://katalog.example/dataset/musterhafen-angebote" in page.links
    for name in ("geheim.txt", "../paket0/offers.csv", "%2e%2e/%2e%2e/etc/passwd", "current"):
        assert get(f"{site}/daten/{name}").status_code == 404


def test_the_data_pages_are_a_data_package_themselves(site: str) -> None:
    """Another city's map can be pointed at ours."""
    from landkarte import package

    assert package.load(f"{site}/daten/datapackage.json").title == "Integrationslandkarte Musterhafen"


def test_an_error_is_reported_by_a_ready_mail(site: str, offers: list[dict[str, str]]) -> None:
    """To the city's contact address, with the offer's id in the subject, German in every language."""
    path = offer_path(offers[0]["offer_id"]).replace("/angebot/", "/fehler/")
    mails = [link for link in Words(get(site + path + "?lang=ar").text).links if link.startswith("mailto:") and "subject" in link]
    assert len(mails) == 5
    assert all(link.startswith("mailto:integrationslandkarte@musterhafen.example?subject=Fehler%20in%20der") for link in mails)


def test_an_offer_tells_what_it_is_to_machines(site: str, offers: list[dict[str, str]]) -> None:
    """JSON-LD of schema.org, of a kind that fits."""
    kinds = {}
    for offer in offers[::9]:
        text = get(site + offer_path(offer["offer_id"])).text
        data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.S)[1])  # type: ignore[index]
        assert data["name"] == offer["title"]
        kinds[offer["offer_type"]] = data["@type"]
    assert kinds["language_course"] == "Course"
    assert kinds["counselling"] == "Service"


def test_partners_words_are_shown_and_never_run(tmp_path: Path) -> None:
    """Whatever a partner writes is text: in the page, in the data for machines, in the table."""
    evil = "</script><img src=x onerror=alert(1)>\"'&"
    folder = demo_package.write(tmp_path, today=TODAY)
    columns = ("offer_id", "source_key", "title", "summary", "status", "url", "languages")
    rows = [
        {
            "offer_id": "q-1:a",
            "source_key": "q-1",
            "title": evil,
            "summary": "=1+1",
            "status": "active",
            "languages": "xx-evil;de",
        },
        {"offer_id": "q-1:b", "source_key": "q-1", "title": "+49 203 1234", "summary": "-cmd|calc", "status": "active"},
    ]
    rewrite(folder, "offers.csv", demo_package.to_csv(columns, rows))
    with served(create_app(folder, now=lambda: MOMENT)) as site:
        for path in ("/", "/angebot/q-1:a", "/fehler/q-1:a", "/?q=%3Cimg%20src=x%3E", "/?topic=%3Cimg%20src=x%3E"):
            assert "<img" not in get(site + path).text
        table = list(csv.DictReader(io.StringIO(get(f"{site}/angebote.csv").content.decode("utf-8-sig")), delimiter=";"))
        assert {"+49 203 1234", evil} == {row["title"] for row in table}
        assert {"'=1+1", "'-cmd|calc"} == {row["summary"] for row in table}


def test_a_protected_address_is_nowhere(tmp_path: Path) -> None:
    """Even where a package wrongly holds it, no page, map or download gives it away."""
    folder = demo_package.write(tmp_path, today=TODAY)
    place: dict[str, Any] = {
        "location_id": "q-1:0123456789abcdef", "name": "Zuflucht", "location_type": "physical", "street": "Verborgene Gasse",
        "house_number": "77", "city": "Musterhafen", "latitude": 51.437, "longitude": 6.761, "place_quality": "exact",
        "district_code": "100", "address_protected": "true",
    }  # fmt: skip
    rewrite(folder, "locations.csv", demo_package.to_csv(place.keys(), [place]))
    offer = {
        "offer_id": "q-1:a",
        "source_key": "q-1",
        "title": "Frauenberatung",
        "location_id": place["location_id"],
        "status": "active",
    }
    session = {"session_id": "q-1:a@x", "offer_id": "q-1:a", "weekday": "mo", "start_time": "10:00", "status": "scheduled"}
    rewrite(folder, "offers.csv", demo_package.to_csv(offer.keys(), [offer]))
    rewrite(folder, "sessions.csv", demo_package.to_csv(session.keys(), [session]))
    with served(create_app(folder, now=lambda: MOMENT)) as site:
        for path in (
            "/",
            "/karte",
            "/angebot/q-1:a",
            "/karte.json",
            "/angebote.csv",
            "/angebote.geojson",
            "/angebote.ics",
            "/termine/q-1:a",
        ):
            answer = get(site + path)
            assert answer.status_code == 200
            assert not [secret for secret in ("Verborgene", "51.437", "6.761") if secret in answer.text], path
        assert "Adresse auf Anfrage" in words(get(site + "/"))


def test_a_bare_package_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    """Only offers, no districts, no word lists, no sources: a page all the same."""
    table = demo_package.to_csv(
        ("offer_id", "source_key", "title"), [{"offer_id": "q-1:a", "source_key": "q-1", "title": "Kurs"}]
    )
    (tmp_path / "offers.csv").write_bytes(table.replace(b";", b","))
    (tmp_path / "datapackage.json").write_text('{"resources": [{"name": "offers", "path": "offers.csv"}]}')
    with served(create_app(tmp_path, now=lambda: MOMENT)) as site:
        for path in (
            "/",
            "/karte",
            "/stadtteile",
            "/daten",
            "/angebot/q-1:a",
            "/fehler/q-1:a",
            "/angebote.geojson",
            "/angebote.ics",
        ):
            assert get(site + path).status_code == 200, path


def test_a_part_of_the_city_without_a_border_is_not_counted(tmp_path: Path) -> None:
    """Without its border no address can be found in it: a 0 would be wrong."""
    folder = demo_package.write(tmp_path, today=TODAY)
    borders = json.loads((folder / "subdistricts.geojson").read_text())
    gone = borders["features"].pop()["properties"]["name"]
    rewrite(folder, "subdistricts.geojson", json.dumps(borders).encode())
    with served(create_app(folder, now=lambda: MOMENT)) as site:
        shown = re.findall(r"<bdi>([^<]+)</bdi> <span class=\"count\">", get(site + "/stadtteile?lang=de").text)
        assert borders["features"][0]["properties"]["name"] in shown
        assert gone not in shown


def test_a_printed_list_says_where_and_whom_to_call(site: str) -> None:
    """On paper there is no button: address and number stand in words."""
    lines = re.findall(r'<p class="facts print-only">(.*?)</p>', get(site + "/?lang=de").text)
    assert any("+49" in line and re.search(r"\d{5} ", line) for line in lines)


def test_before_the_first_publication_the_pages_say_so(tmp_path: Path) -> None:
    """No crash, no empty list: a sentence, and the pages appear by themselves once something is published."""
    app = create_app(tmp_path, now=lambda: MOMENT)
    with served(app) as site:
        assert get(site).status_code == 503
        assert get(site + "/healthz").json()["status"] == "empty"
        assert "noch nichts veröffentlicht" in get(site).text
        demo_package.write(tmp_path, today=TODAY)
        app.state.live.refresh()
        assert get(site).status_code == 200
        assert get(site + "/healthz").json()["offers"] > 150


@pytest.mark.parametrize("language", ["de", "en", "uk", "ar"])
def test_every_sentence_is_translated(language: str) -> None:
    """No gap, nothing fuzzy, the same places to fill, in every catalogue; `python tools/messages.py` keeps them."""
    with (LOCALES / language / "LC_MESSAGES" / "landkarte.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    wanted = {message.id for message in messages.template() if message.id}
    assert wanted == {message.id for message in catalogue if message.id}
    assert not catalogue.obsolete
    for message in catalogue:
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy
        assert all(forms), message.id
        assert len(forms) == (catalogue.num_plurals if isinstance(message.id, tuple) else 1)
        places = set(re.findall(r"%\((\w+)\)s", message.id[-1] if isinstance(message.id, tuple) else message.id))
        for form in forms:
            # a form for exactly one or two may leave the number out, no form may ask for more
            assert set(re.findall(r"%\((\w+)\)s", form)) <= places, message.id
        if not isinstance(message.id, tuple):
            assert set(re.findall(r"%\((\w+)\)s", forms[0])) == places, message.id


def test_the_libraries_are_those_of_the_lock() -> None:
    """Nothing vendored was changed, left out or smuggled in."""
    lock = json.loads(vendor.LOCK.read_text(encoding="utf-8"))
    assert vendor.differences(lock, vendor.VENDOR) == []
    assert all(package["integrity"].startswith("sha512-") and package["licence"] for package in lock["packages"])


def test_our_own_files_name_no_other_server() -> None:
    """Every script, style and picture is our own; only links that somebody clicks lead away."""
    allowed = ("http://www.w3.org/2000/svg", "https://www.openstreetmap.org/", "http://www.sitemaps.org/")
    for file in [
        *WEB.rglob("*.html"),
        *WEB.glob("static/js/*"),
        *WEB.glob("static/css/*"),
        *WEB.glob("static/*.svg"),
        vendor.LOCK,
    ]:
        found = re.findall(r"https?://[^\s\"'<>)]+", file.read_text(encoding="utf-8"))
        assert [address for address in found if not address.startswith(allowed)] == [], file


def test_the_style_sheet_knows_no_left_and_no_right() -> None:
    """Right-to-left pages need no second sheet, because the first uses logical properties only."""
    sheet = (WEB / "static" / "css" / "landkarte.css").read_text(encoding="utf-8")
    assert not re.findall(
        r"(?:margin|padding|border|inset)-(?:left|right)|[{;]\s*(?:left|right)\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)",
        sheet,
    )


@pytest.mark.parametrize("brand", ["#0b5563", "#ffd400", "#fff", "#000000", "#7fff00", "no colour"])
def test_every_city_colour_can_be_read(brand: str) -> None:
    """Links on paper and white, writing on the brand, by day and by night, whatever a city calls its colour."""
    sheet = style({"city": {"colours": {"brand": brand}}})
    day, night = re.findall(r":root\{([^}]*)\}", sheet)[:2]
    for palette, grounds in ((day, ("#f8f4ed", "#ffffff")), (night, ("#171614", "#211f1c"))):
        colours = dict(re.findall(r"--([\w-]+):(#\w+);", palette))
        for ground in (*grounds, colours["brand-soft"]):
            assert contrast(colours["brand"], ground) >= TEXT - 0.1
        assert contrast(colours["brand"], colours["on-brand"]) >= 4.5


JUNK = (
    "", "0", "-1", "999999999999", "1e308", "NaN", "inf", "true", "\u202e", "<b>", "2026-13-45", "2026-03-02T16:00:00+01:00",
    "0001-01-01", "9999-12-31", "9999-12-31T23:59:59+00:00", "25:99", "mo", "FREQ=DAILY", "FREQ=YEARLY;INTERVAL=9999999999",
    "FREQ=WEEKLY;BYDAY=XX", "x" * 3000, "a;b;;c", ";", ":", "%", "ar", "xx-yy-zz", "online", "any", "free", "deposit", "exact", "+49",
    "javascript:alert(1)", "http://x", "\U0001f642", "6.76", "51.43", "physical", "100",
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_value_of_a_package_breaks_a_page_or_becomes_a_script(tmp_path: Path, seed: int) -> None:
    """Whatever stands in whichever column: every page answers, and no link is one that runs."""
    chance = random.Random(seed)
    folder = demo_package.write(tmp_path, today=TODAY)
    ids = [f"q-1:{number}" for number in range(30)]
    for table in ("offers", "sessions", "locations", "organisations", "translations", "sources", "districts", "subdistricts"):
        columns = tables.columns(table)
        rows = [{column: chance.choice(JUNK) if chance.random() < 0.6 else None for column in columns} for _ in ids]
        for number, row in enumerate(rows):
            if table == "offers":
                row |= {
                    "offer_id": ids[number],
                    "title": row["title"] or "T",
                    "location_id": str(number),
                    "organisation_id": str(number),
                }
            elif table in ("sessions", "translations"):
                row["offer_id"] = chance.choice(ids)
            elif table in ("locations", "organisations"):
                row[columns[0]] = str(number)
        rewrite(folder, f"{table}.csv", demo_package.to_csv(columns, rows))
    paths = [*PAGES[:4], "/karte.json", "/angebote.csv", "/angebote.geojson", "/angebote.ics", "/?lang=ar&age=5", "/?q=T"]
    paths += [f"/{kind}/{offer_id}" for kind in ("angebot", "termine", "fehler") for offer_id in ids]
    with served(create_app(folder, now=lambda: MOMENT)) as site:
        for path in paths:
            answer = get(site + path)
            assert answer.status_code == 200, path
            if answer.headers["Content-Type"].startswith("text/html"):
                assert "<b>" not in answer.text
                assert 'href="javascript' not in answer.text
