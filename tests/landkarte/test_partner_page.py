"""docs/partner.md promises headings that are understood without help: each of them is."""

import csv
import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from schemas.converters.answer import Setting
from schemas.guess import guess
from schemas.survey import survey

PAGE = Path(__file__).parents[2] / "docs" / "partner.md"


def test_every_heading_on_the_partners_page_is_understood() -> None:
    """The example row becomes a whole map: nothing left over, nothing to decide but words."""
    table = re.search(r"<!-- headings -->\n(.*?)<!-- /headings -->", PAGE.read_text(encoding="utf-8"), re.S)
    assert table is not None
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()[2:]]
    headings, example = zip(*rows, strict=True)
    whole = io.StringIO()
    csv.writer(whole, delimiter=";").writerows([headings, example])
    records = list(csv.DictReader(io.StringIO(whole.getvalue()), delimiter=";"))
    found = guess(survey(records, nested=False), Setting(zone=ZoneInfo("Europe/Berlin"), city="Duisburg"))
    assert {} == found.ignored
    assert "Nr" == found.record_id
    assert len(headings) - 1 == len({field for one in [*found.map, *found.sessions] for field in one.from_})
