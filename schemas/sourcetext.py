"""A guess and what is known of a feed come in; the text of a source file goes out, with a comment beside everything that is guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from schemas.guessed import Guess, Guessed, Word
from schemas.targets import WORDS, split_target, target_names

WIDTH = 60  # where comments begin
EXAMPLE = 40  # letters of an example
HEAD = """\
# Angelegt mit „landkarte sources new“ am {day}. Geraten ist, was „geraten“ heißt: bitte ansehen, berichtigen und den
# Vermerk löschen. Danach: landkarte preview {key}, und wenn alles stimmt, enabled: true.
"""
FOUND = "# so nennt sie der Ursprung selbst"
LICENCE = "# nicht bekannt; mit Lizenz vom Partner zum Beispiel dl-by-de/2.0 und rights: open"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the map: who publishes, under which licence, where the feed is."""

    key: str
    title: str
    publisher: str
    url: str
    contact: str | None
    licence: str | None
    schedule: str
    source: Mapping[str, Any]  # kind and options
    day: str  # 23.11.2026
    publisher_known: bool
    licence_known: bool = True  # told by a person, not found at the origin
    link: str = ""  # an address for all offers, where no field leads to one
    further: str = ""  # a title that stands in several rows: the further ones are its further sessions


def to_text(frame: Frame, guess: Guess) -> str:
    """Write the source file: `enabled: false` until somebody has looked through it."""
    publisher = _beside(f"publisher: {_flow(_publisher(frame))}", "" if frame.publisher_known else "# geraten nach der Adresse")
    parts = [
        HEAD.format(day=frame.day, key=frame.key),
        "version: 1\n",
        f"title: {_flow(frame.title)}\n",
        publisher,
        "" if frame.contact else "# contact: Funktionsadresse für Rückfragen in publisher eintragen, keine Person\n",
        _licence(frame),
        "rights: open\n" if frame.licence else "rights: facts_only\n",
        "enabled: false\n",
        f"schedule: {frame.schedule}\n\n",
        "source:\n" + "".join(f"  {_flow(name)}: {_flow(value)}\n" for name, value in frame.source.items()),
        _beside(f"\ndefaults:\n  url: {_flow(frame.link)}", "# geraten: kein Feld führt zum Angebot") if frame.link else "",
        _map("map", sorted(guess.map, key=_place), ""),
        _sessions(guess),
        _beside(
            "\nsame_id: sessions", f"# geraten: weitere Zeilen sind weitere Termine, zum Beispiel von „{_short(frame.further)}“"
        )
        if frame.further
        else "",
        _lookups(guess.lookups),
        _ignored(guess.ignored),
    ]
    return "".join(part for part in parts if part)


def _publisher(frame: Frame) -> dict[str, str]:
    given = {"name": frame.publisher, "url": frame.url}
    return given | ({"contact": frame.contact} if frame.contact else {})


def _licence(frame: Frame) -> str:
    if frame.licence is None:
        return _beside("licence: other-closed", LICENCE)
    return _beside(f"licence: {frame.licence}", "" if frame.licence_known else FOUND)


def _map(name: str, lines: Sequence[Guessed], indent: str) -> str:
    if not lines:
        return ""
    return f"\n{indent}{name}:\n" + "".join(_beside(f"{indent}  {one.target}: {_value(one)}", _why(one)) for one in lines)


def _place(one: Guessed) -> int:
    """Where a target stands among all, so that files look alike."""
    group, name = split_target(one.target)
    first = WORDS[one.target].fills[0] if one.target in WORDS else name
    column = f"{group}.{first}" if group else first
    names = target_names()
    return names.index(column) if column in names else len(names)


def _value(one: Guessed) -> str:
    if len(one.from_) == 1 and not one.as_ and one.join is None:
        return _flow(one.from_[0])
    made: dict[str, Any] = {"from": one.from_[0] if len(one.from_) == 1 else list(one.from_)}
    if one.as_:
        made["as"] = one.as_[0] if len(one.as_) == 1 and isinstance(one.as_[0], str) else list(one.as_)
    if one.join is not None:
        made["join"] = one.join
    return _flow(made)


def _why(one: Guessed) -> str:
    example = f", zum Beispiel „{_short(one.example)}“" if one.example else "" if one.share else ", bisher leer"
    share = f", {one.share:.0%} lesbar".replace("%", " %") if one.share is not None and one.share < 0.995 else ""
    return f"# geraten nach {'der Überschrift' if one.why == 'Überschrift' else 'dem Inhalt'}{share}{example}"


def _sessions(guess: Guess) -> str:
    if not guess.sessions:
        return ""
    each = f"  each: {_flow(guess.each)}\n" if guess.each else ""
    return "\nsessions:\n" + each + _map("map", guess.sessions, "  ").lstrip("\n")


def _lookups(lookups: Mapping[str, Mapping[str, Word]]) -> str:
    if not lookups:
        return ""
    text = "\n# Wörter des Partners und unsere Codes (docs/tables.md); null lässt ein Wort weg. Zahlen: so oft kam es vor.\nlookups:\n"
    for name, words in lookups.items():
        text += f"  {_flow(name)}:\n"
        for word, found in words.items():
            note = "geraten" if found.code else "bitte zuordnen"
            text += _beside(f"    {_flow(word)}: {found.code or 'null'}", f"# {found.count}×, {note}")
    return text


def _ignored(ignored: Mapping[str, str]) -> str:
    if not ignored:
        return ""
    lines = "".join(_beside(f"  - {_flow(name)}", f"# {why}") for name, why in ignored.items())
    return f"\n# Was nicht übernommen wird, und warum\nignore:\n{lines}"


def _beside(text: str, comment: str) -> str:
    return f"{text.ljust(WIDTH)}  {comment}\n" if comment else f"{text}\n"


def _short(text: str) -> str:
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return text if len(text) <= EXAMPLE else text[: EXAMPLE - 1] + "…"


def _flow(value: Any) -> str:
    """Write any value as one line of YAML."""
    return (
        yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10**9, sort_keys=False)
        .removesuffix("\n")
        .removesuffix("\n...")
    )
