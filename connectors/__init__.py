"""WHERE FROM? The only room that opens a partner's address.

Reading order: contract (what a connector is), fetch (the one door to the network), then any kind: csv, xlsx, json, ical,
jsonld, html, integreat. A connector asks `ctx.fetch` for captures and parses bytes; what its fields mean is not its business.
"""
