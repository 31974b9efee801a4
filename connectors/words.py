"""Numbers and days come in; the German words that a connector's reason says them with go out."""

from datetime import date

MONTHS = ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember")


def to_german_day(day: date, *, today: date) -> str:
    """Say a day: „26. November“, with its year where that is not this one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day}. {MONTHS[day.month - 1]}{year}"


def to_german_count(number: int, one: str, many: str) -> str:
    """Say how many: „34 Terminen“, „einem Termin“."""
    return one if number == 1 else f"{number:,} {many}".replace(",", ".")
