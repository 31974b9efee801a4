"""What a catalogue calls a licence comes in; its address in DCAT-AP.de's list goes out, None where it is none of them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from schemas.vocabulary import licences

SHORT_LICENCE = re.compile(r"^(?:govdata\.de/)?dl-de[-/](by|zero)-([0-9])[.-]([0-9])$")  # as GovData spells it: dl-de-by-2.0
LICENCE_PAGE = re.compile(r"^https?://(?:www\.)?|/(?:deed|legalcode)(?:\.[a-z]{2})?$|/$")
SPELLED = {  # as https://opendefinition.org, SPDX and CKAN name them
    "cc-zero": ("cc0-1.0", "cc0", "creativecommons.org/publicdomain/zero/1.0"),
    "odbl": ("odbl-1.0", "odc-odbl", "opendatacommons.org/licenses/odbl", "opendatacommons.org/licenses/odbl/1-0"),
    "odby": ("odc-by-1.0", "odc-by", "opendatacommons.org/licenses/by", "opendatacommons.org/licenses/by/1-0"),
    "odcpddl": (
        "odc-pddl-1.0",
        "pddl-1.0",
        "odc-pddl",
        "opendatacommons.org/licenses/pddl",
        "opendatacommons.org/licenses/pddl/1-0",
    ),
}


def to_licence(said: Mapping[str, Any]) -> str | None:
    """The first licence of a package or resource that DCAT-AP.de knows."""
    listed = said.get("licenses")
    named = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return next((found for one in named for key in ("name", "path") if (found := known_licence(str(one.get(key) or "")))), None)


def known_licence(text: str) -> str | None:
    """Find a licence of DCAT-AP.de by its address, its short name, or as others spell it (`dl-de-by-2.0`, `CC-BY-4.0`).

    CKAN's bare `cc-by` names no version and is none.
    """
    return _licences().get(_bare(text))


@cache
def _licences() -> Mapping[str, str]:
    """Give the addresses of DCAT-AP.de by every spelling we know."""
    known = licences()
    found = {
        _bare(word): one.uri for code, one in known.items() for word in (code, code.replace("/", "-"), one.url, one.uri) if word
    }
    return found | {spelled: known[code].uri for code, several in SPELLED.items() for spelled in several}


def _bare(text: str) -> str:
    """Take from a licence what makes no difference: http or https, www, capitals, the page a person reads."""
    word = LICENCE_PAGE.sub("", text.strip().lower()).removeprefix("dcat-ap.de/def/licenses/")
    return SHORT_LICENCE.sub(r"dl-\1-de/\2.\3", word)
