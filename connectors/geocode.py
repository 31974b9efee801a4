"""An address comes in; what OpenStreetMap knows about it, through Nominatim or Photon, goes out: a point, or why there is none.

Nobody is asked twice: answers are kept for ever, also "not found". One request at a time, and one a second where a public server
answers (https://operations.osmfoundation.org/policies/nominatim/). A pin needs the same street, the same number, the same town:
whatever a geocoder offers instead is no pin.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Literal, Protocol
from urllib.parse import urlencode

import numpy as np

from connectors.contract import SourceError
from connectors.geokinds import KINDS, Candidate
from schemas.addresses import SAME, SHORT, Address, Found, extent, read_numbers, to_key
from schemas.city import City
from schemas.record import Capture
from schemas.vocabulary import fold

log = logging.getLogger(__name__)

OSM = "© OpenStreetMap-Mitwirkende, ODbL 1.0"
REST = 300.0  # seconds a server is left alone after it did not answer

Fetch = Callable[[str], Capture]


class Answers(Protocol):
    """Where answers are kept for ever."""

    def get(self, question: str) -> str | None: ...

    def put(self, question: str, answer: str) -> None: ...


class Geocoder:
    """Finds addresses of one city. May be shared by all sources of a run, also by their threads.

    `fetch` opens an address with an honest User-Agent and raises SourceError where nothing answers; `url` is the server, such as
    https://nominatim.openstreetmap.org or https://photon.komoot.io; `pace` the seconds between two requests.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        kind: Literal["nominatim", "photon"],
        url: str,
        city: City,
        answers: Answers,
        pace: float = 1.0,
        attribution: str = OSM,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._fetch, self._kind, self._name = fetch, KINDS[kind], kind
        self._url = url.rstrip("/")
        self._city, self._town = city, fold(city.name)
        self._answers, self._attribution = answers, attribution
        self._pace, self._clock, self._sleep = pace, clock, sleep
        self._lock = threading.Lock()
        self._next = self._rests_until = float("-inf")

    def __call__(self, address: Address) -> Found:
        """Find one address of the city."""
        candidates = self._known(address)
        if candidates is None:
            return Found("none", problem="geocoder_unavailable")
        return self._choose(address, candidates)

    def _known(self, address: Address) -> list[Candidate] | None:
        """Give the candidates for an address, asked once for ever; None where nobody answers."""
        question = self._question(address)
        with self._lock:
            answer = self._answers.get(question)
            if answer is not None:
                return [Candidate(**{**one, "box": tuple(one["box"])}) for one in json.loads(answer)]
            now = self._clock()
            if now < self._rests_until:
                return None
            if now < self._next:
                self._sleep(self._next - now)
            self._next = self._clock() + self._pace
            parameters = self._kind.ask(address, self._city.name, self._city.box)
            try:
                candidates = self._kind.read(self._fetch(f"{self._url}/{self._kind.path}?{urlencode(parameters)}").read())
            except (SourceError, ValueError) as error:
                log.warning("the geocoder at %s does not answer: %s", self._url, error)
                self._rests_until = self._clock() + REST
                return None
            self._answers.put(question, json.dumps([asdict(one) for one in candidates], ensure_ascii=False))
        return candidates

    def _question(self, address: Address) -> str:
        """Name a question so that the same address in other words is the same question."""
        parts = (to_key(address.street or ""), fold(address.house_number or ""), address.postal_code or "", self._town)
        return " ".join((self._name, self._url, "|".join(parts)))

    def _choose(self, address: Address, candidates: list[Candidate]) -> Found:
        """Decide which of the candidates is the address, if any."""
        inside = [one for one in candidates if self._is_inside(one)]
        if candidates and not inside:
            return Found("none", problem="outside_city")
        street = [one for one in inside if self._is_street(one, address)]
        wanted = read_numbers(address.house_number or "")
        for number in [wanted, *([one] for one in wanted)]:  # the whole number first, then each end of a range
            houses = [one for one in street if number and set(number).issubset(read_numbers(one.house_number))]
            if houses:
                return self._at(houses)
        roads = [one for one in street if not one.house_number]
        problem = "house_number_unknown" if wanted else None
        if not roads:
            return Found("none", problem="address_not_found")
        if not all(one.whole for one in roads):
            return Found("area", problem=problem)
        corners = np.array([corner for one in roads for corner in (one.box[:2], one.box[2:])])
        if extent(corners) > SHORT:
            return Found("area", problem=problem, spread=corners, attribution=self._credit(roads[0]))
        return Found("street", roads[0].longitude, roads[0].latitude, problem, attribution=self._credit(roads[0]))

    def _at(self, houses: list[Candidate]) -> Found:
        points = np.array([(one.longitude, one.latitude) for one in houses])
        if extent(points) > SAME:
            return Found("area", problem="address_ambiguous", spread=points, attribution=self._credit(houses[0]))
        return Found("exact", houses[0].longitude, houses[0].latitude, attribution=self._credit(houses[0]))

    def _is_inside(self, one: Candidate) -> bool:
        west, south, east, north = self._city.box
        town = fold(one.city)
        return west <= one.longitude <= east and south <= one.latitude <= north and (not town or town.startswith(self._town))

    def _is_street(self, one: Candidate, address: Address) -> bool:
        """Whether a candidate lies on the street asked for. Another postcode means another street of that name."""
        same = to_key(one.street) == to_key(address.street or "") != ""
        return same and (not address.postal_code or one.postal_code in ("", address.postal_code))

    def _credit(self, one: Candidate) -> str:
        return one.attribution or self._attribution
