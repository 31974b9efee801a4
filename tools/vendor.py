"""Fetch the map's libraries and fonts with npm, check them against the lock, unpack the few files the pages need.

    python tools/vendor.py           fetch everything, write landkarte/web/static/vendor/ and the files' hashes into the lock
    python tools/vendor.py --check   without a network: do the files that lie here match the lock?

The lock names package, version and the integrity the registry gives (sha512 of the archive). An empty integrity is filled in:
that is how a version is raised. What is fetched is committed, so nobody who installs the project needs npm.
"""

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

STATIC = Path(__file__).resolve().parents[1] / "landkarte" / "web" / "static"
LOCK = STATIC / "vendor.lock.json"
VENDOR = STATIC / "vendor"


def main() -> int:
    """Run the command; give its exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare the files with the lock")
    options = parser.parse_args()
    lock = json.loads(LOCK.read_text(encoding="utf-8"))
    if options.check:
        wrong = list(differences(lock, VENDOR))
        print("\n".join(wrong) or "Alle Dateien stimmen mit vendor.lock.json überein.")
        return 1 if wrong else 0
    with tempfile.TemporaryDirectory() as aside:
        for package in lock["packages"]:
            unpack(package, pack(package, Path(aside)), Path(aside) / "vendor")
            print(f"{package['name']} {package['version']}: {len(package['files'])} Dateien")
        shutil.rmtree(VENDOR, ignore_errors=True)
        shutil.copytree(Path(aside) / "vendor", VENDOR)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


def pack(package: dict[str, Any], folder: Path) -> Path:
    """Let npm fetch the archive of a package; stop where it is not the one the lock names."""
    command = ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    answer = subprocess.run([*command, f"{package['name']}@{package['version']}"], check=True, capture_output=True, text=True)
    reply = json.loads(answer.stdout)
    (about,) = reply if isinstance(reply, list) else reply.values()  # npm 11 answers with an object, npm 10 with a list
    archive = folder / about["filename"].replace("@", "").replace("/", "-")
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if package.setdefault("integrity", "") not in ("", integrity):
        raise SystemExit(
            f"{package['name']}: Das Archiv ist nicht das der Sperrdatei ({integrity}). Bitte nachsehen, woran das liegt."
        )
    package["integrity"] = integrity
    return archive


def unpack(package: dict[str, Any], archive: Path, target: Path) -> None:
    """Unpack the listed files into `target/<folder>/`, flat, and write their hashes into the lock's entry."""
    folder = target / package["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for name in package["files"]:
            if (member := tar.extractfile(f"package/{name}")) is None:
                raise SystemExit(f"{package['name']}: {name} ist kein Archivinhalt.")
            content = member.read()
            (folder / Path(name).name).write_bytes(content)
            package["files"][name] = "sha256:" + hashlib.sha256(content).hexdigest()


def differences(lock: dict[str, Any], vendor: Path) -> list[str]:
    """Compare the lock with the files; give one sentence for each file that is missing, changed or unexpected."""
    expected = {
        f"{package['folder']}/{Path(name).name}": digest
        for package in lock["packages"]
        for name, digest in package["files"].items()
    }
    present = {
        str(file.relative_to(vendor)): "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.is_file()
    }
    found = [f"vendor/{name} fehlt." for name in sorted(expected.keys() - present.keys())]
    found += [f"vendor/{name} steht nicht in der Sperrdatei." for name in sorted(present.keys() - expected.keys())]
    found += [
        f"vendor/{name} ist verändert." for name in sorted(expected.keys() & present.keys()) if expected[name] != present[name]
    ]
    return found


if __name__ == "__main__":
    sys.exit(main())
