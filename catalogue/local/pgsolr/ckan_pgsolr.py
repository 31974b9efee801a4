"""CKAN plugin `pgsolr`: answers CKAN's search from PostgreSQL instead of Solr.

CKAN talks to Solr through one function, ckan.lib.search.common.make_connection(),
which returns a pysolr.Solr.  This plugin swaps in an object with the same five
methods (search, add, delete, commit, url), backed by one table in CKAN's own
database.  Everything above it (query building, permission labels, facets,
index documents, organisation counts, autocomplete) stays CKAN's own code.

Supported: the Lucene subset CKAN and its usual clients send.  Anything else
raises pysolr.SolrError, so that a test fails rather than passing by accident.
"""
import contextlib
import fnmatch
import json
import os
import re
import unicodedata
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import ckan
import ckan.model as model
import ckan.plugins as p
import pysolr
from ckan.lib import search as ckan_search
from ckan.lib.search import common, index, query
from dateutil.parser import parse as parse_date

DDL = """
create schema if not exists pgsolr;  -- a schema of its own: `ckan db clean` empties `public`
create table if not exists pgsolr.doc (
  index_id text primary key, doc jsonb not null, stored jsonb not null, txt tsvector not null);
create index if not exists pgsolr_doc_txt on pgsolr.doc using gin (txt);
create index if not exists pgsolr_doc_doc on pgsolr.doc using gin (doc);
do $$ begin
  if not exists (select from pg_ts_config where cfgname = 'pgsolr') then
    create text search dictionary pgsolr_stem (template = snowball, language = english);
    create text search configuration pgsolr (copy = simple);
    alter text search configuration pgsolr
      alter mapping for asciiword, word, numword with pgsolr_stem;
  end if; end $$;
"""


class Schema:
    """Types and flags from the schema.xml that CKAN ships for Solr."""

    def __init__(self):
        root = ET.parse(os.path.join(os.path.dirname(ckan.__file__), "config/solr/schema.xml")).getroot()
        rows = [(f.tag, f.get("name"), f.get("type"), f.get("stored") == "true", f.get("multiValued") == "true")
                for f in root.find("fields")]
        self.fields = {n: r for t, n, *r in rows if t == "field"}
        self.dynamic = [(n, r) for t, n, *r in rows if t == "dynamicField"]
        self.copies = [(c.get("source"), c.get("dest")) for c in root.iter("copyField")]

    def get(self, name):  # (type, stored, multi)
        return self.fields.get(name) or next(r for pat, r in self.dynamic if fnmatch.fnmatchcase(name, pat))


SCHEMA = Schema()
NUMERIC = {"int", "long", "float", "double", "pint", "plong", "pfloat", "pdouble"}


