"""Snapshots for the tests of publication and catalogue: rows come in, the contribution of a source goes out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from catalogue.public import Contribution
from catalogue.snapshot import polars_schema
from schemas.source import Source
from tests import rows

NOW = datetime(2026, 2, 21, 3, 0, tzinfo=UTC)


def source(key: str = rows.SOURCE_KEY, **changes: Any) -> Source:
    """A source file with the key of the test rows."""
    given = {
        "key": key,
        "title": "Kurse des Bildungswerks Beispiel",
        "publisher": {"name": "Bildungswerk Beispiel e. V.", "url": "https://bildungswerk.example"},
        "licence": "dl-by-de/2.0",
        "source": {"kind": "csv", "url": "https://bildungswerk.example/kurse.csv"},
    }
    return Source.model_validate(given | changes)


def contribution(
    folder: Path, tables: dict[str, Sequence[rows.Row]], item: Source | None = None, digest: str = "1"
) -> Contribution:
    """Write the rows of a snapshot as the ledger does; give them as a source's contribution."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for table, found in tables.items():
        paths[table] = folder / f"{table}.parquet"
        pl.DataFrame(list(found), polars_schema(table)).write_parquet(paths[table])
    return Contribution(item or source(), "csv", "snapshot", digest, paths, NOW, NOW)


def one_of_each(offer_id: str = rows.OFFER_ID, **changes: Any) -> dict[str, Sequence[rows.Row]]:
    """One offer with all that belongs to it."""
    return {
        "organisations": [rows.organisation()],
        "locations": [rows.location()],
        "offers": [rows.offer(offer_id=offer_id, **changes)],
        "sessions": [rows.session(offer_id=offer_id, session_id=f"{offer_id}@2026-03-02T09:00:00+01:00")],
        "translations": [rows.translation(offer_id=offer_id)],
        "problems": [rows.problem_row()],
    }
