"""The index itself: what `pysolr.Solr` does for CKAN, over the table `pgsolr.doc`."""

import fnmatch
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pysolr
from ckan import model
from ckan.lib.search import common

from ckan_pgsolr.fields import SEARCHED_ALONG, field
from ckan_pgsolr.lucene import Lucene, free_text
from ckan_pgsolr.text import bad, fold, to_date, to_moment

# A schema of its own: `ckan db clean` empties `public`. The advisory lock lets two starting processes make it once.
MAKE = """
select pg_advisory_xact_lock(724891);
create schema if not exists pgsolr;
create table if not exists pgsolr.doc (
  index_id text primary key, doc jsonb not null, stored jsonb not null, txt tsvector not null);
create index if not exists pgsolr_doc_txt on pgsolr.doc using gin (txt);
create index if not exists pgsolr_doc_doc on pgsolr.doc using gin (doc);
do $$ begin
  if not exists (select from pg_ts_config where cfgname = '{language}' and cfgnamespace = 'pgsolr'::regnamespace) then
    create text search dictionary pgsolr.{language} (template = snowball, language = {language});
    create text search configuration pgsolr.{language} (copy = simple);
    alter text search configuration pgsolr.{language}
      alter mapping for asciiword, word, numword with pgsolr.{language};
  end if; end $$;
"""
WHOLE = ("data_dict", "validated_data_dict")  # a dataset as JSON: kept, never searched
WEIGHTS = {"name": "A", "title": "A", "tags": "B", "groups": "B"}  # all else D
ORDER = re.compile(r"\s*([\w.\-]+)\s+(asc|desc)\s*", re.I)  # metadata_modified desc


