"""The state folder of one local CKAN: where each piece keeps its things, the secrets, and CKAN's settings file."""

import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from catalogue.local.account import Account
from catalogue.local.environment import Environment
from catalogue.local.errors import LocalCkanError

LICENCES = Path(__file__).with_name("licences.json")
INSIDE = Path(__file__).with_name("inside")  # what CKAN's own Python runs
PLUGINS = Path(__file__).with_name("pgsolr")  # what it finds beside its packages
SOCKET_LIMIT = 100  # bytes: the kernel cuts a socket's path at 107, some systems at 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]+")  # what needs no quoting in an address, a settings file, a command
LONGEST_SOCKET = ".s.PGSQL.5432.lock"
UPLOAD_MEGABYTES = 200
VIEWS = "datatables_view text_view image_view"


@dataclass(frozen=True, slots=True)
class Record:
    """What must survive a restart: `run` (the sockets' folder), the secret, and, once the catalogue is complete, its token."""

    run: str
    secret: str
    token: str | None = None
    mark: str = ""  # the environment the databases were last brought up to


@dataclass(frozen=True, slots=True)
class Site:
    """The folders and files of one local CKAN."""

    state: Path
    run: Path
    url: str

    @property
    def logs(self) -> Path:
        """Where the three pieces write what they have to say."""
        return self.state / "log"

    @property
    def database(self) -> Path:
        """PostgreSQL's data folder."""
        return self.state / "postgres"

    @property
    def storage(self) -> Path:
        """CKAN's uploaded files."""
        return self.state / "storage"

    @property
    def assets(self) -> Path:
        """CKAN's bundled scripts and styles; apart from `storage`, because a reset empties that while the site stays up."""
        return self.state / "assets"

    @property
    def ini(self) -> Path:
        """CKAN's settings."""
        return self.state / "ckan.ini"

    @property
    def pending(self) -> Path:
        """The sign that a reset began and has not ended."""
        return self.state / "reset.pending"


def read_record(state: Path) -> Record | None:
    """Read what an earlier `up` kept; nothing where there was none."""
    try:
        return Record(**json.loads((state / "site.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise LocalCkanError(
            f"{state / 'site.json'} ist beschädigt; bitte den Ordner {state} löschen, das lokale CKAN wird dann neu aufgebaut."
        ) from None


def kept_record(state: Path) -> Record:
    """Read what must be there once a site is laid out."""
    record = read_record(state)
    if record is None:
        raise LocalCkanError(f"{state / 'site.json'} ist währenddessen verschwunden; bitte den Befehl wiederholen.")
    return record


def write_record(state: Path, record: Record) -> None:
    """Keep `record`: aside first, then in one step, readable for the owner only."""
    write_private(state / "site.json", json.dumps(asdict(record), indent=1))


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a file that only its owner may read, atomically and down to the disk."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if account:
        account.own(beside)
    beside.replace(path)


def found(state: Path, port: int) -> Site | None:
    """Return the site an earlier `up` laid out in `state`, without touching anything; nothing where there is none."""
    record = read_record(state)
    return Site(state, Path(record.run), f"http://127.0.0.1:{port}") if record else None


def laid_out(state: Path, account: Account, port: int) -> Site:
    """Make the folders of a site where they are missing; return it."""
    if "%" in str(state):
        raise LocalCkanError(f"{state} enthält ein Prozentzeichen, an dem CKAN scheitert; bitte den Ordner anders nennen.")
    state.mkdir(parents=True, exist_ok=True)
    # Root's services run as nobody and pass through; each folder inside is closed to everybody else.
    state.chmod(0o711 if account.prefix else 0o700)
    record = read_record(state) or Record(run="", secret=secrets.token_urlsafe(48))
    run = state / "run"
    if len(os.fsencode(run / LONGEST_SOCKET)) > SOCKET_LIMIT or not PLAIN_PATH.fullmatch(str(run)):
        kept = bool(record.run) and usable(Path(record.run), account)
        run = Path(record.run) if kept else Path(tempfile.mkdtemp(prefix="landkarte-"))
    site = Site(state, run, f"http://127.0.0.1:{port}")
    for folder in (site.run, site.logs, site.storage, site.assets):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700)
        account.own(folder)
    if record.run != str(run):
        record = replace(record, run=str(run))
        write_record(state, record)
    return site


def cleared(site: Site) -> None:
    """Remove the sockets' folder of a site that is down where it lies outside the state folder."""
    if site.run.parent != site.state:
        shutil.rmtree(site.run, ignore_errors=True)


def usable(folder: Path, account: Account) -> bool:
    """Say whether a sockets' folder of an earlier run is still there, ours and closed to others (a restart empties /tmp)."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and found.st_uid == account.uid and found.st_mode & 0o077 == 0


def locales(environment: Environment, languages: Sequence[str]) -> list[str]:
    """Return CKAN's names of our languages (`uk` is `uk_UA` there), in our order; those CKAN has not are left out."""
    folder = environment.packages / "ckan" / "i18n"
    there = {found.parents[1].name: found.stat().st_size for found in folder.glob("*/LC_MESSAGES/ckan.mo")}
    there["en"] = sys.maxsize  # the language CKAN is written in has no file
    chosen = []
    for code in languages:
        # CKAN has uk (2 % translated) beside uk_UA (60 %): the larger file wins
        candidates = sorted((size, name) for name, size in there.items() if name.split("_")[0] == code)
        chosen += [name for _, name in candidates[-1:]]
    return list(dict.fromkeys(chosen)) or ["de"]


def code_mark() -> str:
    """Return a mark of our own code inside CKAN: a change of it changes the settings file, and that restarts the site."""
    files = [path for folder in (INSIDE, PLUGINS) for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".html")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*files, LICENCES])).hexdigest()[:16]


