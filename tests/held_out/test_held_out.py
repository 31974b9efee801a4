"""How much of a stranger's feed is guessed rightly, and how little wrongly; `python -m tests.held_out` prints every field."""

from tests.held_out import fourth
from tests.held_out.__main__ import judged, shares


def test_most_of_a_feed_nobody_tuned_for_is_guessed_and_hardly_anything_wrongly() -> None:
    """A wrong guess is worse than none: a person overlooks it."""
    right, wrong = shares(judged(fourth.FEEDS))
    assert right > 0.85
    assert wrong < 0.02
