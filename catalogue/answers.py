"""A question somebody answered once in, his answer out: what a geocoder said is kept for ever, so that nobody is asked twice.

One SQLite file, `data/geocode.sqlite`, for any number of threads and processes. Answers are text (JSON) and their form is the
asker's business; "not found" is an answer too.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.disk import LedgerError, explained

PATIENCE = 30.0  # seconds to wait for another process that is writing


class Answers:
    """The store of answers at `path`; the file is made with the first answer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: sqlite3.Connection | None = None

    def get(self, question: str) -> str | None:
        """Give the answer to a question, None where it was never asked."""
        with self._connection() as connection:
            found = connection.execute("SELECT answer FROM answers WHERE question = ?", (question,)).fetchone()
        return str(found[0]) if found else None

    def put(self, question: str, answer: str) -> None:
        """Keep the answer to a question; a later answer replaces it."""
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO answers (question, answer) VALUES (?, ?)", (question, answer))

    def close(self) -> None:
        """Close the file. The next question opens it again."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with self._lock, explained(self._path):
            try:
                if self._open is None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._open = sqlite3.connect(self._path, timeout=PATIENCE, check_same_thread=False)
                    self._open.execute(
                        "CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID"
                    )
                with self._open as connection:
                    yield connection
            except sqlite3.Error as error:
                raise LedgerError(
                    f"{self._path}: Der Speicher der Adresssuche lässt sich nicht benutzen ({error}). "
                    "Bitte Platz und Rechte prüfen; ist die Datei beschädigt, darf sie entfernt werden."
                ) from error
