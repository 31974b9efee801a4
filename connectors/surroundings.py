"""A piece of a connector's work is done; what it touched that is none of its business goes out: sockets, files, the clock.

`ctx.fetch` is the only door, `ctx.now` the only clock. Programs read parts of themselves (modules, time zones): that is no touch.
"""

import datetime as clock
import os
import sys
import sysconfig
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.bind", "urllib.Request")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree", "os.system")
PIECES = ("/dev/null", "/proc/", "/sys/", "/etc/localtime")
LATER = timedelta(days=400)
_touched: list[str] = []
_watching = False
_hooked = False


@contextmanager
def watched() -> Iterator[list[str]]:
    """Give the list to which everything is added that is touched inside."""
    global _watching, _hooked
    if not _hooked:  # a hook stays for ever
        sys.addaudithook(_note)
        _hooked = True
    _touched.clear()
    _watching = True
    try:
        yield _touched
    finally:
        _watching = False


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "open":
        path, mode = arguments[:2]
        if isinstance(path, str | bytes | Path) and not _is_part(os.fsdecode(path), mode):
            _touched.append(f"open {path!r} {mode!r}")
    elif event in NETWORK or event in CHANGES:
        _touched.append(f"{event} {arguments[:2]!r}")


def _is_part(path: str, mode: Any) -> bool:
    """Tell whether a file belongs to a program, and is only read."""
    written = isinstance(mode, str) and any(sign in mode for sign in "wax+")
    parts = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *zoneinfo.TZPATH, *(one for one in sys.path if one))
    return path.startswith(PIECES) or path.endswith(".pyc") or (not written and path.startswith(parts))


class _Clock(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, clock.datetime)


class Later(clock.datetime, metaclass=_Clock):
    """The clock of more than a year later."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return clock.datetime.now(tz) + LATER

    @classmethod
    def utcnow(cls) -> Any:
        return clock.datetime.now() + LATER

    @classmethod
    def today(cls) -> Any:
        return clock.datetime.now() + LATER


@contextmanager
def another_year(package: str) -> Iterator[None]:
    """Put the clock forward, for the modules of a package and for `time`."""
    with pytest.MonkeyPatch.context() as patch:
        now = time.time
        patch.setattr(time, "time", lambda: now() + LATER.total_seconds())
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == package and getattr(module, "datetime", None) is clock.datetime:
                patch.setattr(module, "datetime", Later)
        yield
