"""A package and what is shown of it come in; which offers several partners tell of, and which of them the list leaves out, goes out."""

from collections.abc import Set

from landkarte.package import Package


def same_offers(package: Package, shown: Set[str]) -> tuple[dict[str, list[str]], set[str]]:
    """Give, by offer, the other offers of its group, the one that stands for it first; and those the list leaves out for it.

    A group counts only as far as its offers are `shown`: nothing is hidden behind an offer that is not there.
    """
    groups: dict[str, list[str]] = {}
    first: dict[str, str] = {}
    for row in package.rows("matches"):
        group, offer_id = row.get("match_group"), row.get("offer_id")
        if group and offer_id and offer_id in shown and offer_id not in groups.setdefault(group, []):
            groups[group].append(offer_id)
            if str(row.get("primary")).lower() == "true":
                first.setdefault(group, offer_id)
    alike: dict[str, list[str]] = {}
    hidden: set[str] = set()
    for group, members in groups.items():
        head = first.get(group)
        if head is not None and len(members) > 1:
            ordered = [head, *(one for one in members if one != head)]
            alike |= {one: [other for other in ordered if other != one] for one in ordered}
            hidden.update(ordered[1:])
    return alike, hidden
