"""ZIPs and workbooks written piece by piece are ZIPs and workbooks to everybody else."""

import io
import zipfile
import zlib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from catalogue import xlsx
from catalogue.xlsx import Part, Sheet, to_cells, write_xlsx
from catalogue.zipped import LARGE, Writer, Zip, joined
from schemas import deflate


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_the_check_sum_of_two_contents_follows_from_theirs(first: bytes, second: bytes) -> None:
    """Nobody has to read the first content again."""
    assert zlib.crc32(first + second) == joined(zlib.crc32(first), zlib.crc32(second), len(second))


@pytest.mark.parametrize("size", [0, LARGE])
def test_a_member_of_several_pieces_reads_as_one(tmp_path: Path, size: int) -> None:
    """Pieces written here or taken from elsewhere stand one after the other, also where a member may become large."""
    with (tmp_path / "piece").open("wb") as out:
        writer = Writer(out)
        writer.write("Zeile für Zeile\n".encode() * 5000)
        writer.close()
    with Zip(tmp_path / "a.zip") as bundle:
        bundle.add("leer.txt", b"")
        with bundle.member("ganz.txt", size) as member:
            with member.piece() as piece:
                piece.write(b"Anfang\n")
            member.take([(tmp_path / "piece").read_bytes()], writer.piece)
            with member.piece() as piece:
                piece.write(b"Ende\n")
    with zipfile.ZipFile(tmp_path / "a.zip") as read:
        assert read.testzip() is None
        assert read.read("leer.txt") == b""
        assert read.read("ganz.txt") == b"Anfang\n" + "Zeile für Zeile\n".encode() * 5000 + b"Ende\n"


def test_zlib_serves_where_isal_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ZIP is larger work, and as good."""
    monkeypatch.setattr(deflate, "isal_zlib", None)
    with Zip(tmp_path / "a.zip") as bundle:
        bundle.add("a.txt", b"abc" * 1000)
    with zipfile.ZipFile(tmp_path / "a.zip") as read:
        assert read.read("a.txt") == b"abc" * 1000


def test_more_rows_than_a_sheet_holds_stand_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out of a workbook; blanks at the edges and signs of XML stay what they are."""
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    frame = pl.DataFrame({"text": [" a<b> ", "=1+1", None], "zahl": [1, None, 3], "ja": [True, False, None]})
    parts = []
    with (tmp_path / "cells").open("wb") as out:
        for _ in range(2):
            writer = Writer(out)
            for cells in to_cells(frame):
                writer.write(cells)
            writer.close()
            parts.append(Part(tmp_path / "cells", writer.piece, frame.height))
    write_xlsx([Sheet("Termine", ["Text", "Zahl", "Ja"], parts)], tmp_path / "a.xlsx")

    book = CalamineWorkbook.from_filelike(io.BytesIO((tmp_path / "a.xlsx").read_bytes()))
    assert book.sheet_names == ["Termine", "Termine 2"]
    rows = [["Text", "Zahl", "Ja"], [" a<b> ", 1.0, True], ["=1+1", "", False], ["", 3.0, ""]]
    assert [book.get_sheet_by_name(name).to_python() for name in book.sheet_names] == [rows, rows]
