"""The command: `python -m benchmarks [--size full] [--only path …]` measures, prints the tables and writes them to a file.

The full size writes results.md, which the README quotes; the small one results-small.md, which nobody keeps. A part measured
alone replaces its own tables and leaves the others.
"""

import argparse
import datetime
from dataclasses import replace
from pathlib import Path

from benchmarks import kinds, matching, orchestration, path, publishing, unchanged, validation
from benchmarks.report import SIZES, head
from benchmarks.town import WORK

PARTS = {
    "validation": validation.report,
    "path": path.report,
    "unchanged": unchanged.report,
    "kinds": kinds.report,
    "publishing": publishing.report,
    "orchestration": orchestration.report,
    "matching": matching.report,
    "memory": path.report_memory,
}


def main() -> None:
    """Read the arguments, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--only", choices=PARTS, nargs="*", default=[*PARTS])
    parser.add_argument("--times", type=int, help="runs a candidate, where the size's own number takes too long")
    given = parser.parse_args()
    size = replace(SIZES[given.size], times=given.times or SIZES[given.size].times)
    kept = WORK / f"results-{size.name}"
    kept.mkdir(parents=True, exist_ok=True)
    for name in given.only:
        text = PARTS[name](size)
        (kept / f"{name}.md").write_text(text, encoding="utf-8")
        print(text, flush=True)
        parts = [(kept / f"{part}.md").read_text(encoding="utf-8") for part in PARTS if (kept / f"{part}.md").exists()]
        target = Path(__file__).with_name("results.md" if size.name == "full" else "results-small.md")
        target.write_text("\n".join([head(size, datetime.date.today()), *parts]), encoding="utf-8")


if __name__ == "__main__":
    main()
