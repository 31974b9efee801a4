"""Turn the part of Lucene's query language that CKAN and its usual clients send into SQL conditions over `pgsolr.doc`.

Every condition is a pair (sql, arguments), so that clauses can be put in another order.
"""

import re

from ckan_pgsolr.fields import field
from ckan_pgsolr.text import bad, fold, to_moment

Condition = tuple[str, list[object]]

TERM = re.compile(r'(?:\\.|[^\s()\[\]{}":^~\\])+')  # sprach* or a\:b
FIELD = re.compile(r"([A-Za-z_][\w.\-]*|\*)\s*:\s*")  # tags:
RANGE = re.compile(r'([\[{])\s*("[^"]*"|\S+)\s+TO\s+("[^"]*"|[^\s\]}]+)\s*([\]}])')  # [2026-01-01T00:00:00Z TO *]
QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"')
SPACE, AND, OR = re.compile(r"\s+"), re.compile(r"(AND\b|&&)"), re.compile(r"(OR\b|\|\|)")
SIGN, OPENING, CLOSING = re.compile(r"(NOT\b|[+\-!])\s*"), re.compile(r"\("), re.compile(r"\)")
BOOST = re.compile(r"[\^~][\d.]*")  # ^2 ~3: accepted and ignored
WILD = re.compile(r"(?<!\\)[*?]")
FREE_WORD = re.compile(r'([+\-]?)(?:"([^"]*)"|([^\s"]+))')


def unescape(value: str) -> str:
    """Take Lucene's backslashes away."""
    return re.sub(r"\\(.)", r"\1", value)


class Lucene:
    """Recursive descent over one query; `config` is the text search configuration, `default` the field without a name."""

    def __init__(self, query: str, config: str, default: str = "text") -> None:
        self.query, self.at, self.config, self.default = query, 0, config, default

    def sql(self) -> Condition:
        """Return the condition for the whole query."""
        out = self.group(self.default)
        if self.at < len(self.query):
            raise bad(f"cannot parse {self.query!r} at {self.at}")
        return out

    def eat(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Take what matches `pattern` here off the query."""
        found = pattern.match(self.query, self.at)
        if found:
            self.at = found.end()
        return found

    def group(self, name: str) -> Condition:
        """Read clauses up to a closing bracket or the end. CKAN sends q.op=AND: neighbours must all hold."""
        must: list[Condition] = []
        alternatives: list[list[Condition]] = [[]]
        while True:
            self.eat(SPACE)
            if self.at >= len(self.query) or self.query[self.at] == ")":
                break
            if self.eat(AND):
                continue
            if self.eat(OR):
                alternatives.append([])
                continue
            sign = self.eat(SIGN)
            sql, arguments = self.clause(name)
            if sign and sign[1] == "+":
                must.append((sql, arguments))
            elif sign:
                must.append((f"not coalesce({sql}, false)", arguments))
            else:
                alternatives[-1].append((sql, arguments))
        filled = [group for group in alternatives if group]
        if filled:
            either = " or ".join("({})".format(" and ".join(sql for sql, _ in group)) for group in filled)
            must.append((f"({either})", [value for group in filled for _, arguments in group for value in arguments]))
        together = " and ".join(sql for sql, _ in must) or "true"
        return f"({together})", [value for _, arguments in must for value in arguments]

    def clause(self, name: str) -> Condition:
        """Read one clause: a bracket, a range, a phrase or a term, perhaps with a field before it."""
        if named := self.eat(FIELD):
            name = named[1]
        if self.eat(OPENING):
            out = self.group(name)
            if not self.eat(CLOSING):
                raise bad(f"missing ) in {self.query!r}")
        elif limits := self.eat(RANGE):
            out = self.range(name, limits)
        elif phrase := self.eat(QUOTED):
            out = self.match(name, phrase[1], wild=False)
        elif term := self.eat(TERM):
            out = self.match(name, term[0], wild=True)
        else:
            raise bad(f"cannot parse {self.query!r} at {self.at}")
        self.eat(BOOST)
        return out

    def range(self, name: str, limits: re.Match[str]) -> Condition:
        """Return the condition for `[a TO b]` or `{a TO b}`."""
        opening, low, high, closing = limits.groups()
        there = field(name)
        parts: list[str] = []
        arguments: list[object] = [name]
        for value, operator in ((low, ">" if opening == "{" else ">="), (high, "<" if closing == "}" else "<=")):
            bare = value.strip('"')
            if bare != "*":
                parts.append(f"e{there.cast} {operator} %s")
                arguments.append(to_moment(bare) if there.kind == "date" else bare)
        return f"exists(select from jsonb_array_elements_text(doc->%s) e where {' and '.join(parts) or 'true'})", arguments

    def match(self, name: str, value: str, wild: bool) -> Condition:
        """Return the condition for one value in one field."""
        if name == "*":
            if value != "*":
                raise bad("*:value is not supported")
            return "true", []
        star = wild and WILD.search(value) is not None
        if star and value == "*":
            return ("true", []) if name == "text" else ("doc ? %s", [name])
        there, plain = field(name), unescape(value)
        if there.kind == "text_ngram":
            like = "%" + re.sub(r"([\\%_])", r"\\\1", plain.lower()) + "%"
            return "exists(select from jsonb_array_elements_text(doc->%s) e where lower(e) like %s)", [name[:-6], like]
        if there.is_text:
            return self.match_words(name, value, star)
        if star:
            like = re.sub(
                r"\\(.)|([%_])|(\*)|(\?)",
                lambda found: "\\" + found[0][-1] if found[1] or found[2] else "%" if found[3] else "_",
                value,
            )
            return "exists(select from jsonb_array_elements_text(doc->%s) e where e like %s)", [name, like]
        return "(doc->%s) ? %s", [name, to_moment(plain) if there.kind == "date" else plain]

    def match_words(self, name: str, value: str, star: bool) -> Condition:
        """Return the condition for words in a text field."""
        whole = name == "text"
        vector = "txt" if whole else f"to_tsvector('{self.config}', coalesce(doc->'_f'->>%s, ''))"
        arguments: list[object] = [] if whole else [name]
        if not star:
            return f"{vector} @@ phraseto_tsquery('{self.config}', %s)", [*arguments, fold(unescape(value))]
        if not re.fullmatch(r"[^*?]+\*", value) or len(fold(value).split()) != 1:
            raise bad(f"only prefix wildcards on text fields: {value!r}")
        return f"{vector} @@ to_tsquery('simple', %s)", [*arguments, f"'{fold(value)}':*"]


def free_text(query: str, config: str) -> tuple[str, list[object], str]:
    """Return the condition for words without fields (Solr's dismax, with CKAN's `mm`: 2<-1 5<80%) and the words to rank by."""
    if re.search(r"(^|\s)[+\-]{2}", query):
        raise bad(f"cannot parse {query!r}")
    condition = f"txt @@ phraseto_tsquery('{config}', %s)"
    needed: list[str] = []
    needed_words: list[object] = []
    wanted: list[str] = []
    for sign, phrase, word in FREE_WORD.findall(query):
        folded = fold(phrase or word)
        if folded and sign:
            needed.append(condition if sign == "+" else "not " + condition)
            needed_words.append(folded)
        elif folded:
            wanted.append(folded)
    count = len(wanted)
    enough = count if count <= 2 else count - 1 if count <= 5 else count * 80 // 100
    if wanted:
        needed.append("({}) >= {}".format(" + ".join(f"({condition})::int" for _ in wanted), enough))
    return " and ".join(needed) or "true", [*needed_words, *wanted], " ".join(wanted)
