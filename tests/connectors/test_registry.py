"""Which kinds there are, what a source file may say of each, and that a broken package breaks nothing."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from connectors.contract import Options
from connectors.csv import CsvConnector, CsvOptions
from connectors.registry import GROUP, Unavailable, check_options, connector, connectors, load, source_schema, to_json
from schemas.problems import SchemaError
from schemas.source import read_source

ROOT = Path(__file__).parents[2]
HEAD = "title: Kurse\npublisher: {name: Lernhaus}\nlicence: cc-zero\n"


def source(block: str) -> Any:
    return read_source(f"{HEAD}source: {block}\n", key="lernhaus", name="lernhaus.yml")


class Future(CsvConnector):
    kind = "future"
    api_version = 2


class Half:
    kind = "half"
    title = "Halb"
    api_version = 1


class Renamed(CsvConnector):
    kind = "other"


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_the_built_in_kinds_come_through_the_same_door() -> None:
    """Entry points of the installed distribution; install it (make, or pip install -e .) where this fails."""
    assert {"csv", "xlsx", "json"} <= connectors().keys()
    for kind in ("csv", "xlsx", "json"):
        found = connector(kind)
        assert (found.kind, found.title.endswith(".")) == (kind, False)


def test_a_broken_package_becomes_a_line() -> None:
    """Whatever is wrong with it, the others are there, and the reason is said in German."""
    here = "tests.connectors.test_registry"
    found = load(
        [
            point("csv", "connectors.csv:CsvConnector"),
            point("gone", "package_that_is_not_there:X"),
            point("lost", f"{here}:Missing"),
            point("future", f"{here}:Future"),
            point("half", f"{here}:Half"),
            point("renamed", f"{here}:Renamed"),
            point("function", f"{here}:source"),
            point("options", "connectors.contract:Options"),
        ]
    )
    assert found["csv"] is CsvConnector
    reasons = {kind: one.reason for kind, one in found.items() if isinstance(one, Unavailable)}
    assert reasons.keys() == {"gone", "lost", "future", "half", "renamed", "function", "options"}
    assert reasons["future"] == "sie ist für Fassung 2 der Schnittstelle geschrieben, wir haben Fassung 1"
    assert reasons["half"] == "ihr fehlt completeness, nested, depends_on_day, entries, read, detect, default_map, options"
    assert reasons["renamed"] == "sie nennt sich ‚other‘"
    assert reasons["gone"].startswith("sie lässt sich nicht laden")


def test_nobody_can_replace_a_kind_of_ours() -> None:
    """A package with the same name is shown beside it, and not used."""
    ours, theirs = point("csv", "connectors.csv:CsvConnector"), point("csv", "a_stranger:CsvConnector")
    for order in ([ours, theirs], [theirs, ours]):
        found = load(order)
        assert found["csv"] is CsvConnector
        assert found["csv (a_stranger)"] == Unavailable("csv (a_stranger)", "diese Art gibt es schon")


def test_the_options_of_a_source_are_checked() -> None:
    """They become the options of its kind."""
    options = check_options(source("{kind: csv, url: 'https://a.example/k.csv', id: Nr, encoding: cp1252}"))
    assert isinstance(options, CsvOptions)
    assert (options.url, options.id, options.encoding) == ("https://a.example/k.csv", ("Nr",), "cp1252")


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        ("{kind: csv}", "source (csv): Die Angabe ‚url‘ fehlt."),
        ("{kind: csv, url: x, delimeter: ','}", "source (csv): Die Angabe ‚delimeter‘ kennen wir nicht."),
        ("{kind: csv, url: x, encoding: klingonisch}", "‚klingonisch‘ ist keine Zeichenkodierung"),
        ("{kind: json, url: x, records: 'a['}", "kein gültiges JMESPath"),
        ("{kind: html, url: x}", "source (html): Die Angabe ‚item‘ fehlt; für eine Tabelle stattdessen ‚table‘."),
        ("{kind: html, url: x, table: {}}", "source (html): ‚table‘: bitte sagen, welche Tabelle gemeint ist: columns, caption,"),
        (
            "{kind: html, url: x, table: {columns: Kurs}}",
            "‚table.columns‘: ‚Kurs‘ passt nicht, erwartet wird eine Liste in eckigen",
        ),
        ("{kind: telepathie, url: x}", "Die Art (kind) ‚telepathie‘ kennen wir nicht. Möglich sind: arbeitsagentur, ckan, csv,"),
    ],
)
def test_a_wrong_option_is_one_german_sentence(block: str, sentence: str) -> None:
    """What is wrong, and where."""
    with pytest.raises(SchemaError) as raised:
        check_options(source(block))
    assert sentence in str(raised.value)


def test_an_unavailable_kind_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads the reason when a source needs it."""
    monkeypatch.setattr("connectors.registry.connectors", lambda: {"xml": Unavailable("xml", "sie lässt sich nicht laden")})
    with pytest.raises(SchemaError, match="Die Art ‚xml‘ ist nicht verfügbar: sie lässt sich nicht laden"):
        connector("xml")


def test_the_schema_of_a_source_file_is_the_one_in_the_tree() -> None:
    """Written with: python -m connectors.registry > schemas/source.schema.json"""
    schema = source_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    written = ROOT / "schemas" / "source.schema.json"
    assert to_json(schema) == written.read_bytes()


VALIDATOR = jsonschema.Draft202012Validator(source_schema())
FILES = sorted(
    {*ROOT.glob("cities/*/sources/*.yml"), *ROOT.glob("examples/sources/*.yml"), *ROOT.glob("tests/cases/*/*/source.yml")}
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_source_file_of_the_project_fits_the_schema(path: Path) -> None:
    """The schema allows what the program allows, short forms included."""
    VALIDATOR.validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "change",
    [
        {"source": {"kind": "csv"}},
        {"source": {"kind": "telepathie", "url": "x"}},
        {"source": {"kind": "csv", "url": "x", "delimeter": ","}},
        {"map": {"title": {"form": "Titel"}}},
        {"map": {"title": {"from": "Titel", "as": [1]}}},
        {"titel": "Kurse"},
    ],
)
def test_the_schema_finds_what_the_program_finds(change: Mapping[str, Any]) -> None:
    """So that an editor shows it while the file is being written."""
    good = yaml.safe_load(
        f"{HEAD}source: {{kind: csv, url: x}}\nmap: {{title: Titel, start_date: {{from: [A, B], as: [date, {{split: ','}}]}}}}"
    )
    VALIDATOR.validate(good)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(good | change)


def test_every_option_is_explained_in_german() -> None:
    """The form on the partner's page and the editor show these words."""
    for kind, found in connectors().items():
        if isinstance(found, Unavailable):
            continue
        assert issubclass(found.options, Options)
        for name, field in found.options.model_fields.items():
            assert field.description, f"{kind}: {name}"
