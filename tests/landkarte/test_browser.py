"""The pages in a real browser: no foreign request, no breach of the policy, no barrier axe can see, and a map one can walk by keyboard."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from landkarte.web.app import create_app
from tests.conftest import missing
from tests.landkarte import demo_package
from tests.landkarte.served import MOMENT, TODAY, served

pytestmark = pytest.mark.browser
# SwiftShader draws WebGL without a graphics card; the rest keeps the browser from calling home
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
OFFER = "/angebot/mh-ki-angebote:ki-musterhafen%252F0-0-0"
PATHS = ("/", "/karte", "/stadtteile", "/?topic=language&residence_status=toleration&age=20", "/?district=100&topic=legal&age=3&q=schwimm",
         "/daten", "/quelle/mh-bruecke", "OFFER", "/fehler/OFFER", "/angebot/mh-bruecke:alt-1", "/nirgends")  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}  # a small phone, or a desk at 400 %


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = demo_package.write(tmp_path_factory.mktemp("paket"), today=TODAY)
    app = create_app(folder, now=lambda: MOMENT)
    with served(app) as address:
        yield address


@pytest.fixture(scope="module")
def offer(site: str) -> str:
    """An offer with most that an offer can have: a place, dates, translations, an id with a percent sign."""
    import requests

    found = requests.get(site + "/angebote.geojson?topic=language", timeout=20).json()["features"]
    best = next(one for one in found if one["geometry"] and "%" in one["id"])
    return str(best["properties"]["page"]).removeprefix(site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        with_browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield with_browser
        with_browser.close()


@contextmanager
def visiting(
    browser: Browser, site: str, *, size: dict[str, int] = DESK, script: bool = True, flags: dict[str, str] | None = None
) -> Iterator[Page]:
    """Open a fresh browser profile; at the end nothing foreign may have been asked for and nothing refused by the policy."""
    context = browser.new_context(viewport=size, java_script_enabled=script, locale="de-DE", **(flags or {}))  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
        assert [url for url in asked if not url.startswith((site + "/", "data:", "blob:"))] == []
        # a page that is not there answers so, which the console calls an error
        assert [text for text in said if "status of 4" not in text] == []
        assert context.cookies() == []
    finally:
        context.close()


def see(page: Page, site: str, path: str, offer: str) -> None:
    path = path.replace("/fehler/OFFER", offer.replace("/angebot/", "/fehler/")).replace("OFFER", offer)
    page.goto(site + path)
    if path.startswith("/karte"):
        page.wait_for_selector(".mapframe.ready .pinmark")


def until(page: Page, condition: str) -> None:
    """Wait for a condition; playwright's own way evaluates text inside of the page, which our policy rightly forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {condition}")


def barriers(page: Page) -> list[str]:
    """Let axe look at the page; give its findings, one line each."""
    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.mark.parametrize("language", ["de", "ar"])
def test_no_page_has_a_barrier_that_axe_sees(browser: Browser, site: str, offer: str, language: str) -> None:
    """WCAG rules and best practices, on a desk and on a phone; no page is wider than its screen."""
    findings = []
    for size in (DESK, PHONE):
        with visiting(browser, site, size=size) as page:
            for path in PATHS if size is DESK else ("/", "/karte", "/stadtteile", "OFFER"):
                see(page, site, path + ("&" if "?" in path else "?") + f"lang={language}", offer)
                assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
                assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
                findings += [f"{path} {size['width']}: {line}" for line in barriers(page)]
    assert findings == []


@pytest.mark.parametrize("language", ["de", "uk", "ar"])
def test_no_page_is_wider_than_a_small_phone(browser: Browser, site: str, offer: str, language: str) -> None:
    """At 320 pixels, which is also a desk at 400 percent, nothing has to be scrolled sideways (WCAG 1.4.10)."""
    with visiting(browser, site, size=NARROW) as page:
        for path in PATHS:
            page.goto(
                site
                + path.replace("/fehler/OFFER", offer.replace("/angebot/", "/fehler/")).replace("OFFER", offer)
                + ("&" if "?" in path else "?")
                + f"lang={language}"
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], path


def test_the_dark_pages_can_be_read(browser: Browser, site: str, offer: str) -> None:
    """The same at night."""
    findings = []
    with visiting(browser, site, flags={"color_scheme": "dark"}) as page:
        for path in ("/?topic=language&age=20", "/karte", "/stadtteile", "OFFER", "/daten"):
            see(page, site, path, offer)
            findings += [f"{path}: {line}" for line in barriers(page)]
    assert findings == []


