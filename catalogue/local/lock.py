"""Let one process at a time into a folder, with a lock that a dead process cannot hold."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from catalogue.local.errors import LocalCkanError

PATIENCE = 300.0  # seconds: longer than making the environment over a slow line


@contextmanager
def held(file: Path, say: Callable[[str], None], waiting: str, patience: float = PATIENCE) -> Iterator[int]:
    """Hold the lock `file`; yield its descriptor, say `waiting` once where another process has it.

    The kernel frees the lock with the last process that has the descriptor open. A child that gets the descriptor therefore
    keeps the lock if we are killed, and whoever comes next waits until that child has ended.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until, told = time.monotonic() + patience, False
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    say(waiting)
                    told = True
                if time.monotonic() > until:
                    raise LocalCkanError(
                        f"{file.parent} ist seit {patience:.0f} Sekunden von einem anderen Aufruf belegt;"
                        " bitte diesen beenden und den Befehl wiederholen."
                    ) from None
                time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)
