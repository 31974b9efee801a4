"""A dataset of another catalogue comes in, with the addresses of its files; the records of the one that holds offers go out.

What ckan, dcat and datapackage share. A dataset that carries a data package of ours is read whole, without a map; of any other the
best table is read by the reader of its format, and the source file maps it. Every record says where it came from first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.contract import Context, SourceError
from connectors.datafile import read_file
from connectors.datapackage_files import Package, open_package
from connectors.datapackage_tables import is_ours, read_offers
from connectors.distributions import Dataset, Distribution, FileOptions, choose, to_said
from connectors.licensing import to_licence
from connectors.origin import with_origin
from connectors.webpage import fetch_linked
from schemas.problems import Problem
from schemas.record import RawRecord


def passed_over(error: SourceError, name: str) -> Problem:
    """Say why one of several datasets gives nothing; raise the error again where that may pass by itself.

    A file that the portal names and nobody has any more, or a dataset without a table, is for its owner to mend. Everything else ends
    the run, so that nothing is taken for removed.
    """
    problem, where = error.problem, f"Datensatz ‚{name[:80]}‘"
    match problem.code:
        case "not_found" | "gone":
            return replace(problem, locator=where, severity="remark")
        case "bad_config" | "empty_feed":
            return Problem("odd_record", where, note=problem.note or "die Datei ist leer")
    raise error


def read_distribution(
    dataset: Dataset, chosen: Distribution, options: FileOptions, ctx: Context
) -> Iterator[RawRecord | Problem]:
    """Fetch a file of a dataset, and read it; raise SourceError where that cannot be done."""
    capture = fetch_linked(ctx, options, chosen.url)
    if chosen.package is not None:
        package = open_package(capture, options, ctx)
        if is_ours(package.descriptor):
            yield from read_offers(package, proves=dataset.alone)
        else:
            yield from read_resource(package, options, ctx, dataset)
        return
    said = replace(dataset, licence=chosen.licence or dataset.licence)
    yield from with_origin(read_file(capture, chosen.format, options, ctx), said)


def read_resource(
    package: Package, options: FileOptions, ctx: Context, dataset: Dataset | None = None
) -> Iterator[RawRecord | Problem]:
    """Read the table of somebody else's data package that a source file names, or its only one."""
    descriptor = package.descriptor
    entries = {
        Distribution(str(entry.get("name") or ""), str(entry.get("path") or "data"), to_said(entry)): entry
        for entry in package.resources
    }
    if dataset is None:
        dataset = Dataset(package.name, package.catalogue, (), to_licence(descriptor), None)
    dataset = replace(dataset, distributions=tuple(entries))
    tables = [one for one in entries if one.format]
    if options.resource is None and len(tables) > 1:
        names = ", ".join(f"‚{one.name}‘" for one in tables[:10])
        raise SourceError(Problem("bad_config", note=f"Bitte resource angeben: {names}"))
    chosen = choose(replace(dataset, distributions=tuple(tables) or tuple(entries)), options.resource)
    entry = entries[chosen]
    schema, dialect = entry.get("schema"), entry.get("dialect")
    key = schema.get("primaryKey") if isinstance(schema, Mapping) else None
    named = [key] if isinstance(key, str) else key if isinstance(key, list) else []
    keys = tuple(named) if all(isinstance(one, str) for one in named) else ()
    known = options if options.id or not keys else options.model_copy(update={"id": keys})
    said = replace(dataset, licence=to_licence(entry) or dataset.licence)
    capture = package.fetch(entry)
    items = read_file(capture, chosen.format, known, ctx, dialect if isinstance(dialect, Mapping) else {})
    for item in with_origin(items, said):
        if isinstance(item, RawRecord) and "#" in capture.url:  # a part of a capture: of a ZIP, of the descriptor
            yield replace(item, capture=package.capture.sha256)
        else:
            yield item
