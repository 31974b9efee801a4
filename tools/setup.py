"""Make or renew a virtual environment from a lock file; say what happens, and one sentence where it cannot work.

Usage: python tools/setup.py ENVIRONMENT LOCK. Standard library only: this runs before anything is installed.
"""

import subprocess
import sys
import time
from pathlib import Path

MINIMUM = (3, 11)


def main(environment: Path, lock: Path) -> None:
    if sys.version_info < MINIMUM:
        sys.exit(
            f"Python {sys.version.split()[0]} ist zu alt: Es braucht 3.11 oder neuer. Bitte setzen: make PYTHON=python3.12 …"
        )
    python = environment / "bin" / "python"
    started = time.monotonic()
    print(f"Umgebung {environment} aus {lock.name} …", flush=True)
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(environment)], capture_output=True, text=True)
        if made.returncode:
            hint = "Auf Debian und Ubuntu hilft: apt install python3-venv"
            sys.exit(f"Die Umgebung {environment} ließ sich nicht anlegen. {hint}\n{made.stdout}")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    run([*install, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
    link(environment)
    print(f"Umgebung bereit nach {time.monotonic() - started:.0f} s.", flush=True)


def run(command: list[str]) -> None:
    """Run a step of the installation; end with its own words where it fails."""
    done = subprocess.run(command, stdout=sys.stderr)
    if done.returncode:
        sys.exit("Die Installation ist gescheitert; der Grund steht darüber. Oft hilft: Netz prüfen, make clean, noch einmal.")


def link(environment: Path) -> None:
    """Install the project itself, editable, with the build tool of the lock: nothing is fetched for it."""
    python = str(environment / "bin" / "python")
    run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "-e", "."]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
