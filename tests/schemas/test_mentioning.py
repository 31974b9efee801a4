"""Many texts searched at once: none is missed that a search one by one finds."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.mentioning import FEW, mentioning
from schemas.mentions import HINTS, may_mention
from schemas.names import first_words

NAMES = sorted(first_words())
WORDS = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(HINTS),
    st.sampled_from(["0171 5550123", "0049 (0)171", "Kurs", "für", "(", "-", "'s"]),
    st.text(max_size=6),
)
BLANKS = st.sampled_from([" ", "\n", "\t", "\u00a0", "\u2003", "\x1c", "\x1f", "\x85", "\u2028", "-", "(", "", ".", ","])
TEXTS = st.lists(st.tuples(WORDS, BLANKS), max_size=6).map(lambda pairs: "".join(word + blank for word, blank in pairs))


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=FEW, max_size=FEW + 20))
def test_no_text_is_missed_that_may_mention_somebody(texts: list[str]) -> None:
    """What is not found holds nothing; what is found is looked at again."""
    assert not [text for text, found in zip(texts, mentioning(texts), strict=True) if may_mention(text) and not found]


def test_every_hint_and_every_name_is_found() -> None:
    """As a text of its own, and between others."""
    texts = [*HINTS, *NAMES, *(f"Kurs bei {name} am Abend" for name in NAMES)]
    assert [True] * len(texts) == mentioning(texts)


def test_a_text_that_rust_cannot_hold_is_looked_at_all_the_same() -> None:
    """Half a surrogate pair costs nobody the shield."""
    assert [False] * FEW + [True, False] == mentioning(["Kurs"] * FEW + ["Frau Beispiel", "\ud800"])
