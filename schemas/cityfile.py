"""The text of a city.toml comes in; its checked contents go out, or one German sentence that says what is wrong in it."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from schemas.areas import Box
from schemas.problems import SchemaError
from schemas.source import KEY, to_sentence
from schemas.vocabulary import LANGUAGES, licences

FILE = "city.toml"

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Address = Annotated[str, Field(pattern=r"^(https?://\S+)?$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PublisherPart(_Strict):
    """Who answers for map and catalogue."""

    name: str = Field(min_length=2, max_length=200)
    url: Address = ""
    contact: Annotated[str, Field(pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")] = ""


class CataloguePart(_Strict):
    """What the catalogue is called, the licence where no other is given, and the address other catalogues know it by."""

    title: str = Field(min_length=3, max_length=200)
    description: str = Field(min_length=3, max_length=5000)
    licence: str
    id: Address = ""
    former_ids: tuple[Address, ...] = ()

    @field_validator("licence")
    @classmethod
    def _known(cls, value: str) -> str:
        if value not in licences():
            raise ValueError(f"‚{value}‘ ist keine bekannte Lizenz, möglich ist {', '.join(licences())}")
        return value


class AreasPart(_Strict):
    """The polygons of one level for drawing, a list of its areas, the exact polygons; paths start at the city's folder."""

    file: str = ""
    list: str = ""
    exact: str = ""
    exact_code: str = "code"
    exactness_m: float = Field(default=0.0, ge=0)
    attribution: str = ""
    licence: str = ""


class AddressesPart(_Strict):
    """The official house coordinates: a file in the folder, a path or an address."""

    file: str = ""
    attribution: str = ""


class CityFile(_Strict):
    """city.toml, as it is written."""

    key: str = Field(pattern=KEY)
    name: str = Field(min_length=2, max_length=100)
    languages: tuple[str, ...] = Field(min_length=1)
    ags: str = Field(pattern=r"^[0-9]{8}$")
    time_zone: str
    publisher: PublisherPart
    catalogue: CataloguePart
    colours: Mapping[str, Colour] = Field(default_factory=dict)
    box: Box | None = None
    neighbours: tuple[str, ...] = ()
    postcodes: Mapping[Annotated[str, Field(pattern=r"^[0-9]{5}$")], Code] = Field(default_factory=dict)
    districts: AreasPart = AreasPart()
    subdistricts: AreasPart = AreasPart()
    quarters: AreasPart = AreasPart()
    addresses: AddressesPart = AddressesPart()

    @field_validator("languages")
    @classmethod
    def _spoken(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for language in value:
            if language not in LANGUAGES:
                raise ValueError(f"‚{language}‘ gibt es nicht, möglich ist {', '.join(LANGUAGES)}")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError, LookupError):
            raise ValueError(f"‚{value}‘ ist keine Zeitzone, zum Beispiel Europe/Berlin") from None
        return value

    @field_validator("box")
    @classmethod
    def _ordered(cls, value: Box | None) -> Box | None:
        if value and not (-180 <= value[0] < value[2] <= 180 and -90 <= value[1] < value[3] <= 90):
            raise ValueError("die Ecken müssen West, Süd, Ost, Nord in Grad sein")
        return value


def read_city_file(path: Path) -> CityFile:
    """Read a city.toml; raise SchemaError, one German sentence, where it is missing or broken."""
    try:
        return CityFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SchemaError(f"{path}: Hier ist keine Stadt zu finden. Bitte den Ordner der Stadt angeben.") from error
    except ValidationError as error:
        raise SchemaError(f"{path}: {to_sentence(error)}") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise SchemaError(f"{path}: Das ist kein gültiges TOML ({error}). Bitte die Datei berichtigen.") from error
