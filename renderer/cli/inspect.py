"""`inspect`: what is inside a snapshot, without running any of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from common.errors import UserError
from common.runs import locate, stats
from common.runs.facts import training_options
from common.runs.names import kimg_of
from common.words import escaped

if TYPE_CHECKING:
    from networks.formats.contents import Contents, NetworkData
    from networks.snapshots.inside import Entry, TensorRow
    from networks.snapshots.listing import LayerRow, PickleListing


_LEFT_ALONE: Final = "left alone"
"""What becomes of names that are no data, in a file that opens all the same."""


@dataclass(frozen=True)
class Report:
    """Everything `inspect` tells.

    path: of the file.
    file_bytes: its size.
    listing: what a plain unpickler would have run; None for a file without pickles.
    contents: the networks in it; None where they cannot be opened.
    error: why not.
    inside: what the file holds then.
    """

    path: Path
    file_bytes: int
    listing: PickleListing | None
    contents: Contents | None
    error: UserError | None
    inside: list[Entry] = field(default_factory=list)


@click.command()
@click.argument("snapshot")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")
def command(snapshot: str, as_json: bool) -> None:
    """Print what is inside SNAPSHOT (a file, a run directory or RUN/KIMG), running none of it."""
    report = examine(locate.find(snapshot, partial(click.echo, err=True)))
    if as_json:
        click.echo(json.dumps(_as_json(report), indent=2, ensure_ascii=False))
    else:
        for line in _lines(report):
            click.echo(line)
    if report.error is not None:
        raise report.error


def examine(path: Path) -> Report:
    """Look into a file. Raises UserError where it cannot be read at all."""
    from common.errors import UserError
    from networks.formats.contents import NAMES
    from networks.snapshots.inside import entries
    from networks.snapshots.listing import list_pickle
    from networks.snapshots.snapshot import (
        explained,
        read_contents,
        require_generator,
        source_of,
    )

    source = source_of(path)
    listing = list_pickle(source)
    contents, problem = None, None
    try:
        with explained(source.path):
            contents = read_contents(source, NAMES)
            require_generator(contents)
            _layers(contents)
    except UserError as error:
        contents, problem = None, error
    inside = [] if problem is None else entries(source)
    return Report(path, source.size, listing, contents, problem, inside)


def _place(config: Mapping[str, Any], resolution: int) -> str:
    """Width and height of what a network with these settings has where it says `resolution`; one
    number for what is square."""
    match config.get("constant_shape"):
        case [int(rows), int(columns)]:
            width, height = columns * resolution // 4, rows * resolution // 4
            return str(width) if width == height else f"{width}x{height}"
    return str(resolution)


def _layers(contents: Contents) -> dict[str, tuple[list[Any], int, str]]:
    from networks.snapshots.listing import layer_rows

    return {name: layer_rows(data) for name, data in contents.networks.items()}


def _drawing(contents: Contents) -> dict[str, NetworkData]:
    """The networks whose family says what kind of snapshot it is."""
    return {k: data for k, data in contents.networks.items() if data.kind != "augmentation"}


def _facts(report: Report) -> dict[str, Any]:
    """The facts at the top, in order; those that are unknown are left out."""

    from networks.snapshots.snapshot import unread_notes

    contents = report.contents
    assert contents is not None
    run = report.path.parent
    kimg = contents.kimg if contents.kimg is not None else kimg_of(str(report.path))
    p = contents.augment_p
    facts = {
        "format": contents.format,
        "family": ", ".join(sorted({data.family for data in _drawing(contents).values()})),
        "networks": ", ".join(contents.available),
        "kimg": kimg,
        "augment_p": p if p is not None else stats.augment_p(run, kimg),
        "notes": [*contents.notes, *unread_notes(contents)],
        **contents.metadata,
        "training_options": contents.metadata.get("training_options") or training_options(run),
        "run_snapshots": [s.kimg for s in locate.snapshots(run) if s.kimg is not None],
    }
    return {key: value for key, value in facts.items() if value not in (None, [], {}, "")}


# ---------------------------------------------------------------------------------------------
# For people
# ---------------------------------------------------------------------------------------------


def _lines(report: Report) -> Iterable[str]:
    listing = report.listing
    if report.contents is None:
        # What a plain unpickler would run is worth reading where something was refused.
        refused = listing is not None and bool(listing.refused)
        if refused or report.inside:
            yield click.style(report.path.name, bold=True) + f"  ({_bytes(report.file_bytes)})"
        yield from _inside_lines(report.inside)
        if listing is not None and refused:
            yield from _plain_loader(listing, "REFUSED")
        return
    yield click.style(report.path.name, bold=True) + f"  ({_bytes(report.file_bytes)})"
    yield from _fact_lines(_facts(report))
    for name, (rows, parameters, size) in _layers(report.contents).items():
        data = report.contents.networks[name]
        config = data.config
        yield ""
        if data.kind == "augmentation":
            # It has no layers: what it does is what it is switched on for.
            yield click.style(name, bold=True) + f"  {data.kind}, {_pairs(config) or 'all off'}"
            yield from (f"  note: {note}" for note in data.notes)
            continue
        yield click.style(name, bold=True) + f"  {data.kind}, {size}, {parameters:,} parameters"
        yield from textwrap.wrap(_pairs(config), 96, initial_indent="  ", subsequent_indent="  ")
        yield from (f"  note: {note}" for note in data.notes)
        sampled = any(row.sampling for row in rows)
        table = [
            (
                row.name,
                (row.resolution and _place(config, row.resolution)) or "",
                row.channels,
                _shape(row.weight),
                row.dtype,
                f"{row.parameters:,}",
                *(_sampling(row) if sampled else ()),
            )
            for row in rows
        ]
        head: tuple[str, ...] = ("layer", "resolution", "channels", "shape", "dtype", "parameters")
        if sampled:
            head = (*head, "cutoff", "sampling rates")
        yield from _table(head, table, right=(1, 2, 5, 6))
    if listing is not None:
        yield from _plain_loader(listing, _LEFT_ALONE)
        if listing.refused:
            yield ""
            yield f"  {_LEFT_ALONE}: code that a plain unpickler would run. It is not needed here:"
            yield "  the tensors beside it say all that is drawn."


def _sampling(row: LayerRow) -> tuple[str, str]:
    """The cutoff and the rates of a layer."""
    return (f"{row.cutoff:.2f}", row.sampling) if row.sampling and row.cutoff else ("", "")


def _inside_lines(inside: Sequence[Entry]) -> Iterable[str]:
    """What a file holds that cannot be opened: everything at its top, then the tensors."""
    if inside:
        yield from _table(("it holds", "which is"), [(entry.name, entry.what) for entry in inside])
    listed: dict[tuple[TensorRow, ...], str] = {}
    for entry in inside:
        if not entry.tensors:
            continue
        yield ""
        heading = click.style(_text(entry.name or "tensors"), bold=True)
        if entry.tensors in listed:
            first = _text(listed[entry.tensors])
            yield f"{heading}  has tensors of the same names and shapes as {first}"
            continue
        listed[entry.tensors] = entry.name
        yield heading
        table = [(row.name, _shape(row.shape), row.dtype) for row in entry.tensors]
        yield from _table(("tensor", "shape", "dtype"), table)


def _plain_loader(listing: PickleListing, other: str) -> Iterable[str]:
    """other: what to call names that are no data."""
    yield ""
    yield click.style("What a plain unpickler would have run", bold=True) + "  (nothing was run)"
    table = [
        (use.name, use.count, use.calls, "read as data" if use.data else other)
        for use in listing.globals
    ]
    yield from _table(("global", "named", "called", "here"), table, right=(1, 2))
    if listing.sources:
        yield ""
        sources = [
            (_text(s.class_name), s.lines, s.sha256, s.objects)
            for s in sorted(listing.sources, key=lambda s: s.class_name)
        ]
        yield from _table(("embedded class", "lines", "sha256", "objects"), sources, right=(1, 3))


def _table(
    head: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()
) -> Iterable[str]:
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *cells]) for i in range(len(head))]

    def line(row: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return ("  " + "  ".join(padded)).rstrip()

    yield click.style(line(head), dim=True)
    yield from map(line, cells)


def _fact_lines(facts: dict[str, Any], indent: str = "  ") -> Iterable[str]:
    """Facts one below the other, aligned; tables become sections, tables in tables one line."""
    plain = {key: value for key, value in facts.items() if not isinstance(value, dict)}
    width = max((len(_label(key)) for key in plain), default=0)
    for key, value in plain.items():
        start = f"{indent}{_label(key):<{width}}  "
        wrapped = textwrap.wrap(_text(value), 100, break_long_words=False)
        yield start + f"\n{' ' * len(start)}".join(wrapped)
    for key, value in facts.items():
        if isinstance(value, dict):
            yield indent + _label(key)
            shown = {k: _pairs(v) if isinstance(v, dict) else v for k, v in value.items()}
            yield from _fact_lines(shown, indent + "  ")


def _pairs(table: dict[str, Any]) -> str:
    return ", ".join(
        f"{_text(key)}=({_pairs(value)})"
        if isinstance(value, dict)
        else f"{_text(key)}={_text(value)}"
        for key, value in table.items()
    )


def _label(key: str) -> str:
    return {"augment_p": "ADA p"}.get(key, _text(key).replace("_", " "))


def _text(value: object) -> str:
    """Any value as one line that cannot steer a terminal."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_text(item) for item in value)}]"
    return escaped(str(value), 2000)


def _shape(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size:,} bytes"


# ---------------------------------------------------------------------------------------------
# For programs
# ---------------------------------------------------------------------------------------------


def _as_json(report: Report) -> dict[str, Any]:
    result: dict[str, Any] = {"path": str(report.path), "file_bytes": report.file_bytes}
    if report.error is not None:
        result["error"] = {"message": report.error.message, "remedy": report.error.remedy}
    if report.inside:
        result["inside"] = [asdict(entry) for entry in report.inside]
    if report.contents is not None:
        facts = _facts(report)
        result |= facts | {"networks": {}}
        for name, (rows, parameters, _) in _layers(report.contents).items():
            data = report.contents.networks[name]
            result["networks"][name] = {
                "kind": data.kind,
                "family": data.family,
                "class_name": data.class_name,
                "config": data.config,
                "notes": data.notes,
                "parameters": parameters,
                "layers": [asdict(row) for row in rows],
            }
    if report.listing is not None:
        result["plain_loader"] = {
            "globals": [asdict(use) for use in report.listing.globals],
            "sources": [asdict(source) for source in report.listing.sources],
        }
    return result
