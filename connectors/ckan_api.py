"""The address of a CKAN comes in; the answers of its Action API go out: datasets, pages of datasets, rows of a DataStore.

https://docs.ckan.org/en/latest/api/: every answer is {"success": true, "result": …}; what went wrong stands under "error".
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from connectors.contract import Context, Options, SourceError, over_limit
from connectors.jsontext import check_json, read_document
from connectors.webpage import fetch_linked
from schemas.problems import Problem
from schemas.record import RawRecord

# https://portal.example/de/dataset/kurse/resource/…, https://portal.example/api/3/action/package_show?id=kurse
PLACE = re.compile(r"(?P<base>https?://[^?#]*?)(?:/dataset(?:/(?P<dataset>[\w.-]+)?(?:/.*)?)?|/api(?:/.*)?|/)?", re.I)
ROWS = 100  # datasets a page
TABLE_ROWS = 5_000  # rows of a DataStore a page; a CKAN may give fewer


@dataclass(frozen=True, slots=True)
class Portal:
    """A CKAN that may be asked. Every method raises SourceError where it does not answer as a CKAN does."""

    base: str
    options: Options
    ctx: Context

    def ask(self, action: str, **params: str | int) -> tuple[Any, str]:
        """Ask for one action; give its result, and the sha256 of the capture."""
        address = f"{self.base}/api/3/action/{action}?{urlencode(params, quote_via=quote)}"
        capture = fetch_linked(self.ctx, self.options, address)
        check_json(capture)
        answer = read_document(capture)
        if any(problem.code == "truncated" for problem in answer.problems):
            raise SourceError(Problem("broken_file", note="die Antwort des Katalogs bricht ab"))
        value = answer.value
        if not isinstance(value, Mapping) or "success" not in value:
            raise SourceError(Problem("wrong_content", note="Dort antwortet kein CKAN"))
        if value["success"] is not True or "result" not in value:
            raise SourceError(Problem("wrong_content", note=f"Der Katalog meldet: {_fault(value.get('error'))}"))
        return value["result"], capture.sha256

    def dataset(self, name: str) -> Mapping[str, Any]:
        """One dataset by its name or id."""
        found, _ = self.ask("package_show", id=name)
        if not isinstance(found, Mapping):
            raise SourceError(Problem("wrong_content", note="Dort antwortet kein CKAN"))
        return found

    def search(self, query: str, filters: str, most: int) -> Iterator[Mapping[str, Any] | Problem]:
        """Yield the datasets that fit, in the order of their names; a problem where there are more than `most`."""
        start, seen, pages = 0, 0, set[str]()
        while True:
            found, sha = self.ask("package_search", q=query or "*:*", fq=filters, sort="name asc", rows=ROWS, start=start)
            listed = found.get("results") if isinstance(found, Mapping) else None
            count = found.get("count") if isinstance(found, Mapping) else None
            if not isinstance(listed, list) or not isinstance(count, int):
                raise SourceError(Problem("wrong_content", note="Dort antwortet kein CKAN"))
            if listed and sha in pages:
                raise SourceError(Problem("loop_detected", value=f"package_search, start={start}"))
            pages.add(sha)
            for one in listed:
                if seen >= most:
                    yield Problem("too_many_pages", value=f"{most} Datensätzen und ihren")
                    return
                seen += 1
                if isinstance(one, Mapping):
                    yield one
            start += len(listed)
            if start >= count:
                return
            if not listed:  # half a list must not look like a whole one
                raise SourceError(Problem("broken_file", note=f"Der Katalog nennt {count} Datensätze, gibt aber nur {start}"))

    def rows(self, table: str) -> Iterator[RawRecord | Problem]:
        """Yield the rows of a DataStore in the order they were entered; raise SourceError where not all of them come."""
        seen = 0
        numbers: set[Any] = set()
        while True:
            found, sha = self.ask("datastore_search", resource_id=table, sort="_id", limit=TABLE_ROWS, offset=seen)
            listed = found.get("records") if isinstance(found, Mapping) else None
            total = found.get("total") if isinstance(found, Mapping) else None
            if not isinstance(listed, list) or not isinstance(total, int):
                raise SourceError(Problem("wrong_content", note="Dort antwortet kein DataStore"))
            for row in listed:
                seen += 1
                if seen > self.ctx.limits.max_records:
                    yield over_limit(seen - 1)
                    return
                number = row.get("_id") if isinstance(row, Mapping) else None
                if not isinstance(row, Mapping):
                    yield Problem("bad_record", f"DataStore, Zeile {seen}", note="das ist kein Objekt mit Feldern")
                    continue
                if isinstance(number, int | str) and number in numbers:
                    raise SourceError(Problem("loop_detected", value=f"datastore_search, offset={seen - 1}"))
                numbers.add(number)
                data = {name: value for name, value in row.items() if name not in ("_id", "rank")}
                yield RawRecord(data, f"DataStore, Zeile {seen}", sha)
            if seen >= total:
                if seen > total:
                    raise SourceError(Problem("broken_file", note=f"Der DataStore nennt {total} Zeilen, gibt aber {seen}"))
                return
            if not listed:
                raise SourceError(Problem("broken_file", note=f"Der DataStore nennt {total} Zeilen, gibt aber nur {seen}"))


def to_place(url: str) -> tuple[str, str | None]:
    """Divide an address into that of the CKAN and the name of a dataset in it, if it is one of a dataset."""
    found = PLACE.fullmatch(url.partition("#")[0].partition("?")[0])
    base = found["base"].rstrip("/") if found else url.rstrip("/")
    if found and found["dataset"]:
        return base, unquote(found["dataset"])
    asked = urlsplit(url)
    if asked.path.endswith("/package_show"):
        named = re.search(r"(?:^|&)id=([^&]+)", asked.query)
        return base, unquote(named[1]) if named else None
    return base, None


def _fault(error: Any) -> str:
    """What CKAN says went wrong, short."""
    if isinstance(error, Mapping):
        error = error.get("message") or error.get("__type") or "unbekannter Fehler"
    return " ".join(str(error or "unbekannter Fehler").split())[:200]
