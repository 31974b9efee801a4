"""Which account the three pieces run under: the caller's own; where that is root, `nobody`, because PostgreSQL refuses root."""

import os
import pwd
import re
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalogue.local.errors import LocalCkanError

# Bits of the kernel's capability sets: the two rights that let an account pass folders it may not enter
READ_SEARCH, OVERRIDE = 2, 1
EFFECTIVE = re.compile(r"^CapEff:\s*([0-9a-f]+)", re.MULTILINE)  # CapEff:	000001fffeffffff


@dataclass(frozen=True, slots=True)
class Account:
    """An account of this machine; `prefix` is what to put before a command so that it runs under it."""

    name: str
    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def command(self, *words: str | Path) -> list[str]:
        """Return the command that runs `words` under this account."""
        return [*self.prefix, *map(str, words)]

    def own(self, path: Path) -> Path:
        """Hand a file or folder to this account; nothing to do where it is the caller's own."""
        if self.prefix:
            os.chown(path, self.uid, self.gid)
        return path


def service_account(*needed: Path) -> Account:
    """Return the account for the services, which must reach the folders in `needed`."""
    if os.geteuid() != 0:
        try:
            me = pwd.getpwuid(os.geteuid())
        except KeyError:
            raise LocalCkanError(
                f"Der Benutzer mit der Nummer {os.geteuid()} steht nicht in /etc/passwd, darum startet PostgreSQL nicht;"
                " bitte dort eintragen oder einen anderen Benutzer nehmen."
            ) from None
        return Account(me.pw_name, me.pw_uid, me.pw_gid)
    setpriv = shutil.which("setpriv")
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        nobody = None
    if setpriv is None or nobody is None:
        raise LocalCkanError(
            "PostgreSQL läuft nicht als root, und hier fehlt der Befehl „setpriv“ oder das Konto „nobody“;"
            " bitte als gewöhnlicher Benutzer starten."
        )
    rights = () if all(map(open_to_all, needed)) else reading_rights(needed)
    prefix = (setpriv, "--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups", *rights, "--")
    return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid, prefix)


def open_to_all(folder: Path) -> bool:
    """Say whether every account may enter the folder and all folders above it."""
    real = folder.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (real, *real.parents) if step.exists())


def reading_rights(needed: Iterable[Path]) -> Sequence[str]:
    """Return what lets `nobody` reach folders only root may enter (a checkout below /root): the one right to read and search."""
    found = EFFECTIVE.search(Path("/proc/self/status").read_text()) if Path("/proc/self/status").exists() else None
    held = int(found[1], 16) if found else 0
    for bit, name in ((READ_SEARCH, "dac_read_search"), (OVERRIDE, "dac_override")):
        if held >> bit & 1:
            return (f"--inh-caps=+{name}", f"--ambient-caps=+{name}")
    closed = next(folder for folder in needed if not open_to_all(folder))
    raise LocalCkanError(
        f"PostgreSQL läuft nicht als root, und {closed} darf kein anderes Konto betreten;"
        " bitte als gewöhnlicher Benutzer starten oder einen Ordner außerhalb von /root einstellen."
    )
