"""The full size of what the conformance suite tries small: lines of 50 MB, nesting 100,000 deep, lists that do not end.

    python -m tests.connectors.extremes            every kind; about a minute of computing each
    python -m tests.connectors.extremes feed ical

Each answer is read by a process apart, with a ceiling on memory and on the seconds of computing; what breaks it is printed.
"""

import argparse
import sys

from tests.connectors import test_conformance

LINE, DEEP = 50_000_000, 100_000
MEMORY = 1_000_000_000  # bytes beyond what the program holds: a line of 50 MB in UTF-8, as text, and what is made of it
SECONDS = 30.0


def main() -> int:
    """Read what is asked for; 1 where something broke a ceiling or raised."""
    asked = argparse.ArgumentParser(description="Read answers of the full size.")
    asked.add_argument("kinds", nargs="*")
    given = asked.parse_args()
    wrong = 0
    for name, suite in vars(test_conformance).items():
        if not name.startswith("Test") or (given.kinds and suite.connector.kind not in given.kinds):
            continue
        suite.line, suite.deep, suite.memory, suite.seconds = LINE, DEEP, MEMORY, SECONDS
        tests, answers = suite(), suite.hostile_answers()
        for answer, took in answers.items():
            try:
                tests.check_hostile(answer)
            except AssertionError:
                wrong += 1
                print(
                    f"{suite.connector.kind}, {answer}: {took.seconds:.1f} s, {took.memory / 1e6:.0f} MB {took.fault}", flush=True
                )
        slowest, largest = (max(answers.values(), key=lambda took: getattr(took, what)) for what in ("seconds", "memory"))
        print(
            f"{suite.connector.kind}: {len(answers)} answers; at most {slowest.seconds:.1f} s and {largest.memory / 1e6:.0f} MB",
            flush=True,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
