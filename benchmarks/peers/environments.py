"""A peer's name comes in; the Python of its own environment goes out, made on first use."""

import subprocess
import sys
from pathlib import Path

from benchmarks.measure import ROOT, say

FOLDER = ROOT / "benchmarks" / ".venvs"
WANTED = {
    "dlt": ("dlt==1.31.0", "duckdb==2.0.0", "pyarrow==26.0.1", "requests"),
    "splink": ("splink==5.0.0", "duckdb==2.0.0", "pandas", "numpy", "rapidfuzz"),
}


def python_of(peer: str) -> str | None:
    """Give the interpreter; None, and a sentence, where the environment cannot be made."""
    python = FOLDER / peer / "bin" / "python"
    done = FOLDER / peer / "made"
    text = " ".join(WANTED[peer])
    if done.exists() and done.read_text() == text:
        return str(python)
    say(f"Die Umgebung für {peer} entsteht …")
    for command in (
        [sys.executable, "-m", "venv", str(FOLDER / peer)],
        [str(python), "-m", "pip", "install", "--quiet", *WANTED[peer]],
    ):
        made = subprocess.run(command, capture_output=True, text=True)
        if made.returncode:
            say(f"{peer} bleibt weg: {made.stderr.strip().splitlines()[-1:]}")
            return None
    Path(done).write_text(text)
    return str(python)
