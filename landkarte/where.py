"""Settings in, where the catalogue is and whether the disk has room for what is about to be written out."""

import shutil
from pathlib import Path

from catalogue.disk import LedgerError
from landkarte.words import t
from schemas.settings import Settings

ROOM = 50_000_000  # bytes that must be free before we begin: Prefect's database and a small run fit


def catalogue_address(settings: Settings) -> str:
    """The address of the catalogue that pages link to; empty without one."""
    match settings.catalogue:
        case "none":
            return ""
        case "local":
            return f"http://127.0.0.1:{settings.ckan_port}"
        case address:
            return address


def check_space(data: Path) -> None:
    """Raise LedgerError where the disk has no room for what is about to be written: better before the work than in it."""
    there = next(folder for folder in (data.resolve(), *data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < ROOM:
        raise LedgerError(
            t(
                f"{there}: Der Datenträger ist fast voll, frei sind {free // 1_000_000} MB. Bitte mindestens {ROOM // 1_000_000} MB "
                "frei machen; bis dahin gilt der letzte Stand.",
                f"{there}: The disk is almost full, {free // 1_000_000} MB are free. Free at least {ROOM // 1_000_000} MB; "
                "until then the last state counts.",
            )
        )
