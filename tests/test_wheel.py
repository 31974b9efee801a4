"""The wheel alone, in an environment without the checkout, does the main job."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.prefect
def test_the_wheel_alone_harvests_the_example_and_publishes(tmp_path: Path) -> None:
    """Built, installed beside its dependencies, run from an empty folder: the examples, the city and the pages are in it."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    place = tmp_path / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place)}))
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(packages), str(wheel)], check=True)
    # the dependencies of this environment, but not the checkout it was installed from
    ours = Path(sysconfig.get_path("purelib"))
    for entry in ours.iterdir():
        if not (packages / entry.name).exists() and not entry.name.startswith(
            ("_editable", "integrationslandkarte", "_integrationslandkarte")
        ):
            (packages / entry.name).symlink_to(entry)

    env = {name: value for name, value in os.environ.items() if not name.startswith(("LANDKARTE_", "PREFECT_", "PYTHON"))}
    env |= {"LANDKARTE_CATALOGUE": "none", "LANG": "C.UTF-8"}
    where = [str(python), "-c", "import flows, landkarte; print(flows.__file__)"]
    assert str(packages) in subprocess.run(where, cwd=tmp_path, env=env, capture_output=True, text=True, check=True).stdout
    command = [str(python), "-m", "landkarte.cli", "demo", "--no-serve"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Angebote neu" in done.stdout
    assert (tmp_path / "data" / "demo" / "publications" / "current").exists()
