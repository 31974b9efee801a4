"""Vocabularies come in; the table schemas are written again with their codes as enums and patterns.

Run it after a change in schemas/vocabularies/ or schemas/problems.csv: `.venv/bin/python tools/bind_tables.py`
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a tool beside the packages, not one of them

from schemas.tables import FILES, FOLDER, bound, load


def main() -> None:
    """Write every table schema whose vocabularies have changed, and name it."""
    for table, stem in FILES.items():
        old, new = load(table), bound(load(table))
        if new != old:
            (FOLDER / f"{stem}.json").write_text(json.dumps(new, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            print(f"{stem}.json")


if __name__ == "__main__":
    main()
