"""What stands in the databases of a site: make an empty catalogue, bring one up to another CKAN, empty one.

Each is safe to be cut off: the record (its token, its mark) is written last, and what an attempt left behind is thrown away by
the next one. An empty copy of the databases is kept, so that emptying takes half a second.
"""

import json
import shutil
import subprocess
from dataclasses import replace

from catalogue.local.errors import does_not_start, full_disk
from catalogue.local.pieces import Pieces
from catalogue.local.site import INSIDE, kept_record, write_record

NEEDED_BYTES = 150_000_000


def build(pieces: Pieces, door: int) -> None:
    """Make an empty catalogue from nothing, with a publisher and its token."""
    site, postgres = pieces.site, pieces.postgres
    if shutil.disk_usage(site.state).free < NEEDED_BYTES:
        raise full_disk(site.state)
    pieces.web.down()
    postgres.blank(door)
    answer = answer_from_inside(pieces, door, "new")
    postgres.script(door, answer["permissions"])
    postgres.close_to_readers(door)
    postgres.remember_empty(door)
    clear_files(pieces)
    write_record(site.state, replace(kept_record(site.state), token=answer["token"], mark=pieces.environment.mark))
    site.pending.unlink(missing_ok=True)


def renew(pieces: Pieces, door: int) -> None:
    """Bring the databases up to another version of CKAN; the content stays."""
    answer = answer_from_inside(pieces, door, "renew")
    pieces.postgres.script(door, answer["permissions"])
    pieces.postgres.forget_empty(door)
    write_record(pieces.site.state, replace(kept_record(pieces.site.state), mark=pieces.environment.mark))


def empty(pieces: Pieces, door: int) -> None:
    """Put the empty copies back in place; where there are none (after a change of version), build anew."""
    site = pieces.site
    if not pieces.postgres.has_empty(door):
        write_record(site.state, replace(kept_record(site.state), token=None))
        build(pieces, door)
        return
    pieces.postgres.restore_empty(door)
    clear_files(pieces)
    site.pending.unlink(missing_ok=True)


def clear_files(pieces: Pieces) -> None:
    """Remove uploaded files and everything Redis remembers."""
    for entry in pieces.site.storage.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    pieces.redis.clear()


def answer_from_inside(pieces: Pieces, door: int, task: str) -> dict[str, str]:
    """Run `inside/bootstrap.py` with CKAN's own Python; return its answer."""
    log = pieces.site.logs / "bootstrap.log"
    command = pieces.account.command(pieces.environment.python, INSIDE / "bootstrap.py", task)
    with log.open("wb") as said:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            cwd="/",
            env=pieces.variables,
            pass_fds=(door,),
            check=False,
        )
    try:
        answer: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        raise does_not_start("CKAN", log, "Error") from None
    return answer
