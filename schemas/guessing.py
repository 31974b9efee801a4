"""A survey of a feed comes in; what its fields want to be is gathered here, and each target is given to the field with the best claim.

This is the state that the parts of a guess share: schemas/guess.py names the fields, guess_values.py, guess_places.py, guess_words.py
and guess_dates.py add what values tell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.converters.answer import Setting
from schemas.guessed import Claim, Guess, Guessed
from schemas.headings import PART
from schemas.survey import Field, Survey

CLOSE = 0.06  # two fields so close in score are a tie to be decided
JOINED = ("description",)
MOST_JOINED = 3


@dataclass
class Guessing:
    """A guess while it is being made."""

    survey: Survey
    setting: Setting
    known: Mapping[str, Any] = field(default_factory=dict)  # the default map of the kind
    guess: Guess = field(default_factory=Guess)
    claims: dict[str, list[Claim]] = field(default_factory=dict)  # by target
    roles: dict[str, list[Claim]] = field(default_factory=dict)  # by what only the values can decide: <start>, <place>
    reasons: dict[str, str] = field(default_factory=dict)  # path: why it is not taken
    taken: set[str] = field(default_factory=set)

    def claim(self, target: str, claim: Claim) -> None:
        """Let a field want a target, or a role."""
        (self.roles if target.startswith("<") else self.claims).setdefault(target, []).append(claim)

    def wants(self, one: Field, *targets: str) -> bool:
        """Say whether a field has a claim to one of some targets or roles."""
        found = (claim for name in targets for claim in (*self.claims.get(name, ()), *self.roles.get(name, ())))
        return any(claim.field.path == one.path for claim in found)

    def put(self, target: str, claim: Claim, *more: Claim, join: str | None = None, as_: tuple[Any, ...] | None = None) -> None:
        """Write a line of the map, unless the target is taken."""
        if target in self.guess.targets():
            return
        fields = [claim.field, *(one.field for one in more)]
        self.taken.update(one.path for one in fields)
        example = next(iter(claim.field.texts), "")
        paths = tuple(one.path for one in fields)
        given = claim.as_ if as_ is None else as_
        self.guess.map.append(Guessed(target, paths, given, join, claim.why, claim.share, example))

    def ranked(self, target: str) -> list[Claim]:
        """Give the claims to a target whose fields are free, the best first."""
        wanting = [claim for claim in self.claims.get(target, []) if claim.field.path not in self.taken]
        return sorted(
            wanting, key=lambda claim: (not claim.field.filled, -claim.score, -claim.field.filled, len(claim.field.keys))
        )

    def settle(self, target: str) -> None:
        """Give a target to the field that has the best claim; a text may be joined from several."""
        wanting = self.ranked(target)
        if not wanting:
            return
        first, others = wanting[0], wanting[1:]
        if target in JOINED:
            more = [claim for claim in others if claim.score > PART and claim.field.filled][: MOST_JOINED - 1]
            self.put(target, first, *more, join="\n\n" if more else None)
            others = [claim for claim in others if claim not in more]
        else:
            self.put(target, first)
        self.pass_over(target, first, others)

    def pass_over(self, target: str, first: Claim, others: list[Claim]) -> None:
        """Say why the other fields are not taken, and ask where the choice was close."""
        for claim in others:
            self.reasons[claim.field.path] = f"gleiche Bedeutung wie ‚{first.field.path}‘"
            if claim.field.filled and first.field.filled and first.score - claim.score < CLOSE:
                self.guess.decide.append(
                    f"{target}: ‚{first.field.path}‘ oder ‚{claim.field.path}‘? Genommen ist ‚{first.field.path}‘."
                )
