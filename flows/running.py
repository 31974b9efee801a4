"""A data folder comes in; the address of the Prefect server that runs on it goes out, or None.

Two servers on one SQLite database keep each other waiting. Who starts a server therefore leaves a note beside the database and holds a
lock on it, which the server inherits: the kernel frees it with the last of them, however they end. A note without its lock is a dead
server's; nobody is asked about it.
"""

import fcntl
import json
import os
import platform
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

NOTE = "server.json"
LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]{1,5}/api")  # http://127.0.0.1:4200/api; nobody is led elsewhere by a file
TRIES = 5
PATIENCE = (0.5, 2.0)  # seconds to connect, to answer


class Note:
    """The note of a server that is being started. `descriptor` is what the server inherits."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def write(self, address: str) -> None:
        """Say where the server answers, once it does."""
        text = json.dumps({"address": address, "host": platform.node()}).encode()
        os.pwrite(self.descriptor, text, 0)

    def empty(self) -> None:
        os.ftruncate(self.descriptor, 0)


@contextmanager
def note_for(home: Path) -> Iterator[Note | None]:
    """Hold the note of Prefect's home; None where a server is noted already, or the disk knows no locks."""
    descriptor = os.open(home / NOTE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken(descriptor):
            yield None
            return
        note = Note(descriptor)
        note.empty()
        try:
            yield note
        finally:
            note.empty()
    finally:
        os.close(descriptor)


def find_server(home: Path) -> str | None:
    """Give the address of the server noted in Prefect's home, if it lives on this machine and answers."""
    try:
        descriptor = os.open(home / NOTE, os.O_RDONLY)
    except OSError:
        return None
    try:
        if _is_free(descriptor):
            return None
        text = os.read(descriptor, 4096)
    finally:
        os.close(descriptor)
    address = _read(text)
    return address if address is not None and answers(f"{address}/health") else None


def _taken(descriptor: int) -> bool:
    """Take the lock. Who only looks holds it for a moment, so it is tried more than once."""
    for _ in range(TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.05)
        except OSError:
            return False
        else:
            return True
    return False


def answers(url: str) -> bool:
    """Say whether a server on this machine answers well; no proxy is asked."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=PATIENCE, allow_redirects=False).ok
        except requests.RequestException:
            return False


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks: nobody could have left a note that counts
        return True
    return True


def _read(text: bytes) -> str | None:
    """Read a note; None where it is no note, or that of another machine which shares the folder."""
    try:
        said = json.loads(text)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("host") != platform.node():
        return None
    address = said.get("address")
    return address if isinstance(address, str) and LOOPBACK.fullmatch(address) else None
