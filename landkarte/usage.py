"""A mistake on the command line comes in, as typer raises it; one sentence in the reader's language goes out.

Typer speaks English only. What it raises is told by its name, because its classes stand in a module of its own that may move.
"""

from typing import Any

from landkarte.words import english, t

NUMBERS = {
    "int": "eine ganze Zahl",
    "integer": "eine ganze Zahl",
    "float": "eine Zahl",
    "path": "ein Pfad",
    "boolean": "ja oder nein",
}


def is_usage(error: Exception) -> bool:
    """Say whether an error is one of the command line, and none of ours."""
    return hasattr(error, "format_message") and hasattr(error, "exit_code")


def told(error: Any) -> str:
    """Say what is wrong, and where help stands."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "landkarte") if context is not None else "landkarte"
    if type(error).__name__ == "NoArgsIsHelpError":
        return str(error.format_message())
    sentence = error.format_message() if english() else _german(error)
    return f"{sentence} {t(f'Hilfe: {path} -h', f'Help: {path} -h')}"


def _german(error: Any) -> str:
    parameter = getattr(error, "param", None)
    name = _name(parameter) or getattr(error, "param_hint", None) or ""
    match type(error).__name__:
        case "MissingParameter":
            return f"Es fehlt die Angabe {name}." if name else "Es fehlt eine Angabe."
        case "NoSuchOption":
            near = getattr(error, "possibilities", None)
            hint = f" Gemeint ist vielleicht {near[0]}." if near else ""
            return f"Die Option {error.option_name} gibt es nicht.{hint}"
        case "BadOptionUsage":
            return f"Die Option {error.option_name} braucht einen Wert."
        case "BadParameter":
            kind = str(getattr(getattr(parameter, "type", None), "name", "")).partition(" ")[0]
            words = str(error.message)
            kind = next((one for one in NUMBERS if one == kind or f"valid {one}" in words), "")
            if kind:
                return f"{name} muss {NUMBERS[kind]} sein."
            return f"{name}: {error.message}" if name else str(error.message)
        case _:
            words = str(error.format_message())
            if words.startswith("No such command"):
                return f"Den Befehl {words.removeprefix('No such command ').split('.')[0]} gibt es nicht."
            if words.startswith("Got unexpected extra argument"):
                return f"Das ist eine Angabe zu viel: {words.rpartition('(')[2].rstrip(').')}."
            return words


def _name(parameter: Any) -> str:
    """Give what a person types: --limit, or the name of an argument."""
    if parameter is None:
        return ""
    options = [one for one in getattr(parameter, "opts", ()) if one.startswith("-")]
    return options[0] if options else f"‚{getattr(parameter, 'human_readable_name', '') or parameter.name}‘"
