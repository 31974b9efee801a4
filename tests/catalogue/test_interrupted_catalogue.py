"""A small seed of `python -m tests.catalogue.killed_catalogue`: a publish into a real CKAN that is cut off, and what comes after."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.ckan import Ckan
from catalogue.local.server import Endpoint, LocalCkan
from catalogue.shown import Shown, State, doubts
from tests.catalogue.contributions import NOW
from tests.catalogue.killed_catalogue import CITY, Case, cut_off, kill_publisher, opened

SEED: tuple[tuple[Callable[[Case, str, int, str], object], int, str], ...] = (
    (cut_off, 14, "lost"),
    (kill_publisher, 9, "after"),
)


def tear(case: Case) -> None:
    """Leave what a CKAN leaves that dies between its two steps: the file of the other publication under the old hash."""
    ckan = Ckan(case.wire.url, case.token, agent="tests")
    found = next(item for item in ckan.read("package_show", id=CITY)["resources"] if item["name"] == "offers.csv")
    Shown(case.house.publications.root, case.wire.url).begin(case.ids["b"].id, NOW)
    with (case.ids["b"].folder / "offers.csv").open("rb") as other:
        ckan.write("resource_patch", {"id": found["id"], "hash": found["hash"]}, {"upload": ("offers.csv", other)})


@pytest.mark.ckan
def test_whatever_dies_between_publisher_and_ckan_the_catalogue_is_old_or_new(
    tmp_path: Path, empty_ckan: tuple[LocalCkan, Endpoint]
) -> None:
    """Whole at once, the next publish arrives where an undisturbed one arrives, and going back to the one before, too."""
    endpoint = empty_ckan[1]
    with opened(tmp_path, endpoint.url, endpoint.token) as case:
        case.learn("aba")
        for deed, at, how in SEED:
            deed(case, "b", at, how)
            case.look(case.token)
            case.converge("a")
        tear(case)
        case.converge("a")


def test_what_was_begun_is_known_until_it_is_there(tmp_path: Path) -> None:
    """Two publications that were cut off are both in doubt, since the first of them; the third that arrives ends it."""
    note = Shown(tmp_path, "https://ckan.stadt.example")
    assert note.read() == State()
    note.begin("a", NOW)
    note.finish("a")
    assert note.begin("b", NOW) == State(shown="a")
    note.fail("CKAN antwortet nicht.")
    known = note.begin("c", NOW)
    assert (known.shown, known.begun, known.error) == ("a", ("b",), "CKAN antwortet nicht.")
    assert note.read().begun == ("b", "c")
    note.finish("c")
    assert note.read() == State(shown="c")


def test_a_damaged_note_is_no_note_and_an_old_one_is_read(tmp_path: Path) -> None:
    """Nothing known costs a comparison with what the catalogue holds, never a wrong row."""
    note = Shown(tmp_path, "https://ckan.stadt.example")
    note.path.write_text("0123-4567\n")
    assert note.read() == State(shown="0123-4567")
    note.path.write_text('{"shown": 1')
    assert note.read() == State()


def test_only_what_an_unfinished_publication_had_otherwise_is_in_doubt(tmp_path: Path) -> None:
    """Equal bytes need no second upload; what is not on disk any more does."""
    for name, text in (("now", "neu"), ("cut", "alt")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text("gleich")
        (tmp_path / name / "b.csv").write_text(text)
    doubted = doubts(tmp_path / "now", [tmp_path / "cut"])

    assert [doubted(tmp_path / "now" / name) for name in ("a.csv", "b.csv")] == [False, True]
    assert doubted(tmp_path / "elsewhere" / "datapackage.json")
    assert doubts(tmp_path / "now", [tmp_path / "gone"])(tmp_path / "now" / "a.csv")
    assert not doubts(tmp_path / "now", [])(tmp_path / "elsewhere")
