"""A code, a place and a value come in; one sentence for the person who can mend it goes out."""


class SchemaError(Exception):
    """A file of the project or of a city is broken: table, vocabulary, city or source file. The text is one German sentence."""
