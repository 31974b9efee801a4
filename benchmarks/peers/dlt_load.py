"""dlt loads a feed of the town into DuckDB, as its documentation shows: a resource that yields pages, rows or lines of a CSV."""

import csv
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from benchmarks.measure import Took, timed

PAGE = 1_000


def load(folder: str, rows: int, url: str, kind: str, file_format: str = "parquet") -> Took:
    """Load the feed; `parquet` is the quickest way dlt has into DuckDB, `insert_values` its default."""
    import dlt  # type: ignore[import-not-found]  # it lives in an environment of its own
    from dlt.sources.helpers import requests  # type: ignore[import-not-found]

    def pages() -> Iterator[list[dict[str, Any]]]:
        for number in count(1):
            found = requests.get(f"{url}/seiten", params={"seite": number, "je": PAGE}).json()["angebote"]
            yield found
            if len(found) < PAGE:
                return

    def table() -> Iterator[list[dict[str, Any]]]:
        lines = requests.get(f"{url}/angebote.csv", stream=True).iter_lines(1 << 16)
        reader = csv.DictReader((line.decode() for line in lines), delimiter=";")
        while found := [*islice(reader, PAGE)]:
            yield found

    home = Path(tempfile.mkdtemp(dir=folder, prefix="dlt-"))
    try:
        source = dlt.resource({"seiten": pages, "tabelle": table}[kind], name="angebote", write_disposition="replace")
        target = dlt.destinations.duckdb(str(home / "angebote.duckdb"))
        pipeline = dlt.pipeline("angebote", destination=target, dataset_name="feed", pipelines_dir=str(home / "pipelines"))
        with timed() as took:
            pipeline.run(source, loader_file_format=file_format)
        counts = pipeline.last_trace.last_normalize_info.row_counts
        took.rows = counts["angebote"]
        took.more = {"tables": {name: found for name, found in counts.items() if not name.startswith("_")}}
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return took
