"""Sets of row numbers as Python integers: bit n stands for row n, so that `&` intersects and `bit_count` counts."""

from collections.abc import Iterable


def to_mask(rows: Iterable[int], size: int) -> int:
    """Give the integer whose bits are the given rows, all below `size`."""
    bits = bytearray(size // 8 + 1)
    for row in rows:
        bits[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(bits, "little")


def everything(size: int) -> int:
    """Give the integer with all `size` bits set."""
    return (1 << size) - 1


def to_rows(mask: int) -> list[int]:
    """Give the rows of a mask, ascending."""
    return [row for row, bit in enumerate(bin(mask)[:1:-1]) if bit == "1"] if mask else []
