"""What can go wrong with the local CKAN, as one German sentence an operator can act on."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|could not extend file|\[Errno (?:28|122)\]")


class LocalCkanError(Exception):
    """The local CKAN cannot do what was asked; `str(error)` says what, where and what to do."""


def full_disk(where: Path) -> LocalCkanError:
    """Make the error for a full disk around `where`."""
    return LocalCkanError(f"Der Datenträger mit {where} ist voll; bitte Platz schaffen (etwa 500 MB) und den Befehl wiederholen.")


@contextmanager
def said_plainly(where: Path) -> Iterator[None]:
    """Turn the operating system's refusals while working in `where` into sentences."""
    try:
        yield
    except OSError as refusal:
        if refusal.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full_disk(where) from refusal
        place = refusal.filename or where
        if refusal.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise LocalCkanError(
                f"{place} darf nicht gelesen oder beschrieben werden; bitte Rechte ändern oder anderen Ordner einstellen."
            ) from refusal
        raise LocalCkanError(f"{place}: {refusal.strerror or refusal}; bitte den Ordner prüfen.") from refusal


def last_lines(log: Path) -> list[str]:
    """Return the filled lines at the end of a log, the last one first."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 20_000))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return [line.strip() for line in reversed(lines) if line.strip()]


def last_line(log: Path, wanted: str = "") -> str:
    """Return the last line of a log that contains `wanted` (any line when empty); empty where there is none."""
    return next((line for line in last_lines(log) if wanted in line), "")


def does_not_start(piece: str, log: Path, wanted: str = "") -> LocalCkanError:
    """Make the error for a piece that does not come up, with the last word of its log."""
    said = last_line(log, wanted) or last_line(log)
    if NO_SPACE.search("\n".join([said, *last_lines(log)[:5]])):
        return full_disk(log.parent)
    return LocalCkanError(f"{piece} startet nicht ({said or 'ohne Meldung'}); das ganze Protokoll liegt in {log}.")
