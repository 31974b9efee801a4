"""Everything a connector must hold, in one line."""

from pathlib import Path

from landkarte_aushang import AushangConnector

from connectors.testing import conformance_suite

TestAushang = conformance_suite(
    AushangConnector,
    cases=Path(__file__).parent / "cases" / "aushang",
    reorder=lambda body: b"\n----\n".join(reversed(body.rstrip(b"\n").split(b"\n----\n"))) + b"\n",
    spoil=lambda body: body + b"----\nwas soll das\n",
    encodings=("utf-8-sig", "cp1252", "utf-16"),
)
