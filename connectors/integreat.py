"""The pages, locations and events of an Integreat region come in (API v3); one raw record each goes out, with all its languages.

The languages of an entry are entries of their own there and become `translations` here. They are the languages of the texts, not
those spoken in the offer. Repeating events come combined with their rule, or spread out with one entry per date; both become one
record with sessions.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.integreat_map import INTEGREAT_MAP
from connectors.integreat_records import Entry, Group, group, kind_of, to_record
from connectors.jsontext import check_json, read_document
from connectors.series import Budget, Window
from connectors.words import to_german_count, to_german_day
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MAX_LANGUAGES = 40
CODE = r"[a-z]{2,3}(?:-\w+)*"  # de, zh-CN
KINDS = ("pages", "locations", "events")
NAMES = {
    "page": ("einer Seite", "Seiten"),
    "location": ("einem Ort", "Orten"),
    "event": ("einer Veranstaltung", "Veranstaltungen"),
}
ENDPOINT = re.compile(  # https://cms.integreat-app.de/api/v3/duisburg/de/locations/?x=1
    r"(?P<start>https?://.+?/)(?P<region>[\w-]+)/(?P<language>[a-z]{2,3}(?:-[\w]+)*)/(?P<rest>(?:wp-json/extensions/v3/)?)"
    r"(?P<content>pages|locations|events)/?(?:\?.*)?"
)
APP = re.compile(r"https?://(?:www\.)?integreat\.app/(?P<region>[\w-]+)/(?P<language>[a-z]{2,3}(?:-[\w]+)*)(?:/.*)?")
Document = Generator[Problem, None, list[Entry]]
API = "https://cms.integreat-app.de"


class IntegreatOptions(Options):
    url: str = Field(description="Adresse der API; {region}, {language} und {content} werden ersetzt", examples=[API])
    region: str = Field(default="", pattern=r"^[\w-]*$", description="Kürzel der Region in Integreat, zum Beispiel duisburg")
    language: str = Field(default="de", pattern=f"^{CODE}$", description="Sprache, die zuerst gelesen wird")
    languages: tuple[str, ...] | None = Field(default=None, description="Weitere Sprachen; ohne Angabe alle")
    content: Literal["pages", "locations", "events", "all"] = Field(default="all", description="Seiten, Orte, Termine oder alles")
    horizon: int = Field(default=180, ge=1, le=730, description="So viele Tage im Voraus werden Termine übernommen")
    past: int = Field(default=1, ge=0, le=365, description="So viele Tage zurück bleiben Termine stehen")
    max_sessions: int = Field(default=400, ge=1, le=5_000, description="Höchstens so viele Termine je Veranstaltung")

    @field_validator("languages")
    @classmethod
    def _codes(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for code in value or ():
            if not re.fullmatch(CODE, code):
                raise ValueError(f"‚{code}‘ ist kein Sprachkürzel; richtig ist zum Beispiel uk")
        return value


class IntegreatConnector:
    kind: ClassVar[str] = "integreat"
    title: ClassVar[str] = "Region in Integreat: Seiten, Orte und Veranstaltungen mit ihren Übersetzungen."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[IntegreatOptions]] = IntegreatOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = True
    default_map: ClassVar[Mapping[str, Any]] = INTEGREAT_MAP

    def entries(self, options: IntegreatOptions) -> Sequence[str]:
        if options.languages is None and _template(options)[0]:
            return []  # which languages there are only reading tells
        languages = (options.language, *(options.languages or ()))
        addresses = (to_address(options, content, language) for content in _contents(options) for language in languages)
        return [address for address in addresses if address]

    def read(self, options: IntegreatOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Read each kind of content in the first language, then its translations; yield a record per group of languages."""
        earliest, latest = ctx.now - timedelta(days=options.past), ctx.now + timedelta(days=options.horizon)
        window = Window(earliest, latest, options.max_sessions, ctx.zone)
        budget, seen = Budget(), 0
        for content in _contents(options):
            for item in _read_content(content, options, ctx):
                if isinstance(item, Problem):
                    yield item
                    continue
                if seen >= ctx.limits.max_records:
                    yield over_limit(seen)
                    return
                seen += 1
                data, problems = to_record(item, window, budget)
                yield from problems
                yield RawRecord(data=data, locator=item.main.locator, capture=item.main.capture, record_id=item.record_id)
        if not seen:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise an endpoint of the API by its entries, and the web app by its address."""
        if found := APP.fullmatch(capture.final_url or capture.url):
            options = {"url": API, "region": found["region"], "language": found["language"]}
            return Detection(0.9, options, f"Region ‚{found['region']}‘ in Integreat")
        if capture.size > 20_000_000:
            return None
        try:
            check_json(capture)
            entries = read_document(capture).value
        except SourceError:
            return None
        if not isinstance(entries, list) or not entries or not all(kind_of(entry) for entry in entries):
            return None
        kind = kind_of(entries[0])
        languages = {code for entry in entries for code in entry["available_languages"]}
        reason = f"Integreat mit {to_german_count(len(entries), *NAMES[kind])}"
        reason += f" in {len(languages) + 1} Sprachen" if languages else ""
        days = [day for entry in entries if (day := _to_day(entry.get("last_updated")))]
        if days:
            reason += f", zuletzt geändert am {to_german_day(max(days), today=capture.fetched_at.date())}"
        return Detection(0.95, {"url": capture.url}, reason)


def to_address(options: IntegreatOptions, content: str, language: str) -> str | None:
    """Make the address of one kind of content in one language; None where the options hold just one file of another language."""
    template, single = _template(options)
    if not template:
        return single if language == options.language else None
    address = template.replace("{region}", options.region).replace("{language}", language).replace("{content}", content)
    return address + "?combine_recurring=1" if content == "events" and "?" not in address and "/api/v3/" in address else address


def _template(options: IntegreatOptions) -> tuple[str, str]:
    """Give the address with places for language and content, or the one address there is."""
    url = options.url.strip()
    if "{" in url:
        return url, ""
    if options.region:
        base = url.rstrip("/")
        return f"{base if '/api/v3' in base else f'{base}/api/v3'}/{options.region}/{{language}}/{{content}}/", ""
    if found := ENDPOINT.fullmatch(url):
        return f"{found['start']}{found['region']}/{{language}}/{found['rest']}{found['content']}/", ""
    return "", url


def _contents(options: IntegreatOptions) -> Sequence[str]:
    """Say which kinds of content to read; an address that names one, or a single file, is that one."""
    template, _ = _template(options)
    if "{content}" not in template:
        return [found["content"] if (found := ENDPOINT.fullmatch(options.url.strip())) else "all"]
    return KINDS if options.content == "all" else [options.content]


def _read_content(content: str, options: IntegreatOptions, ctx: Context) -> Iterator[Group | Problem]:
    """Read one kind of content in all languages; yield its groups, and the problems on the way."""
    address = to_address(options, content, options.language)
    if address is None:
        return
    entries: dict[str, list[Entry]] = {}
    entries[options.language] = yield from _read_document(address, options.language, options, ctx)
    for language in _languages(entries[options.language], options):
        address = to_address(options, content, language)
        if address is None:
            continue
        try:
            entries[language] = yield from _read_document(address, language, options, ctx)
        except SourceError as error:
            if error.problem.code not in ("not_found", "gone"):  # a night without translations would take them from the public
                raise
            yield Problem(error.problem.code, value=address, severity="remark")
    yield from group(entries)


def _languages(entries: Sequence[Entry], options: IntegreatOptions) -> Sequence[str]:
    if options.languages is not None:
        return [language for language in options.languages if language != options.language]
    named = {language for entry in entries for language in entry.languages if re.fullmatch(CODE, language)}
    return sorted(named - {options.language})[:MAX_LANGUAGES]


def _read_document(address: str, language: str, options: IntegreatOptions, ctx: Context) -> Document:
    """Fetch one list of entries; yield a problem per broken one, return the others."""
    capture = ctx.fetch(address, headers=options.headers, auth=options.auth)
    check_json(capture)
    document = read_document(capture)
    yield from document.problems
    if not isinstance(document.value, list):
        raise SourceError(Problem("wrong_content", value=address, note="Dort liegt JSON, aber keine Liste von Integreat"))
    found: list[Entry] = []
    for number, item in enumerate(document.value, start=1):
        if kind := kind_of(item):
            found.append(Entry(kind, language, item, capture.sha256, number))
        else:
            lost = None if language == options.language else "remark"  # a translation less is no record less
            yield Problem("bad_record", f"Eintrag {number}", note="weder Seite noch Ort noch Veranstaltung", severity=lost)
    return found


def _to_day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(value).date() if isinstance(value, str) else None
    except ValueError:
        return None
