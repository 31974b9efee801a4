"""A mistake on the command line is told in one German sentence, as everything else is."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["detect"], "Es fehlt die Angabe ‚address‘. Hilfe: landkarte detect -h"),
        (["detect", "--foo"], "Die Option --foo gibt es nicht."),
        (["preview", "--limit", "viele", "x"], "--limit muss eine ganze Zahl sein."),
        (["sources", "nix"], "Den Befehl 'nix' gibt es nicht."),
        (["detect", "a", "b"], "Das ist eine Angabe zu viel: b."),
    ],
)
def test_wrong_usage_is_told_in_german(words: list[str], said: str) -> None:
    """Typer speaks English only; the exit code stays 2."""
    run = [sys.executable, "-c", "import sys; sys.argv[0] = 'landkarte'; from landkarte.cli import main; main()", *words]
    done = subprocess.run(
        run, capture_output=True, text=True, env={**os.environ, "LANG": "de_DE.UTF-8", "LC_ALL": "", "COLUMNS": "200"}
    )
    assert (2, True) == (done.returncode, said in done.stderr)
