"""The last publication in, what several partners tell of out; and an operator's word that two offers are not the same."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from rich.console import Console

from catalogue.decisions import Decisions
from flows.house import House
from landkarte.board import show
from landkarte.words import t


def show_matches(house: House, out: Console, *, as_json: bool) -> None:
    """Print every group: which offers, which of them stands in the list, how sure we are and why.

    `told_apart` are those of the group somebody has told apart from this one since: the next publication heeds it.
    """
    rows = []
    publication = house.publications.current()
    if publication is not None and (publication.work / "matches.parquet").exists():
        titles = pl.read_parquet(publication.work / "offers.parquet", columns=["offer_id", "title"])
        found = pl.read_parquet(publication.work / "matches.parquet")
        rows = found.join(titles, on="offer_id", how="left", maintain_order="left").to_dicts()
        apart = Decisions(house.ledger.places.root).not_the_same()
        for row in rows:
            group = [other["offer_id"] for other in rows if other["match_group"] == row["match_group"]]
            row["told_apart"] = ", ".join(one for one in group if frozenset((one, row["offer_id"])) in apart) or None
    if as_json:
        show(rows, out, as_json=True, headings={})
        return
    if not rows:
        out.print(t("Kein Angebot wird von mehreren Partnern gemeldet.", "No offer is reported by several partners."))
    for row in rows:  # of each group the one in the list comes first, the others match that one
        out.print(to_line(row), style="bold" if row["primary"] else "", markup=False, soft_wrap=True)


def to_line(row: Mapping[str, Any]) -> str:
    """One offer in a line that no column breaks: its id is typed again for `differ`."""
    named = f"{row['offer_id']}  {row['title']}"
    if row["primary"]:
        line = named + t(" (steht in der Liste)", " (stands in the list)")
    else:
        line = f"  {100 * row['confidence']:.0f} %: {named} ({row['reason']})"
    if row["told_apart"]:
        line += (
            t("; ab der nächsten Veröffentlichung getrennt von ", "; told apart with the next publication from ")
            + row["told_apart"]
        )
    return line


def tell_apart(house: House, one: str, other: str, out: Console, *, undo: bool) -> int:
    """Remember that two offers are not the same, or forget it; 1 where one of them is not published."""
    decisions = Decisions(house.ledger.places.root)
    if undo:
        decisions.forget(one, other)
        out.print(
            t(
                "Die beiden dürfen wieder als gleich gelten. Das wirkt mit der nächsten Veröffentlichung.",
                "The two may count as the same again. This takes effect with the next publication.",
            )
        )
        return 0
    publication = house.publications.current()
    known: set[str] = set()
    if publication is not None:
        known = set(pl.read_parquet(publication.work / "offers.parquet", columns=["offer_id"])["offer_id"])
    for offer_id in (one, other):
        if offer_id not in known:
            out.print(
                t(
                    f"{offer_id}: Dieses Angebot ist nicht veröffentlicht. Kennungen zeigt: landkarte matches",
                    f"{offer_id}: This offer is not published. See the ids with: landkarte matches",
                ),
                markup=False,
            )
            return 1
    if one == other:
        out.print(t("Das ist zweimal dasselbe Angebot.", "That is one offer named twice."))
        return 1
    decisions.differ(one, other)
    out.print(
        t(
            "Gemerkt: Das sind zwei verschiedene Angebote. Bis zur nächsten Veröffentlichung zeigt die Karte sie noch als eines.",
            "Noted: these are two different offers. Until the next publication the map still shows them as one.",
        )
    )
    return 0
