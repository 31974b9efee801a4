"""The code comes in; the tables of the documents and the JSON Schema of a source file go out, or a word that they are stale.

Usage: python tools/docs.py [--check]
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
os.environ["LANG"] = os.environ["LC_ALL"] = "de_DE.UTF-8"  # the help of the command speaks German in the README

import typer  # noqa: E402  after the locale is set

from connectors.registry import Unavailable, connectors, source_schema, to_json  # noqa: E402
from landkarte.cli import app  # noqa: E402
from schemas.convert import CONVERTERS  # noqa: E402
from schemas.problems import Problem, problem_kinds  # noqa: E402
from schemas.tables import FILES, load, package_template  # noqa: E402
from schemas.vocabulary import load as vocabulary  # noqa: E402

COMPLETENESS = {"snapshot": "vollständiger Stand", "window": "Zeitfenster", "stream": "nur das Neueste"}


def table(headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [headings, tuple("---" for _ in headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines)


def commands() -> str:
    """Every command with its sentence."""
    rows: list[tuple[str, ...]] = []
    group = typer.main.get_command(app)

    def walk(prefix: str, command: object) -> None:
        for name, sub in sorted(getattr(command, "commands", {}).items()):
            if hasattr(sub, "commands"):
                walk(f"{prefix} {name}", sub)
            else:
                given = [part for part in sub.params if part.param_type_name == "argument"]
                names = [str(part.name).upper() if part.required else f"[{str(part.name).upper()}]" for part in given]
                arguments = " ".join(names)
                rows.append((f"`{prefix} {name}{' ' + arguments if arguments else ''}`", sub.help or ""))

    walk("landkarte", group)
    return table(("Befehl", "Was er tut"), rows)


def kinds() -> str:
    """Every kind of feed with its sentence."""
    rows = []
    for kind, one in connectors().items():
        if isinstance(one, Unavailable):
            sys.exit(f"{kind}: {one.reason}")
        rows.append((f"`{kind}`", one.title, COMPLETENESS[one.completeness]))
    return table(("kind", "Was gelesen wird", "Was der Feed enthält"), rows)


def tables() -> str:
    """Every table of the package with what it holds."""
    rows = []
    for entry in package_template()["resources"]:
        if entry["name"] in FILES:
            keys = entry["schema"].get("primaryKey", [])
            key = ", ".join([keys] if isinstance(keys, str) else keys)
            rows.append((f"`{entry['name']}`", entry["description"], key, str(len(entry["schema"]["fields"]))))
    return table(("Tabelle", "Inhalt", "Schlüssel", "Felder"), rows)


def fields() -> str:
    """Every field of every table."""
    parts = []
    for name in FILES:
        rows = []
        for field in load(name)["fields"]:
            required = "ja" if field.get("constraints", {}).get("required") else ""
            kind = field["type"] + (" (Liste)" if field.get("list") else "")
            rows.append((f"`{field['name']}`", field.get("title", ""), kind, required, field.get("description", "")))
        parts.append(f"### {name}\n\n" + table(("Feld", "Titel", "Typ", "Pflicht", "Bedeutung"), rows))
    return "\n\n".join(parts)


def converters() -> str:
    """Every converter of the mapping language."""
    return table(("as", "Was er liest"), [(f"`{name}`", one.says) for name, one in sorted(CONVERTERS.items())])


def problems() -> str:
    """Every problem with its owner and sentence."""
    owners, severities = vocabulary("problem_owners"), vocabulary("problem_severities")
    rows = []
    for code, kind in problem_kinds().items():
        rows.append((f"`{code}`", owners.label(kind.owner), severities.label(kind.severity), Problem(code).message("de")))
    return table(("Code", "Wer kann es beheben", "Folge", "Satz"), rows)


def filled(text: str) -> str:
    """Put what the code says between the marks of a document."""
    makers = {
        "commands": commands,
        "kinds": kinds,
        "tables": tables,
        "fields": fields,
        "converters": converters,
        "problems": problems,
    }

    def fill(found: re.Match[str]) -> str:
        return f"<!-- {found[1]} -->\n{makers[found[1]]()}\n<!-- /{found[1]} -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- /\1 -->", fill, text, flags=re.DOTALL)


def main() -> None:
    stale = []
    wanted = {ROOT / name: filled((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "docs/tables.md")}
    wanted[ROOT / "schemas" / "source.schema.json"] = to_json(source_schema()).decode()
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT))
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"Nicht mehr aktuell: {', '.join(map(str, stale))}. Bitte ausführen: make docs")


if __name__ == "__main__":
    main()
