"""What a command says that it did."""

from pathlib import Path

import pytest

from catalogue.publication import Publication
from flows.outlet import Outcome
from landkarte.work import to_lines


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("de_DE.UTF-8", "Veröffentlichung p (neu): 2 Angebote, 0 Termine, 1 Einrichtung, 1 Ort"),
        ("en_GB.UTF-8", "Publication p (new): 2 offers, 0 sessions, 1 organisation, 1 location"),
    ],
)
def test_one_is_said_in_the_singular(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: str, said: str) -> None:
    """A city begins with one institution."""
    monkeypatch.setenv("LC_ALL", locale)
    rows = {"offers": 2, "sessions": 0, "organisations": 1, "locations": 1}
    publication = Publication(folder=tmp_path, id="p", content="c", created="2026-11-23T04:00:00+01:00", rows=rows, inputs={})
    (line,) = to_lines(Outcome(publication, True, None, ""))
    assert said == line