def fold(text):
    text = unicodedata.normalize("NFKD", str(text).replace("ß", "ss"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


# ---- Lucene subset -> SQL ------------------------------------------------
TERM = re.compile(r'(?:\\.|[^\s()\[\]{}":^~\\])+')
FIELD = re.compile(r"([A-Za-z_][\w.\-]*|\*)\s*:\s*")
RANGE = re.compile(r'([\[{])\s*("[^"]*"|\S+)\s+TO\s+("[^"]*"|[^\s\]}]+)\s*([\]}])')
QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
unescape = lambda s: re.sub(r"\\(.)", r"\1", s)  # noqa: E731


def bad(msg):
    return pysolr.SolrError("pgsolr: " + msg)


def when(v):
    m = re.fullmatch(r"NOW((?:[+-]\d+(?:DAY|HOUR|MINUTE)S?)*)(/DAY)?", v)
    if not m:
        return iso(v)
    t = datetime.now(UTC)
    for n, unit in re.findall(r"([+-]\d+)(DAY|HOUR|MINUTE)", m[1]):
        t += timedelta(**{unit.lower() + "s": int(n)})
    return t.strftime("%Y-%m-%dT00:00:00Z" if m[2] else "%Y-%m-%dT%H:%M:%S.%fZ")


def iso(v):
    """Dates as Solr returns them: UTC, milliseconds, Z."""
    try:
        t = parse_date(v)
    except (ValueError, OverflowError):
        raise bad("Invalid Date String:%r" % v)
    t = t.astimezone(UTC) if t.tzinfo else t
    return t.strftime("%Y-%m-%dT%H:%M:%S") + (".%03d" % (t.microsecond // 1000) if t.microsecond else "") + "Z"


class Lucene:
    """Recursive descent; every part returns (sql, args) so that clauses can be reordered."""

    def __init__(self, q, df="text"):
        self.q, self.i, self.df = q, 0, df

    def sql(self):
        out = self.group(self.df)
        if self.i < len(self.q):
            raise bad("cannot parse %r at %d" % (self.q, self.i))
        return out

    def eat(self, rx):
        m = re.compile(rx).match(self.q, self.i)
        if m:
            self.i = m.end()
        return m

    def group(self, field):
        must, ors = [], [[]]  # +/- clauses, and OR-ed groups of AND-ed clauses (CKAN sends q.op=AND)
        while True:
            self.eat(r"\s+")
            if self.i >= len(self.q) or self.q[self.i] == ")":
                break
            if self.eat(r"(AND\b|&&)"):
                continue
            if self.eat(r"(OR\b|\|\|)"):
                ors.append([])
                continue
            mod = self.eat(r"(NOT\b|[+\-!])\s*")
            sql, args = self.clause(field)
            if mod and mod[1] == "+":
                must.append((sql, args))
            elif mod:
                must.append(("not coalesce(%s, false)" % sql, args))
            else:
                ors[-1].append((sql, args))
        ors = [g for g in ors if g]
        if ors:
            must.append(("(%s)" % " or ".join("(%s)" % " and ".join(c for c, _ in g) for g in ors),
                         [a for g in ors for _, args in g for a in args]))
        return "(%s)" % (" and ".join(c for c, _ in must) or "true"), [a for _, args in must for a in args]

    def clause(self, field):
        m = self.eat(FIELD)
        if m:
            field = m[1]
        if self.eat(r"\("):
            out = self.group(field)
            if not self.eat(r"\)"):
                raise bad("missing ) in %r" % self.q)
        elif m := self.eat(RANGE):
            out = self.range(field, m)
        elif m := self.eat(QUOTED):
            out = self.match(field, unescape(m[1]), wild=False)
        elif m := self.eat(TERM):
            out = self.match(field, m[0], wild=True)
        else:
            raise bad("cannot parse %r at %d" % (self.q, self.i))
        self.eat(r"[\^~][\d.]*")  # boosts and slop are accepted and ignored
        return out

    def range(self, field, m):
        parts, args, kind = [], [field], SCHEMA.get(field)[0]
        cast = "::numeric" if kind in NUMERIC else ' collate "C"'
        for v, op in ((m[2].strip('"'), ">" if m[1] == "{" else ">="), (m[3].strip('"'), "<" if m[4] == "}" else "<=")):
            if v != "*":
                parts.append("e%s %s %%s" % (cast, op))
                args.append(when(v) if kind == "date" else v)
        return "exists(select from jsonb_array_elements_text(doc->%%s) e where %s)" % (" and ".join(parts) or "true"), args

    def match(self, field, value, wild):
        if field == "*":
            if value != "*":
                raise bad("*:value is not supported")
            return "true", []
        star = wild and re.search(r"(?<!\\)[*?]", value)
        if star and value == "*":
            return ("true", []) if field == "text" else ("doc ? %s", [field])
        kind = SCHEMA.get(field)[0]
        if kind == "text_ngram":
            like = "%" + re.sub(r"([\\%_])", r"\\\1", unescape(value).lower()) + "%"
            return "exists(select from jsonb_array_elements_text(doc->%s) e where lower(e) like %s)", [field[:-6], like]
        if kind.startswith("text"):
            vec, args = ("txt", []) if field == "text" else ("to_tsvector('pgsolr', coalesce(doc->'_f'->>%s, ''))", [field])
            if star:
                if not re.fullmatch(r"[^*?]+\*", value) or len(fold(value).split()) != 1:
                    raise bad("only prefix wildcards on text fields: %r" % value)
                return vec + " @@ to_tsquery('simple', %s)", args + ["'%s':*" % fold(value)]
            return vec + " @@ phraseto_tsquery('pgsolr', %s)", args + [fold(unescape(value))]
        if star:
            like = re.sub(r"\\(.)|([%_])|(\*)|(\?)",
                          lambda m: "\\" + m[0][-1] if m[1] or m[2] else "%" if m[3] else "_", value)
            return "exists(select from jsonb_array_elements_text(doc->%s) e where e like %s)", [field, like]
        return "(doc->%s) ? %s", [field, when(unescape(value)) if kind == "date" else unescape(value)]


def dismax(q, mm):
    """Free text over CKAN's default fields; mm as CKAN sends it: 2<-1 5<80%."""
    need, some, args_need, args_some = [], [], [], []
    if re.search(r"(^|\s)[+\-]{2}", q):
        raise bad("cannot parse %r" % q)
    for sign, phrase, word in re.findall(r'([+\-]?)(?:"([^"]*)"|([^\s"]+))', q):
        w = fold(phrase or word)
        if not w:
            continue
        cond = "txt @@ phraseto_tsquery('pgsolr', %s)"
        if sign:
            need.append(cond if sign == "+" else "not " + cond)
            args_need.append(w)
        else:
            some.append(cond)
            args_some.append(w)
    n = len(some)
    k = n if n <= 2 else n - 1 if n <= 5 else n * 80 // 100
    if some:
        need.append("(%s) >= %d" % (" + ".join("(%s)::int" % s for s in some), k))
    return " and ".join(need) or "true", args_need + args_some, " ".join(args_some)


# ---- the pysolr.Solr stand-in ----------------------------------------------
class PgSolr:
    url = "postgresql:pgsolr.doc"
    ready = False

    def __init__(self, decode_dates=True):
        self.decode_dates = decode_dates

    @contextlib.contextmanager
    def cursor(self):
        """Own transaction, like a request to Solr: independent of CKAN's session."""
        with model.meta.engine.begin() as conn:
            cur = conn.connection.cursor()
            if not PgSolr.ready:
                cur.execute("select pg_advisory_xact_lock(724891)")
                cur.execute(DDL)
                PgSolr.ready = True
            yield cur

    def add(self, docs, commit=None, **kw):
        for raw in docs:
            doc = {k: [str(x).lower() if isinstance(x, bool) else x if isinstance(x, str) else
                       json.dumps(x) if isinstance(x, (dict, list)) else str(x)
                       for x in (v if isinstance(v, (list, tuple)) else [v]) if x is not None]
                   for k, v in raw.items()}
            doc = {k: [iso(x) for x in v] if SCHEMA.get(k)[0] == "date" else v for k, v in doc.items() if v}
            doc["indexed_ts"] = [when("NOW")]
            stored = {k: v if SCHEMA.get(k)[2] else v[0] for k, v in doc.items() if SCHEMA.get(k)[1]}
            weights = {"name": "A", "title": "A", "tags": "B", "groups": "B"}
            words = {}
            for src, dest in SCHEMA.copies:
                if dest in ("text", "urls"):
                    for k in doc:
                        if fnmatch.fnmatchcase(k, src) and k not in ("data_dict", "validated_data_dict"):
                            words.setdefault(weights.get(k, "D"), []).append(fold(" ".join(doc[k])))
            folded = {k: fold(" ".join(v)) for k, v in doc.items() if SCHEMA.get(k)[0].startswith("text")}
            idx = {k: v for k, v in doc.items() if k not in ("data_dict", "validated_data_dict")}
            idx["_f"] = folded
            with self.cursor() as cur:
                cur.execute(
                    "insert into pgsolr.doc values (%s, %s, %s, setweight(to_tsvector('pgsolr', %s), 'A') ||"
                    " setweight(to_tsvector('pgsolr', %s), 'B') || to_tsvector('pgsolr', %s))"
                    " on conflict (index_id) do update set doc = excluded.doc, stored = excluded.stored, txt = excluded.txt",
                    [raw["index_id"], json.dumps(idx), json.dumps(stored)]
                    + [" ".join(words.get(w, [])) for w in "ABD"])

    def delete(self, id=None, q=None, commit=None, **kw):
        where, args = Lucene(q).sql()
        with self.cursor() as cur:
            cur.execute("delete from pgsolr.doc where " + where, args)

    def commit(self, **kw):
        pass

    def order(self, sort, rank):
        out, args = [], []
        for part in (sort or "score desc").split(","):
            m = re.fullmatch(r"\s*([\w.\-]+)\s+(asc|desc)\s*", part, re.I)
            if not m:
                raise bad("Can't determine a Sort Order (asc or desc) in sort spec %r" % sort)
            if m[1] == "score":
                if rank:
                    out.append("ts_rank(txt, replace(plainto_tsquery('pgsolr', %s)::text, '&', '|')::tsquery) " + m[2])
                    args.append(rank)
                continue
            cast = "::numeric" if SCHEMA.get(m[1])[0] in NUMERIC else ' collate "C"'
            out.append("(doc->%%s->>0)%s %s nulls last" % (cast, m[2]))
            args.append(m[1])
        return ", ".join(out + ["index_id"]), args

    def search(self, q="*:*", **kw):
        kw = dict(kw)
        rank = ""
        if kw.get("bf") or kw.get("boost") or str(q).lstrip().startswith("{!"):
            raise bad("bf, boost and local parameters are not supported")
        if kw.get("defType") and q != "*:*":
            where, args, rank = dismax(q, kw.get("mm"))
        else:
            where, args = Lucene(q, kw.get("df") or "text").sql()
        fqs = kw.get("fq") or []
        for fq in [fqs] if isinstance(fqs, str) else fqs:
            w, a = Lucene(fq).sql()
            where, args = "%s and %s" % (where, w), args + a
        facets = {}
        with self.cursor() as cur:
            cur.execute("select count(*) from pgsolr.doc where " + where, args)
            found = cur.fetchone()[0]
            docs = []
            if int(kw.get("rows", 10)) > 0:
                order, oargs = self.order(kw.get("sort"), rank)
                cur.execute("select stored from pgsolr.doc where %s order by %s offset %%s limit %%s" % (where, order),
                            args + oargs + [int(kw.get("start") or 0), int(kw.get("rows", 10))])
                docs = [r[0] for r in cur.fetchall()]
            fl = kw.get("fl") or "*"
            fl = re.split(r"[,\s]+", fl) if isinstance(fl, str) else list(fl)
            if "*" not in fl:
                docs = [{k: d[k] for k in fl if k in d} for d in docs]
            if self.decode_dates:
                docs = [common.solr_datetime_decoder(d) for d in docs]
            if str(kw.get("facet", "false")).lower() == "true":
                names = kw.get("facet.field") or []
                for f in [names] if isinstance(names, str) else names:
                    lim = int(kw.get("facet.limit") or 100)
                    cur.execute(
                        "select e, count(distinct index_id) n from pgsolr.doc, jsonb_array_elements_text(doc->%%s) e where %s"
                        " group by e having count(*) >= %%s order by n desc, e collate \"C\" limit %%s" % where,
                        [f] + args + [int(kw.get("facet.mincount", 1)), None if lim < 0 else lim])
                    facets[f] = [x for row in cur.fetchall() for x in row]
        return pysolr.Results({"response": {"numFound": found, "docs": docs},
                               "facet_counts": {"facet_fields": facets, "facet_queries": {}}})


class PgSolrPlugin(p.SingletonPlugin):
    p.implements(p.IConfigurer)

    def update_config(self, config):
        for mod in (common, index, query, ckan_search):
            mod.make_connection = PgSolr
        original = ckan_search.check_solr_schema_version
        ckan_search.check_solr_schema_version = lambda f=None: original(f) if f else True
        # model.init_model() runs after update_config: nothing is queried before that
