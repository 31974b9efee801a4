"""An address in, a source file with a first map and a test case beside it out: the command `landkarte sources new`."""

import tempfile
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console

from connectors.contract import SourceError
from flows.house import open_house
from flows.night import batches
from landkarte.cases import write_case
from landkarte.preview import collect
from landkarte.proposal import CONTACTS, Proposal, Wishes, proposed
from landkarte.words import language, t
from schemas.problems import SchemaError
from schemas.settings import Settings

PREVIEWED = 20


def run(settings: Settings, address: str, out: Console, wishes: Wishes, *, case: bool) -> int:
    """Write the source file and its case; say what was guessed and what is to be decided. 1 where nothing could be read."""
    house = open_house(settings)
    if "://" not in address and Path(address).is_file():
        raise SchemaError(f"{address}: Das ist eine Datei. Eine Quelle braucht die Adresse im Netz, unter der die Datei liegt.")
    now, began = datetime.now(house.city.zone), time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder, proposed(house, address, Path(folder), now, wishes) as (proposal, ctx):
            path = house.city.folder / "sources" / f"{proposal.source.key}.yml"
            if path.exists():
                raise SchemaError(f"{path}: Diese Quelle gibt es schon. Bitte mit --key einen anderen Schlüssel nennen.")
            _, counts, _ = collect(batches(house, proposal.source, ctx, size=200), PREVIEWED)
            path.parent.mkdir(exist_ok=True)
            path.write_text(proposal.text, encoding="utf-8")
            beside = house.city.folder / "cases" / proposal.source.key
            kept = case and write_case(house, proposal.source, proposal.text, proposal.captures, now, beside)
    except SourceError as error:
        out.print(error.problem.message(language()), style="red", soft_wrap=True, markup=False)
        return 1
    seconds = time.monotonic() - began
    show(proposal, counts, path, beside if kept else None, out, seconds=seconds)
    return 0


def show(proposal: Proposal, counts: dict[str, int], path: Path, case: Path | None, out: Console, *, seconds: float) -> None:
    """Say what was found, how it was mapped, and what a person must decide."""

    def say(text: str, style: str = "") -> None:
        out.print(text, style=style, soft_wrap=True, markup=False)

    guessed = proposal.guess
    for sentence in proposal.passed:
        say(t("Nicht lesbar, darum das Nächste: ", "Not readable, so the next: ") + sentence, "yellow")
    say(f"{proposal.candidate.reason} ({proposal.candidate.kind})", "bold")
    for one in [*guessed.map, *guessed.sessions]:
        say(f"  {one.target:24} ← {' + '.join(one.from_)}")
    if guessed.ignored:
        say(t("Nicht übernommen: ", "Not taken: ") + ", ".join(guessed.ignored), "dim")
    say(
        t(
            f"{counts['read']} gelesen, {counts['offers']} würden übernommen, {counts['rejected']} nicht, {counts['sessions']} Termine",
            f"{counts['read']} read, {counts['offers']} would be taken, {counts['rejected']} not, {counts['sessions']} sessions",
        )
    )
    for sentence in decisions(proposal):
        say(f"• {sentence}", "yellow")
    took = f"{seconds:.1f}"
    say(t(f"Geschrieben nach {took.replace('.', ',')} s: {path}", f"Written after {took} s: {path}"), "green")
    if case is not None:
        say(
            t(
                f"Testfall: {case} (enthält die Antwort des Partners, wie sie ist: vor dem Veröffentlichen ansehen)",
                f"Test case: {case} (holds the partner's answer as it is: look before you publish it)",
            ),
            "green",
        )
    key = proposal.source.key
    say(t(f"Weiter mit: landkarte preview {key}", f"Go on with: landkarte preview {key}"), "dim")


def decisions(proposal: Proposal) -> list[str]:
    """List what a person must decide before the source is switched on, in German."""
    found = list(proposal.guess.decide)
    for name, words in proposal.guess.lookups.items():
        unknown = sum(word.code is None for word in words.values())
        if unknown:
            many = "Ein Wort steht" if unknown == 1 else f"{unknown} Wörter stehen"
            found.append(f"lookups.{name}: {many} auf null. Bitte zuordnen oder so lassen.")
    targets = proposal.guess.targets() | proposal.served
    if proposal.licence_note:
        found.append(proposal.licence_note)
    if proposal.source.rights == "facts_only":
        found.append("Die Lizenz ist nicht bekannt: Es werden nur Tatsachen übernommen, keine Texte. Bitte beim Partner fragen.")
    if not proposal.guess.map:
        return [*found, "Der Herausgeber, die Lizenz und der Titel der Quelle sind vorgegeben: bitte ansehen."]
    if "offer_type" not in targets:
        found.append("Die Art der Angebote fehlt: unter defaults eine eintragen, zum Beispiel offer_type: course.")
    if not targets & CONTACTS:
        found.append("Kein Feld führt zum Angebot (E-Mail, Telefon, Internet): Unter defaults steht die Website für alle.")
    options = proposal.candidate.options
    if proposal.guess.record_id is None and (proposal.candidate.kind in ("csv", "xlsx", "json", "xml") or "table" in options):
        found.append("Keine Spalte taugt als Kennung (id). Ändert sich ein Titel, gilt das Angebot als neu.")
    return found