class PgSolr:
    """Stands in for a `pysolr.Solr`."""

    url = "postgresql:pgsolr.doc"
    language = "english"
    ready = False

    def __init__(self, decode_dates: bool = True) -> None:
        self.decode_dates, self.config = decode_dates, f"pgsolr.{self.language}"

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Open a transaction of its own, like a request to Solr: independent of CKAN's session."""
        with model.meta.engine.begin() as connection:
            cursor = connection.connection.cursor()
            if not PgSolr.ready:
                cursor.execute(MAKE.format(language=self.language))
                PgSolr.ready = True
            yield cursor

    def add(self, docs: list[dict[str, Any]], **_options: Any) -> None:
        """Put documents into the index, or new ones in the place of old ones with the same `index_id`."""
        vector = f"to_tsvector('{self.config}', %s)"
        statement = f"""insert into pgsolr.doc
            values (%s, %s, %s, setweight({vector}, 'A') || setweight({vector}, 'B') || {vector})
            on conflict (index_id) do update set doc = excluded.doc, stored = excluded.stored, txt = excluded.txt"""
        for raw in docs:
            doc = to_document(raw)
            stored = {name: values if field(name).many else values[0] for name, values in doc.items() if field(name).stored}
            searched = {name: values for name, values in doc.items() if name not in WHOLE}
            folded = {name: fold(" ".join(values)) for name, values in doc.items() if field(name).is_text}
            words = to_words(searched)
            with self.cursor() as cursor:
                values = [raw["index_id"], json.dumps({**searched, "_f": folded}), json.dumps(stored)]
                cursor.execute(statement, [*values, *(" ".join(words[weight]) for weight in "ABD")])

    def delete(self, id: str | None = None, q: str = "", **_options: Any) -> None:
        """Take the documents that match `q` out of the index."""
        where, arguments = Lucene(q, self.config).sql()
        with self.cursor() as cursor:
            cursor.execute("delete from pgsolr.doc where " + where, arguments)

    def commit(self, **_options: Any) -> None:
        """Do nothing: every change is committed by itself."""

    def search(self, q: str = "*:*", **options: Any) -> pysolr.Results:
        """Answer a query as Solr does: documents, their number, facets."""
        where, arguments, rank = self.condition(str(q), options)
        facets: dict[str, list[Any]] = {}
        with self.cursor() as cursor:
            cursor.execute("select count(*) from pgsolr.doc where " + where, arguments)
            found = cursor.fetchone()[0]
            docs = self.page(cursor, where, arguments, rank, options)
            if str(options.get("facet", "false")).lower() == "true":
                for name in as_list(options.get("facet.field")):
                    facets[name] = self.facet(cursor, where, arguments, name, options)
        return pysolr.Results(
            {"response": {"numFound": found, "docs": docs}, "facet_counts": {"facet_fields": facets, "facet_queries": {}}}
        )

    def condition(self, query: str, options: dict[str, Any]) -> tuple[str, list[object], str]:
        """Return the condition for query and filters, and the words to rank by."""
        if options.get("bf") or options.get("boost") or query.lstrip().startswith("{!"):
            raise bad("bf, boost and local parameters are not supported")
        rank = ""
        if options.get("defType") and query != "*:*":
            where, arguments, rank = free_text(query, self.config)
        else:
            where, arguments = Lucene(query, self.config, options.get("df") or "text").sql()
        for restriction in as_list(options.get("fq")):
            more, values = Lucene(restriction, self.config).sql()
            where, arguments = f"{where} and {more}", [*arguments, *values]
        return where, arguments, rank

    def page(self, cursor: Any, where: str, arguments: list[object], rank: str, options: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the documents of one page, only the fields asked for."""
        rows = int(options.get("rows", 10))
        if rows <= 0:
            return []
        order, ranked = self.order(options.get("sort"), rank)
        statement = f"select stored from pgsolr.doc where {where} order by {order} offset %s limit %s"
        cursor.execute(statement, [*arguments, *ranked, int(options.get("start") or 0), rows])
        docs = [row[0] for row in cursor.fetchall()]
        wanted = options.get("fl") or "*"
        names = re.split(r"[,\s]+", wanted) if isinstance(wanted, str) else list(wanted)
        if "*" not in names:
            docs = [{name: doc[name] for name in names if name in doc} for doc in docs]
        return [common.solr_datetime_decoder(doc) for doc in docs] if self.decode_dates else docs

    def order(self, sort: str | None, rank: str) -> tuple[str, list[object]]:
        """Return the SQL for Solr's `sort`; equal documents come in the order of their `index_id`."""
        parts: list[str] = []
        arguments: list[object] = []
        for part in (sort or "score desc").split(","):
            found = ORDER.fullmatch(part)
            if not found:
                raise bad(f"Can't determine a Sort Order (asc or desc) in sort spec {sort!r}")
            name, direction = found.groups()
            if name != "score":
                parts.append(f"(doc->%s->>0){field(name).cast} {direction} nulls last")
                arguments.append(name)
            elif rank:
                words = f"replace(plainto_tsquery('{self.config}', %s)::text, '&', '|')::tsquery"
                parts.append(f"ts_rank(txt, {words}) {direction}")
                arguments.append(rank)
        return ", ".join([*parts, "index_id"]), arguments

    def facet(self, cursor: Any, where: str, arguments: list[object], name: str, options: dict[str, Any]) -> list[Any]:
        """Return value, count, value, count, … of one field among the matching documents."""
        limit = int(options.get("facet.limit") or 100)
        cursor.execute(
            "select e, count(distinct index_id) n from pgsolr.doc, jsonb_array_elements_text(doc->%s) e"
            f' where {where} group by e having count(*) >= %s order by n desc, e collate "C" limit %s',
            [name, *arguments, int(options.get("facet.mincount", 1)), None if limit < 0 else limit],
        )
        return [value for row in cursor.fetchall() for value in row]


def as_list(value: Any) -> list[str]:
    """Return one or several or no values as a list."""
    return [] if not value else [value] if isinstance(value, str) else list(value)


def to_document(raw: dict[str, Any]) -> dict[str, list[str]]:
    """Return a document with every value as a list of texts, dates in one form, empty fields left out."""
    doc = {}
    for name, value in raw.items():
        values = [to_text(one) for one in (value if isinstance(value, list | tuple) else [value]) if one is not None]
        if values:
            doc[name] = [to_date(one) for one in values] if field(name).kind == "date" else values
    doc["indexed_ts"] = [to_moment("NOW")]
    return doc


def to_text(value: Any) -> str:
    """Return one value as the index keeps it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, dict | list) else str(value)


def to_words(doc: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return the words of all fields that are searched along, by weight."""
    words: dict[str, list[str]] = defaultdict(list)
    for pattern in SEARCHED_ALONG:
        for name, values in doc.items():
            if fnmatch.fnmatchcase(name, pattern):
                words[WEIGHTS.get(name, "D")].append(fold(" ".join(values)))
    return words