def test_the_filter_works_without_a_script(browser: Browser, site: str) -> None:
    """Boxes, a button, an address line: on the desk and on the phone."""
    with visiting(browser, site, script=False) as page:
        page.goto(site)
        page.locator("summary", has_text="Thema").click()
        page.get_by_label("Gesundheit").check()
        page.locator("details[open] .apply button").click()
        assert page.url == site + "/?topic=health"
        assert page.locator(".chips bdi").all_inner_texts() == ["Gesundheit"]
    with visiting(browser, site, script=False, size=PHONE) as page:
        page.goto(site + "/?lang=de")
        page.get_by_text("Filter", exact=True).first.click()
        page.locator("summary", has_text="Wichtig für mich").click()
        page.get_by_label("Kinderbetreuung").check()
        page.locator(".show button").click()
        assert "need=childcare" in page.url
        assert page.locator("#ergebnis h2").inner_text() != "163 Angebote"


def test_with_a_script_the_page_stays_and_only_its_parts_change(browser: Browser, site: str) -> None:
    """A tick updates count, cards, chips and address at once; going back takes it all back."""
    with visiting(browser, site) as page:
        page.goto(site)
        page.evaluate("window.stays = true")
        page.locator("summary", has_text="Thema").click()
        page.get_by_label("Gesundheit").check()
        page.wait_for_url("**/?topic=health")
        until(page, "document.querySelector('#anzahl').textContent !== '163 Angebote'")
        assert page.get_by_label("Gesundheit").is_visible()
        page.keyboard.press("Escape")
        page.locator(".chips a").first.click()
        until(page, "document.querySelector('#anzahl').textContent === '163 Angebote'")
        assert not page.locator("input[value=health]").is_checked()
        page.go_back()
        until(page, "document.querySelector('#anzahl').textContent !== '163 Angebote'")
        assert page.locator("input[value=health]").is_checked()
        assert page.evaluate("window.stays")


def test_the_filter_of_the_phone_is_a_dialog(browser: Browser, site: str) -> None:
    """It takes the focus, keeps it, says how many there will be, and gives the focus back."""
    with visiting(browser, site, size=PHONE) as page:
        page.goto(site)
        page.locator("[data-open-filter]").click()
        assert page.evaluate("document.activeElement.matches('[data-close-filter]')")
        page.locator("summary", has_text="Gesprochene Sprache").click()
        page.get_by_label("Ukrainisch").check()
        until(page, "!document.querySelector('[data-show]').textContent.includes('163')")
        for _ in range(30):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#alle-filter')")
        page.keyboard.press("Escape")
        assert page.evaluate("document.activeElement.matches('[data-open-filter]')")
        assert page.locator("[data-open-filter]").inner_text().strip() == "Filter (1)"


def test_the_map_is_walked_by_keyboard(browser: Browser, site: str) -> None:
    """One stop for the Tab key, arrows from place to place, Enter opens a place in the list and says so."""
    with visiting(browser, site) as page:
        see(page, site, "/karte?lang=de", "")
        assert page.locator(".pinmark[tabindex='0']").count() == 1
        assert page.locator(".pinmark[tabindex='-1']").count() > 5
        page.locator(".pinmark[tabindex='0']").focus()
        first = page.evaluate("document.activeElement.getAttribute('aria-label')")
        page.keyboard.press("ArrowDown")
        second = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert first != second
        assert page.evaluate("document.activeElement.getBoundingClientRect().width") >= 44
        for _ in range(40):
            if (
                "Angebote:" not in (label := page.evaluate("document.activeElement.getAttribute('aria-label')"))
                or ". Angebote" in label
            ):
                break
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.wait_for_url("**place=*")
        page.wait_for_selector(".chips a")
        assert page.locator(".pinmark[aria-pressed='true']").count() == 1
        assert 0 < page.locator(".card").count() < 50
        name = page.locator(".chips a bdi").first.inner_text()
        assert name in label


def test_a_change_of_the_filter_changes_the_map(browser: Browser, site: str) -> None:
    """The markers follow the list without a new page."""
    with visiting(browser, site) as page:
        see(page, site, "/karte", "")
        total = (
            "[...document.querySelectorAll('.pinmark > span')].reduce((sum, face) => sum + (Number(face.textContent) || 1), 0)"
        )
        before = page.evaluate(total)
        page.locator("summary", has_text="Thema").click()
        page.get_by_label("Digitales").check()
        until(page, f"{total} < {before}")
        assert page.evaluate(total) <= 5


def test_without_webgl_the_districts_are_shown(browser: Browser, site: str) -> None:
    """A browser that cannot draw the map keeps the drawn city with its links."""
    with visiting(browser, site) as page:
        page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        page.goto(site + "/karte")
        page.wait_for_event("console", lambda message: "Die Karte lässt sich hier nicht zeichnen" in message.text)
        assert page.locator(".mapframe.ready").count() == 0
        assert page.locator(".fallback .drawing a").count() == 7
        page.locator(".fallback .drawing a").first.click()
        page.wait_for_url("**district=*")


def test_the_library_of_the_map_is_fetched_only_for_the_map(browser: Browser, site: str) -> None:
    """The list is light."""
    with visiting(browser, site) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(site)
        page.wait_for_load_state("networkidle")
        assert not [url for url in asked if "maplibre" in url]
