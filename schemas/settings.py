"""landkarte.toml and LANDKARTE_… variables in, one checked Settings out. What is set in the environment wins over the file."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from schemas.problems import SchemaError
from schemas.source import to_sentence

PROJECT = Path(__file__).resolve().parents[1]
FILE = "landkarte.toml"


class Settings(BaseSettings):
    """What one installation is told. Every name is also a variable: `data` is LANDKARTE_DATA."""

    model_config = SettingsConfigDict(env_prefix="LANDKARTE_", toml_file=FILE, extra="forbid", frozen=True)

    city: Path = Field(default=Path("cities/duisburg"), description="Ordner der Stadt")
    data: Path = Field(default=Path("data"), description="Ordner für alles, was entsteht")
    catalogue: str = Field(default="local", description="local, none oder die Adresse eines CKAN")
    catalogue_token: str = Field(default="", repr=False, description="Zugang zum CKAN der Stadt; nur aus der Umgebung")
    ckan_port: int = Field(default=5050, ge=1024, le=65535, description="Anschluss des lokalen CKAN")
    ckan_environment: Path = Field(default=PROJECT / ".venv-ckan", description="Umgebung des lokalen CKAN")
    prefect_port: int = Field(default=4200, ge=1024, le=65535, description="Anschluss des Prefect-Servers")
    host: str = Field(default="127.0.0.1", description="Adresse, unter der die Seiten erreichbar sind")
    port: int = Field(default=8000, ge=1, le=65535, description="Anschluss der Seiten")
    site_url: str = Field(default="", description="Öffentliche Adresse der Seiten, falls ein Server davorsteht")
    contact: str = Field(default="", description="Funktionsadresse, die wir Partnern beim Abruf nennen")
    geocoder: Literal["none", "nominatim", "photon"] = Field(default="none", description="Dienst für Adressen ohne Punkt")
    geocoder_url: str = Field(default="", description="Adresse des Dienstes")
    geocoder_pause: float = Field(default=1.0, ge=0, description="Sekunden zwischen zwei Fragen an den Dienst")
    allow_loopback: bool = Field(default=False, description="Nur Demo und Tests: Partner auf diesem Rechner erlauben")
    pause: float = Field(default=1.0, ge=0, description="Sekunden zwischen zwei Abrufen beim selben Partner")
    at_once: int = Field(default=4, ge=1, le=64, description="Quellen, die zugleich abgerufen werden; je Rechner immer nur eine")
    keep_runs: int = Field(default=30, ge=2, description="Läufe, die je Quelle aufgehoben werden")
    keep_publications: int = Field(default=10, ge=2, description="Veröffentlichungen, die aufgehoben werden")

    @field_validator("catalogue")
    @classmethod
    def _known_catalogue(cls, value: str) -> str:
        if value not in ("local", "none") and not value.startswith(("http://", "https://")):
            raise ValueError(f"‚{value}‘ ist weder local noch none noch eine Adresse mit https://")
        return value

    @model_validator(mode="after")
    def _geocoder_has_an_address(self) -> "Settings":
        if self.geocoder != "none" and not self.geocoder_url.startswith(("http://", "https://")):
            raise ValueError("zu geocoder gehört geocoder_url, zum Beispiel https://nominatim.openstreetmap.org")
        return self

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource, **named: PydanticBaseSettingsSource
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return named["init_settings"], named["env_settings"], TomlConfigSettingsSource(settings_cls)


def load_settings(**given: object) -> Settings:
    """Load the settings; `given` (options of the command) wins. Raises SchemaError with one German sentence."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks
    except ValidationError as error:
        raise SchemaError(f"Einstellungen ({FILE} oder LANDKARTE_…): {to_sentence(error)}") from error
    except ValueError as error:
        raise SchemaError(f"{FILE}: Das ist kein gültiges TOML ({error}).") from error


def bundled(name: str) -> Path:
    """The folder `cities/…` or `examples` that comes with the program: beside the code in a checkout, inside the wheel else."""
    beside = PROJECT / name
    return beside if beside.is_dir() else PROJECT / "landkarte" / name
