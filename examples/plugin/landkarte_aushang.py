"""The text of a notice board comes in; one record per notice goes out.

Notices are divided by a line of dashes, and each holds lines `Name: value`:

    Titel: Nähtreff
    Tag: Dienstag
    ----
    Titel: Lesestunde
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from connectors.contract import API_VERSION, Completeness, Context, Detection, Options, SourceError
from connectors.text import find_encoding, first_bytes, read_text, what_is
from schemas.problems import Problem
from schemas.record import Capture, RawRecord

MAX_BYTES = 5_000_000
MAX_LINE = 10_000


class AushangOptions(Options):
    url: str = Field(description="Adresse der Textdatei", examples=["https://example.org/aushang.txt"])
    id: str = Field(default="Nr", description="Zeile, in der die Kennung steht")


class AushangConnector:
    kind: ClassVar[str] = "aushang"
    title: ClassVar[str] = "Ein Aushang als Textdatei: Zeilen „Name: Wert“, Striche zwischen den Angeboten."
    api_version: ClassVar[int] = API_VERSION
    options: ClassVar[type[AushangOptions]] = AushangOptions
    completeness: ClassVar[Completeness] = Completeness.SNAPSHOT
    nested: ClassVar[bool] = False
    depends_on_day: ClassVar[bool] = False
    default_map: ClassVar[Mapping[str, Any]] = {"map": {"title": "Titel", "description": "Text", "contact_email": "Mail"}}

    def entries(self, options: AushangOptions) -> Sequence[str]:
        return [options.url]

    def read(self, options: AushangOptions, ctx: Context) -> Iterator[RawRecord | Problem]:
        capture = ctx.fetch(options.url, headers=options.headers, auth=options.auth)
        seen = 0
        for number, notice in enumerate(_notices(capture), start=1):
            if seen >= ctx.limits.max_records:
                yield Problem("record_limit", value=str(ctx.limits.max_records))
                return
            if not notice:
                yield Problem("bad_record", f"Aushang {number}", note="keine Zeile „Name: Wert“")
                continue
            seen += 1
            yield RawRecord(notice, f"Aushang {number}", capture.sha256, notice.get(options.id) or None)
        if not seen:
            raise SourceError(Problem("empty_feed", value=options.url))

    @classmethod
    def detect(cls, capture: Capture) -> Detection | None:
        try:
            count = sum("Titel" in notice for notice in _notices(capture))
        except SourceError:
            return None
        return Detection(0.9, {"url": capture.url}, f"Aushang mit {count} Angeboten") if count else None


def _notices(capture: Capture) -> Iterator[dict[str, str]]:
    """Yield the lines of each notice by their names; raise SourceError where this is no notice board."""
    if capture.size > MAX_BYTES:
        raise SourceError(Problem("too_large", value=capture.url))
    head = first_bytes(capture)
    if not head.strip():
        raise SourceError(Problem("empty_feed", value=capture.url))
    if what := what_is(head):
        raise SourceError(Problem("wrong_content", value=capture.url, note=f"Dort liegt {what}"))
    lines = read_text(capture, find_encoding(capture)).replace("\0", "").splitlines()
    if not any(line.startswith("Titel:") for line in lines):
        raise SourceError(Problem("wrong_content", value=capture.url, note="Dort steht kein Titel"))
    notice: dict[str, str] = {}
    for line in [*lines, "----"]:
        if line.startswith("---"):
            yield notice
            notice = {}
        elif line[:MAX_LINE].count(":") and (name := line.partition(":")[0].strip()):
            notice[name[:100]] = line.partition(":")[2].strip()[:MAX_LINE]