def settings(site: Site, record: Record, environment: Environment, title: str, description: str, languages: Sequence[str]) -> str:
    """Return the text of CKAN's settings file."""
    offered = locales(environment, languages)
    databases = f"host={site.run}"
    main = {
        "use": "egg:ckan",
        "debug": "false",
        "SECRET_KEY": record.secret,
        "sqlalchemy.url": f"postgresql://ckan@/ckan?{databases}",
        "ckan.datastore.write_url": f"postgresql://ckan@/ckan_ds?{databases}",
        "ckan.datastore.read_url": f"postgresql://ckan_ro@/ckan_ds?{databases}",
        "ckan.datastore.sqlsearch.enabled": "true",
        "ckan.datastore.default_fts_lang": "german",  # as in postgresql.conf
        "ckan.redis.url": f"unix://{site.run}/redis.sock?db=0",
        "solr_url": "http://127.0.0.1:9/solr/ckan",  # never called: pgsolr answers; CKAN only wants a value
        "pgsolr.language": "german",
        "ckan.plugins": f"pgsolr datastore {VIEWS}",
        "ckan.views.default_views": VIEWS,
        "ckan.site_url": site.url,
        "ckan.site_id": "landkarte",
        "ckan.site_title": title,
        "ckan.site_description": description,
        "ckan.site_about": description or title,
        "ckan.site_logo": "",  # the title in its place, white on CKAN's blue instead of blue on blue
        "ckan.site_custom_css": ".masthead hgroup h1 a { color: #fff } .masthead hgroup h2 { display: none }",
        "extra_template_paths": str(INSIDE / "templates"),
        "ckan.locale_default": offered[0],
        "ckan.locales_offered": " ".join(offered),
        "ckan.locale_order": " ".join(offered),
        "ckan.display_timezone": "server",
        "ckan.storage_path": str(site.storage),
        "ckan.webassets.path": str(site.assets),
        "ckan.max_resource_size": str(UPLOAD_MEGABYTES),
        "licenses_group_url": f"file://{LICENCES}",
        "ckan.cors.origin_allow_all": "true",
        "ckan.auth.anon_create_dataset": "false",
        "ckan.auth.create_unowned_dataset": "false",
        "ckan.auth.create_dataset_if_not_in_organization": "false",
        "ckan.auth.user_create_groups": "false",
        "ckan.auth.user_create_organizations": "false",
        "ckan.auth.create_user_via_web": "false",
        "ckan.auth.create_user_via_api": "false",
        "ckan.auth.public_user_details": "false",
    }
    lines = [f"{key} = {' '.join(value.split()).replace('%', '%%')}" for key, value in main.items()]
    return "\n".join([f"# {code_mark()}", "[app:main]", *lines]) + "\n" + LOGGING


LOGGING = """
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)s [%(name)s] %(message)s
"""
