"""`python -m tests.held_out [first] [fourth]`: how much of each feed's map is guessed rightly, wrongly, not at all."""

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from flows.house import open_house
from schemas.settings import Settings
from tests.held_out import first, fourth, second, third
from tests.held_out.feed import Feed, Judged, judge

SETS = {"first": first.FEEDS, "second": second.FEEDS, "third": third.FEEDS, "fourth": fourth.FEEDS}
CITY = Path(__file__).parents[2] / "cities" / "duisburg"


def judged(feeds: Iterable[Feed]) -> list[Judged]:
    """Judge some feeds."""
    with TemporaryDirectory() as folder:
        house = open_house(Settings(city=CITY, data=Path(folder), catalogue="none"))
        return [judge(feed, house, datetime(2026, 11, 23, 8, tzinfo=house.city.zone)) for feed in feeds]


def shares(found: Iterable[Judged]) -> tuple[float, float]:
    """Give the share of fields with a target that are right, and the share of all guesses that are wrong."""
    right = sum(len(one.right) for one in found)
    wrong = sum(len(one.wrong) for one in found)
    return right / sum(one.wanted for one in found), wrong / (right + wrong)


def main() -> None:
    """Print the tables."""
    for name in sys.argv[1:] or SETS:
        found = judged(SETS[name])
        for one in found:
            print(
                f"{one.name:34} {len(one.right):3} of {one.wanted:3} right, {len(one.wrong)} wrong, {len(one.unmapped)} unmapped"
            )
            for line in (*one.wrong, *(f"({line})" for line in one.unmapped)):
                print("     ", line)
        right, wrong = shares(found)
        print(f"{name}: {right:.1%} right, {wrong:.1%} of the guesses wrong\n")


if __name__ == "__main__":
    main()
