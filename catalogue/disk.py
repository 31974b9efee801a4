"""Paths and bytes in, durable files out: whatever is killed at whatever instant, a name on disk means the old or the new content.

Three moves carry all of it. A file is written aside, synced and renamed over the old one. A folder is filled aside, synced and
renamed into place. A pointer is a one-line file that names the folder that counts. All paths of `data/` are made here, so that
an object store could stand here one day.
"""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from polars.exceptions import PolarsError

from schemas.source import KEY

ASIDE = ".aside-"  # what is not finished; a folder's next owner sweeps it
GONE = ".gone-"  # what is being removed
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$")  # 2026-03-01T030000Z-7f3a
SHA256 = re.compile(r"^[0-9a-f]{64}$")
OS_ERROR = re.compile(r"\(os error (\d+)\)")  # polars: "No space left on device (os error 28)"

REASONS = {
    errno.ENOSPC: "Der Datenträger ist voll. Bitte Platz schaffen; bis dahin gilt der letzte Stand.",
    errno.EDQUOT: "Der zugeteilte Speicherplatz ist aufgebraucht. Bitte Platz schaffen; bis dahin gilt der letzte Stand.",
    errno.EFBIG: "Die Datei wird größer, als das System erlaubt. Bitte die Grenze anheben; bis dahin gilt der letzte Stand.",
    errno.EROFS: "Der Datenträger lässt sich nur lesen. Bitte schreibbar einbinden.",
    errno.EACCES: "Die Berechtigung fehlt. Bitte dem Programm Lese- und Schreibrechte geben.",
    errno.EPERM: "Die Berechtigung fehlt. Bitte dem Programm Lese- und Schreibrechte geben.",
    errno.EMFILE: "Es sind zu viele Dateien offen. Bitte die Grenze anheben (ulimit -n).",
}


class LedgerError(Exception):
    """The ledger cannot do what was asked; what was there stays as it was. The text is German: what, where, what to do."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system or polars says about writing or reading `path` into a LedgerError."""
    try:
        yield
    except (OSError, PolarsError) as error:
        found = OS_ERROR.search(str(error))
        number = getattr(error, "errno", None) or (int(found[1]) if found else None)
        if "transport error" in str(error):  # polars 2.1, when the disk was full in the last bytes of a file
            number = errno.ENOSPC
        reason = REASONS.get(number or 0, f"Das ging schief: {error}. Bitte Datenträger und Rechte prüfen.")
        raise LedgerError(f"{path}: {reason}") from error


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie under `data/`."""

    root: Path

    @property
    def captures(self) -> Path:
        return self.root / "captures"

    @property
    def sources(self) -> Path:
        return self.root / "harvest"

    @property
    def publications(self) -> Path:
        return self.root / "publications"

    @property
    def answers(self) -> Path:
        return self.root / "geocode.sqlite"

    def operator(self, key: str) -> Path:
        return self.root / "operator" / f"{_fit(key, re.compile(KEY))}.json"

    def capture(self, sha256: str) -> Path:
        return self.captures / _fit(sha256, SHA256)[:2] / sha256

    def source(self, key: str) -> Path:
        return self.sources / _fit(key, re.compile(KEY))

    def description(self, key: str) -> Path:
        return self.source(key) / "source.json"

    def runs(self, key: str) -> Path:
        return self.source(key) / "runs"

    def run(self, key: str, run_id: str) -> Path:
        return self.runs(key) / _fit(run_id, NAME)


def _fit(name: str, form: re.Pattern[str]) -> str:
    if not form.fullmatch(name):
        raise LedgerError(f"‚{name}‘ ist hier kein gültiger Name. Bitte die Schreibweise prüfen.")
    return name


@dataclass(frozen=True, slots=True)
class Pointer:
    """A one-line file that names what counts."""

    path: Path

    def read(self) -> str | None:
        """Give the name, or None where the pointer was never turned."""
        try:
            with explained(self.path):
                return self.path.read_text(encoding="utf-8").strip() or None
        except LedgerError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def turn(self, name: str) -> None:
        """Let the pointer name something else, at once or not at all."""
        write_text(self.path, f"{_fit(name, NAME)}\n")

    def clear(self) -> None:
        """Let the pointer name nothing."""
        remove_file(self.path)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old bytes or the new ones, also after a power cut. Folders are made."""
    aside = path.with_name(f"{ASIDE}{path.name}-{secrets.token_hex(4)}")
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        sync(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text file as UTF-8, atomically."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write JSON a person can read, atomically."""
    write_bytes(path, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_json(path: Path) -> Any:
    """Read JSON; None where the file is not there, LedgerError where it cannot be read."""
    try:
        with explained(path):
            return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise LedgerError(f"{path}: Die Datei ist beschädigt ({error}). Bitte aus der Sicherung holen oder entfernen.") from error
    except LedgerError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise


def sync(path: Path) -> None:
    """Let a file's bytes or a folder's names reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Let everything in a folder reach the disk, the files before the folders that name them."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            sync(path)
    sync(folder)


def put_in_place(aside: Path, place: Path) -> None:
    """Sync a folder that was filled aside and give it its name. Fails where the name is taken by a filled folder."""
    with explained(place):
        sync_tree(aside)
        aside.rename(place)
        sync(place.parent)


def remove_file(path: Path) -> None:
    """Remove a file, durably; nothing happens where there is none."""
    with explained(path):
        try:
            path.unlink()
        except FileNotFoundError:
            return
        sync(path.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that nobody ever sees half of it."""
    with explained(folder):
        gone = folder.with_name(f"{GONE}{folder.name}-{secrets.token_hex(4)}")
        try:
            folder.rename(gone)
        except FileNotFoundError:
            return
        shutil.rmtree(gone)


def sweep(folder: Path) -> None:
    """Remove what a killed owner of this folder left behind. Only its present owner may call this."""
    with explained(folder):
        for path in [*folder.glob(f"{ASIDE}*"), *folder.glob(f"{GONE}*")]:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
