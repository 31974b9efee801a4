"""Any XML file comes in, however long; one raw record per item goes out: the whole of it, or the fields that XPath finds in it.

    item: kurs                     the elements that are offers; also kurs[@aktiv='ja'], and k:kurs with namespaces
    fields: {titel: name}          XPath 1.0 seen from the item: its text, @attribute, count(…); the first that is found
            {themen: thema*}       all that are found, as a list
    namespaces: {k: "https://…"}   without it, names are compared without their prefixes

Without `fields` the item becomes an object: children by name, attributes as @name (connectors/xmlitems.py).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from lxml import etree
from pydantic import Field, field_validator, model_validator

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError, over_limit
from connectors.text import Encoding, first_bytes
from connectors.words import to_german_count
from connectors.xmlitems import OPTIONS, Items, check_xml, local_name, to_value, xml_encoding
from connectors.xpaths import MAX_LENGTH, find, to_path
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

ITEM = re.compile(r"(?://)?(?:(?P<prefix>[\w.-]+):)?(?P<name>[^\W\d][\w.-]*)(?P<condition>\[.+\])?", re.S)  # k:kurs[@aktiv='ja']
MAX_ELEMENTS = 5_000  # of one item: some XPath costs the square of it
DECLARATION = re.compile(r"^\ufeff?\s*<\?xml[^>]*>")
SAMPLE = 1_000_000  # bytes in which detect looks for items
COUNTED = 30_000_000  # bytes of a file that detect counts
# These have kinds of their own, or hold no offers
OTHERS = frozenset({
    "rss", "feed", "RDF", "channel", "urlset", "sitemapindex", "veranstaltungen", "html", "schema", "stylesheet", "svg", "plist",
})  # fmt: skip
ID_NAMES = ("@id", "id", "guid", "uuid", "identifier", "@nr", "nr", "@nummer", "nummer", "kursnummer", "kursnr")


class XmlOptions(Options):
    url: str = Field(description="Adresse der XML-Datei", examples=["https://example.org/kurse.xml"])
    item: str = Field(
        description="Name des Elements, das ein Angebot ist", examples=["kurs", "kurs[@aktiv='ja']"], max_length=MAX_LENGTH
    )
    namespaces: Mapping[str, str] = Field(default_factory=dict, description="Kürzel: Namensraum, für item und fields")
    fields: Mapping[str, str] = Field(
        default_factory=dict, description="Feld: XPath im Angebot, zum Beispiel titel: name, themen: thema*"
    )
    id: str | None = Field(default=None, description="XPath der Kennung im Angebot, oder ein Feld", examples=["@id"])

    @field_validator("item")
    @classmethod
    def _is_name(cls, value: str) -> str:
        if not ITEM.fullmatch(value.strip()):
            raise ValueError(f"‚{value[:60]}‘ ist kein Name eines Elements; richtig ist zum Beispiel kurs oder kurs[@aktiv='ja']")
        return value.strip()

    @model_validator(mode="after")
    def _compilable(self) -> "XmlOptions":
        made = ITEM.fullmatch(self.item)
        if made and made["prefix"] and made["prefix"] not in self.namespaces:
            raise ValueError(f"der Namensraum von ‚{self.item}‘ fehlt unter namespaces")
        _condition(self)
        for line in (*self.fields.values(), *([self.id] if self.id else [])):
            to_path(line, self.namespaces)
        return self


class XmlConnector:
    kind: ClassVar[str] = "xml"
    title: ClassVar[str] = "XML-Datei mit einem Element je Angebot, gelesen mit XPath."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[XmlOptions]] = XmlOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = True
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = {}

    def entries(self, options: XmlOptions) -> Sequence[str]:
        return [options.url]

    def read(self, options: XmlOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        """Yield a record per item in the order of the file, and a problem for each that cannot be read."""
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        check_xml(capture)
        reader = _Reader(options)
        items = Items(capture, reader.name)
        seen = 0
        for item in items:
            if isinstance(item, Problem):
                yield item
                continue
            number, element = item
            if not reader.wants(element):
                continue
            if seen >= ctx.limits.max_records:
                yield over_limit(seen)
                return
            seen += 1
            if sum(1 for _ in element.iter()) > MAX_ELEMENTS:
                yield Problem("bad_record", f"Eintrag {number}", note=f"mehr als {MAX_ELEMENTS // 1000}.000 Elemente")
                continue
            try:
                data, record_id = reader.read(element)
            except etree.XPathError as error:
                raise SourceError(Problem("bad_config", note=f"ein XPath lässt sich nicht anwenden ({error})")) from error
            yield RawRecord(data, f"Eintrag {number}", capture.sha256, record_id)
        if not items.found:
            raise SourceError(
                Problem("selector_stale", value=options.url, note=f"ein Element ‚{options.item}‘ gibt es dort nicht")
            )
        if not seen:
            raise SourceError(Problem("empty_feed"))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        """Recognise elements that repeat and have parts; suggest the one that stands outermost and most often."""
        try:
            check_xml(capture)
        except SourceError:
            return None
        name = _find_item(first_bytes(capture, SAMPLE), xml_encoding(capture))
        if name is None:
            return None
        options: dict[str, Any] = {"url": capture.url, "item": name}
        known: dict[str, list[Any]] = {key: [] for key in ID_NAMES}
        count = 0
        try:
            for item in Items(capture, name):
                if isinstance(item, Problem):
                    continue
                count += 1
                value = to_value(item[1]) if count <= 200 else None
                for key, values in known.items():
                    if isinstance(value, dict):
                        values.append(value.get(key))
                if capture.size > COUNTED and count >= 10_000:
                    break
        except SourceError:
            return None
        for key, values in known.items():
            if values and all(isinstance(value, str) for value in values) and len(set(values)) == len(values):
                options["id"] = key
                break
        if count < 2:
            return None
        many = "mehr als " if capture.size > COUNTED else ""
        return Detection(0.4, options, f"XML mit {many}{to_german_count(count, 'einem Element', 'Elementen')} ‚{name}‘")


class _Reader:
    """Reads items the way a source file says."""

    def __init__(self, options: XmlOptions) -> None:
        made = ITEM.fullmatch(options.item)
        assert made is not None  # the options have checked it
        self.name = made["name"]
        self._namespace = options.namespaces[made["prefix"]] if made["prefix"] else None
        self._bare = not options.namespaces
        self._condition = _condition(options)
        self._fields = {name: to_path(line, options.namespaces) for name, line in options.fields.items()}
        self._id = to_path(options.id, options.namespaces) if options.id and options.id not in options.fields else None
        self._id_field = options.id if options.id in options.fields else None

    def wants(self, element: Any) -> bool:
        """Tell whether an element of the right name is meant; take its name spaces off where nobody asked for any."""
        tag = str(element.tag)  # not QName: that refuses a prefix nobody declared
        if self._namespace is not None and (tag[1:].partition("}")[0] if tag.startswith("{") else None) != self._namespace:
            return False
        if self._bare:
            for part in element.iter(etree.Element):
                if part.tag.startswith("{"):
                    with suppress(ValueError):  # a name that is none stays as it came
                        part.tag = local_name(part)
        return self._condition is None or bool(self._condition(element))

    def read(self, element: Any) -> tuple[dict[str, Any], str | None]:
        """Give the data of an item and its identifier; raise XPathError."""
        if self._fields:
            data = {name: value for name, path in self._fields.items() if (value := find(element, path)) is not None}
        else:
            value = to_value(element)
            data = value if isinstance(value, dict) else {"#text": value} if value is not None else {}
        found = data.get(self._id_field) if self._id_field else find(element, self._id) if self._id else None
        if isinstance(found, list):
            found = found[0]
        return data, str(found)[:500] if isinstance(found, str | int | float) and found != "" else None


def _condition(options: XmlOptions) -> Any:
    made = ITEM.fullmatch(options.item)
    if not made or not made["condition"]:
        return None
    return to_path(f"self::*{made['condition']}", options.namespaces).find


def _find_item(head: bytes, encoding: Encoding) -> str | None:
    """Find the element that repeats and has parts: the outermost, of those the most frequent."""
    text = DECLARATION.sub("", head.decode(encoding.codec, errors="replace"))
    parser = etree.XMLPullParser(events=("start", "end"), recover=True, **OPTIONS)
    counts: Counter[tuple[int, str]] = Counter()
    depth = 0
    try:
        parser.feed(text.encode("utf-8", "replace"))
    except etree.LxmlError:
        return None
    element: Any
    for event, element in parser.read_events():
        depth += 1 if event == "start" else -1
        if event == "start" and depth == 1 and local_name(element) in OTHERS:
            return None
        if event == "end" and len(element) >= 2:
            counts[depth, local_name(element)] += 1
    several = [(level, -count, name) for (level, name), count in counts.items() if count > 1 and level > 0]
    return min(several)[2] if several else None
