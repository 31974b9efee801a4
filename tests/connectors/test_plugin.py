"""examples/plugin is a whole package of a stranger's: installed into an environment of its own, found, and passing its suite."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that sees ours, with the plug-in installed into it; without any index, and without a build environment."""
    folder = tmp_path_factory.mktemp("plugin")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    ours, theirs = sysconfig.get_path("purelib"), sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    # addsitedir, so that the checkout itself is found, too: it is installed by a .pth of its own
    (Path(theirs) / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n", encoding="utf-8")
    shutil.copytree(PLUGIN, folder / "package", ignore=shutil.ignore_patterns("__pycache__"))
    run(python, folder, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "./package")
    return folder


def run(python: Path, folder: Path, *words: str) -> str:
    """Run Python in the environment; its output, or a failed test with its errors."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_ENV"))}
    done = subprocess.run([python, *words], cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_installed_plug_in_is_found_beside_our_own(environment: Path) -> None:
    """By its entry point, without a line of ours changed."""
    python = environment / "venv" / "bin" / "python"
    said = run(python, environment, "-c", "from connectors.registry import connector; print(connector('aushang').__module__)")
    assert said.strip() == "landkarte_aushang"


def test_detection_asks_it_too(environment: Path) -> None:
    """What only the plug-in knows is recognised by it."""
    text = (
        "from datetime import datetime, timezone\n"
        "from connectors.detect import recognise\n"
        "from schemas.record import Capture\n"
        "body, now = b'Titel: a\\n----\\nTitel: b\\n', datetime.now(timezone.utc)\n"
        "found = recognise(Capture.of(body, url='https://x.example/a', fetched_at=now))\n"
        "print(found[0].kind, found[0].reason)"
    )
    said = run(environment / "venv" / "bin" / "python", environment, "-c", text)
    assert said.strip() == "aushang Aushang mit 2 Angeboten"


def test_its_own_tests_pass_where_it_is_installed(environment: Path) -> None:
    """The suite comes with us: the package brings a line and two cases."""
    said = run(environment / "venv" / "bin" / "python", environment / "package", "-m", "pytest")
    assert "failed" not in said


def test_without_it_nothing_is_missing() -> None:
    """Here it is not installed, and nobody asks for it."""
    done = subprocess.run(
        [sys.executable, "-c", "from connectors.registry import connectors; print('aushang' in connectors())"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "False"


def test_the_way_in_the_guide_leads_to_a_passing_connector(environment: Path, tmp_path: Path) -> None:
    """docs/connector.md: every command of it, in its order, in a fresh environment."""
    guide = (PLUGIN.parents[1] / "docs" / "connector.md").read_text(encoding="utf-8")
    start, finish = (re.search(f"<!-- {name} -->\n```\n(.*?)```", guide, re.S) for name in ("start", "finish"))
    assert start is not None
    assert finish is not None
    checkout = tmp_path / "checkout"
    shutil.copytree(PLUGIN, checkout / "examples" / "plugin", ignore=shutil.ignore_patterns("__pycache__"))
    binaries = f"{environment / 'venv' / 'bin'}:{sysconfig.get_path('scripts')}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL_ENV"))}
    kept |= {"PATH": f"{binaries}:{kept['PATH']}", "LANDKARTE_CITY": str(PLUGIN.parents[1] / "cities" / "duisburg")}
    kept |= {"LANDKARTE_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        ["sh", "-e", "-c", start[1] + finish[1]], cwd=checkout, env=kept, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "failed" not in done.stdout
    assert "2 gelesen, 2 übernommen" in done.stdout + done.stderr
