"""What a connector reads comes in; the rows of Duisburg go out, with the default map of the kind and what a source file adds."""

from functools import cache
from pathlib import Path
from typing import Any

from schemas.city import City, load_city
from schemas.normalise import Normaliser
from schemas.rows import Batch
from schemas.source import Source
from tests.connectors.pages import Reading


@cache
def _duisburg() -> City:
    return load_city(Path(__file__).parents[2] / "cities" / "duisburg")


def normalise(connector: Any, reading: Reading, **says: Any) -> Batch:
    """Normalise all records of a reading as one batch; `says` stands in the source file."""
    source = Source.model_validate(
        {
            "key": "du-probe",
            "title": "Probe",
            "publisher": {"name": "Lernhaus Duisburg", "url": "https://lernhaus.example/"},
            "licence": "dl-by-de/2.0",
            "source": {"kind": connector.kind, "url": "https://lernhaus.example/"},
            **says,
        }
    )
    normaliser = Normaliser(source, _duisburg(), connector.default_map, nested=connector.nested)
    (batch,) = normaliser.batches(reading.records, size=1_000_000)
    return batch
