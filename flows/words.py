"""A run in, the sentence and the table an operator reads out."""

from collections.abc import Iterator

from catalogue.run import Run

RESULTS = {
    "ok": "in Ordnung",
    "not_modified": "unverändert",
    "ok_with_problems": "in Ordnung, mit Hinweisen",
    "held": "angehalten",
    "failed": "gescheitert",
}
BOOKS = {
    "read": "gelesen",
    "filtered": "ausgelassen",
    "merged": "zusammengeführt",
    "new": "neu",
    "changed": "geändert",
    "unchanged": "unverändert",
    "rejected": "abgelehnt",
    "kept": "alte Fassung behalten",
    "missing": "fehlt vorerst",
    "held": "Entfernen angehalten",
    "stayed": "geblieben",
    "withdrawn": "zurückgezogen",
    "expired": "abgelaufen",
}


def books(run: Run) -> Iterator[tuple[str, int]]:
    """Yield what the books of a run say, zeros left out."""
    for name, label in BOOKS.items():
        if count := getattr(run.books, name):
            yield label, count


def to_sentence(run: Run) -> str:
    """Say in one German sentence what became of a run."""
    said = ", ".join(f"{count} {label}" for label, count in books(run))
    note = f" {run.note}" if run.note else ""
    held = " Bitte prüfen und freigeben: landkarte release " + run.source if run.result == "held" else ""
    return f"{run.source}: {RESULTS[run.result]}{f' ({said})' if said else ''}.{note}{held}"
