"""A code, a place and a value come in; one sentence for the person who can mend it goes out."""


class SchemaError(Exception):
    """One of the project's own files is broken: a table, a vocabulary, a city or a source file. The text is one German sentence."""
