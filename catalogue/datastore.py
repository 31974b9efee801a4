"""Two versions of a table in, the rows a DataStore has to insert, update and delete out; and how a Table Schema looks there.

CKAN 2.12's `upsert` leaves the full text of an existing row as it was (its `q=` then finds the old words), so changes are always
sent as what they are. Keys are sorted: two writers in opposite order would block each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from catalogue.snapshot import polars_schema
from schemas.compare import STAMP
from schemas.tables import load

# Table Schema type to PostgreSQL type
TYPES = {"integer": "int8", "number": "float8", "boolean": "bool", "date": "date", "datetime": "timestamptz"}
CHUNK = 4_000  # rows a request: larger ones only risk the time-outs of proxies


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference between what a table holds and what it should hold.

    `update` has the rows as they should be, `touched` says of each of their values whether it is another than before.
    """

    key: str
    insert: pl.DataFrame
    update: pl.DataFrame
    touched: pl.DataFrame
    delete: pl.Series

    @property
    def size(self) -> int:
        return self.insert.height + self.update.height + len(self.delete)


def key_of(table: str) -> str:
    """The one column that names a row."""
    key = load(table)["primaryKey"]
    return str(key if isinstance(key, str) else key[0])


def fields(table: str) -> list[dict[str, Any]]:
    """The columns for datastore_create: type, German label and description from the Table Schema."""
    return [
        {
            "id": field["name"],
            "type": TYPES.get(field["type"], "text"),
            "info": {"label": field.get("title", field["name"]), "notes": field.get("description", ""), "type_override": ""},
        }
        for field in load(table)["fields"]
    ]


def difference(table: str, old: pl.LazyFrame, new: pl.LazyFrame) -> Delta:
    """Compare two versions of a table by key; only what differs is ever in memory whole."""
    key = key_of(table)
    others = [name for name in new.collect_schema().names() if name != key]
    instants = {field["name"] for field in load(table)["fields"] if field["type"] == "datetime"}

    def value(column: str, name: str) -> pl.Expr:
        """Two ways of writing the same instant are no difference: a DataStore answers in its own zone."""
        return pl.col(column).str.to_datetime(STAMP, time_zone="UTC", strict=False) if name in instants else pl.col(column)

    differs = [value(name, name).ne_missing(value(f"{name}_before", name)).alias(f"{name}_differs") for name in others]
    common = new.join(old, on=key, how="inner", suffix="_before").with_columns(differs)
    changed = common.filter(pl.any_horizontal(f"{name}_differs" for name in others)).sort(key)
    found = changed.select(key, *others, *(f"{name}_differs" for name in others)).collect()
    return Delta(
        key=key,
        insert=new.join(old.select(key), on=key, how="anti").sort(key).collect(),
        update=found.select(key, *others),
        touched=found.select(pl.col(f"{name}_differs").alias(name) for name in others),
        delete=old.select(key).join(new.select(key), on=key, how="anti").sort(key).collect()[key],
    )


def inserts(delta: Delta) -> Iterator[list[dict[str, Any]]]:
    """Yield the new rows in lists of at most CHUNK; what is empty need not be sent."""
    for part in delta.insert.iter_slices(CHUNK):
        yield [{name: value for name, value in row.items() if value is not None} for row in part.to_dicts()]


def updates(delta: Delta) -> Iterator[list[dict[str, Any]]]:
    """Yield the changed rows in lists of at most CHUNK: their key, and only the values that are others than before.

    CKAN makes a statement of every row; one of two columns takes it a part of the time of one of sixty.
    """
    for start in range(0, delta.update.height, CHUNK):
        rows, touched = delta.update[start : start + CHUNK].to_dicts(), delta.touched[start : start + CHUNK].to_dicts()
        yield [
            {delta.key: row[delta.key], **{name: row[name] for name, differs in which.items() if differs}}
            for row, which in zip(rows, touched, strict=True)
        ]


def from_answer(table: str, records: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """Make a frame of rows as datastore_search returns them, comparable with one of a publication."""
    wanted = polars_schema(table)
    return pl.DataFrame([[row.get(name) for name in wanted] for row in records], schema=wanted, orient="row")
