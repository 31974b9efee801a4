"""The store of responses: the same bytes once, whole or not at all, and gone only when nobody names them."""

import gzip
import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue import captures as module
from catalogue.answers import Answers
from catalogue.captures import Captures, Freed
from catalogue.disk import LedgerError, Places

TEXT = "Deutschkurs für Eltern".encode()


@pytest.fixture
def captures(tmp_path):
    """An empty store."""
    return Captures(Places(tmp_path))


def files(captures):
    """Give the names of all files in the store."""
    root = captures.path("0" * 64).parent.parent
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_capture_lies_under_its_own_hash(captures):
    """The name says what is inside, and the bytes come back."""
    stored = captures.put([TEXT[:5], b"", TEXT[5:]])
    sha256 = hashlib.sha256(TEXT).hexdigest()
    assert (stored.sha256, stored.size) == (sha256, len(TEXT))
    assert stored.path == captures.path(sha256)
    assert files(captures) == [f"{sha256[:2]}/{sha256}"]
    assert gzip.decompress(stored.path.read_bytes()) == TEXT


@given(st.lists(st.binary(max_size=2000), max_size=6))
def test_whatever_comes_in_comes_out(tmp_path_factory, chunks):
    """Any bytes in any pieces, none at all included, in memory or on disk."""
    captures = Captures(Places(tmp_path_factory.mktemp("data")))
    stored = captures.put(iter(chunks))
    assert gzip.decompress(stored.path.read_bytes()) == b"".join(chunks)
    assert stored.size == sum(map(len, chunks))


def test_a_large_response_waits_on_disk(captures, monkeypatch):
    """What does not fit comfortably in memory is stored all the same."""
    monkeypatch.setattr(module, "IN_MEMORY", 1000)
    stored = captures.put(os.urandom(700) for _ in range(5))
    assert stored.size == 3500
    assert len(gzip.decompress(stored.path.read_bytes())) == 3500
    assert len(files(captures)) == 1


def test_the_same_bytes_give_the_same_file(tmp_path):
    """No time and no name inside: two machines store the same file."""
    one, two = (Captures(Places(tmp_path / name)).put([TEXT]).path.read_bytes() for name in "ab")
    assert one == two
    assert one[4:8] == bytes(4)  # the gzip header's time


def test_the_same_bytes_are_stored_once(captures):
    """The second time nothing is written."""
    first = captures.put([TEXT])
    before = first.path.stat().st_ino
    assert captures.put([TEXT]) == first
    assert first.path.stat().st_ino == before


def test_what_breaks_off_leaves_nothing(captures):
    """A partner's answer that ends in an error is no capture, and the error stays the network's."""

    def answer():
        yield TEXT
        raise ConnectionResetError("the line is dead")

    with pytest.raises(ConnectionResetError):
        captures.put(answer())
    assert files(captures) == []


def test_many_writers_of_the_same_bytes_do_not_disturb_each_other(captures):
    """Eight at once: one file, all of them right."""
    body = os.urandom(200_000)
    stored = []
    crowd = [threading.Thread(target=lambda: stored.append(captures.put([body]))) for _ in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len(stored) == 8
    assert len({each.path for each in stored}) == 1
    assert len(files(captures)) == 1
    assert gzip.decompress(stored[0].path.read_bytes()) == body


def test_a_full_disk_is_one_sentence_and_leaves_nothing(captures, monkeypatch):
    """What could not be stored whole is not there."""
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(LedgerError, match="Der Datenträger ist voll"):
        captures.put([TEXT])
    assert files(captures) == []


def test_no_name_but_a_hash_is_a_capture(captures):
    """A hash from a file somebody wrote is no way to another file."""
    for name in ("../../etc/passwd", "abc", "A" * 64):
        with pytest.raises(LedgerError):
            captures.path(name)


def test_a_sweep_removes_what_nobody_names_and_what_is_old(captures):
    """Named, young, or asked for again today: it stays. The rest goes, also what a killed writer left."""
    named, old, young, again = (captures.put([bytes([number])]) for number in range(4))
    left = captures.path("0" * 64).parent.parent / ".aside-killed"
    left.write_bytes(b"half")
    now = datetime.now(UTC)
    long_ago = (now - timedelta(days=3)).timestamp()
    for path in (named.path, old.path, again.path, left):
        os.utime(path, (long_ago, long_ago))
    captures.put([bytes([3])])
    freed = captures.sweep({named.sha256}, now)
    assert freed == Freed(2, freed.size)
    assert freed.size > 0
    assert [each.path.exists() for each in (named, old, young, again)] == [True, False, True, True]
    assert not left.exists()


def test_a_capture_wanted_again_while_it_is_swept_stays(captures, monkeypatch):
    """Between looking and removing somebody stores the same bytes: they are there afterwards."""
    stored = captures.put([TEXT])
    long_ago = (datetime.now(UTC) - timedelta(days=3)).timestamp()
    os.utime(stored.path, (long_ago, long_ago))
    rename = os.rename

    def put_then_rename(old, new):
        monkeypatch.setattr(os, "rename", rename)
        captures.put([TEXT])
        rename(old, new)

    monkeypatch.setattr(os, "rename", put_then_rename)
    assert captures.sweep(set(), datetime.now(UTC)) == Freed()
    assert stored.path.exists()
    assert len(files(captures)) == 1


def test_sweeping_an_empty_store_is_nothing(captures):
    """Before the first capture there is no folder."""
    assert captures.sweep(set(), datetime.now(UTC)) == Freed()


# Answers of the geocoder


def test_an_answer_is_kept_for_ever(tmp_path):
    """Also by the next process; an answer given anew replaces the old one."""
    answers = Answers(tmp_path / "new" / "geocode.sqlite")
    assert answers.get("Sonnenwall 73, 47051 Duisburg") is None
    answers.put("Sonnenwall 73, 47051 Duisburg", '{"lat": 51.43}')
    answers.put("Nirgendwo 1", "null")
    answers.put("Nirgendwo 1", "[]")
    answers.close()
    again = Answers(tmp_path / "new" / "geocode.sqlite")
    assert again.get("Sonnenwall 73, 47051 Duisburg") == '{"lat": 51.43}'
    assert again.get("Nirgendwo 1") == "[]"


def test_many_threads_may_ask_and_answer(tmp_path):
    """Sources are harvested side by side."""
    answers = Answers(tmp_path / "geocode.sqlite")

    def work(name):
        for number in range(25):
            answers.put(f"{name}-{number}", str(number))
            assert answers.get(f"{name}-{number}") == str(number)

    crowd = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert all(answers.get(f"{name}-24") == "24" for name in "abcd")


def test_a_damaged_store_of_answers_is_said(tmp_path):
    """One German sentence: which file, and that it may go."""
    (tmp_path / "geocode.sqlite").write_bytes(b"no database at all, but long enough to be looked at" * 20)
    with pytest.raises(LedgerError, match=r"geocode\.sqlite: Der Speicher der Adresssuche"):
        Answers(tmp_path / "geocode.sqlite").get("x")
