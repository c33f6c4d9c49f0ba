"""From a source to a written data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec

from common.errors import UserError
from training.data.labels import Label
from training.prepare.convert import SUFFIXES, Converted, Settings, as_rgb, convert
from training.prepare.item import Item, Source
from training.prepare.pool import ordered
from training.prepare.report import Report
from training.prepare.transform import check_size
from training.prepare.write import Writer

_CHUNK = 8  # images to a task: sending one costs as much as decoding a tiny image
_CHUNK_BYTES = 1 << 22

Task = tuple[list[Item], Settings]
Outcome = tuple[Item, Converted]


def prepare(
    source: Source,
    dest: Path,
    settings: Settings,
    *,
    max_images: int | None = None,
    workers: int = 1,
    force: bool = False,
    progress: Callable[[Converted], None] = lambda _: None,
) -> Report:
    """Write the images of `source` to `dest`, in their order.

    max_images: stop after so many that are usable; None takes all.
    workers: processes that convert images; 1 for this one alone.
    force: replace a data set that is there.
    progress: called with every image, used or skipped.
    Raises UserError where no image is usable, sizes differ or cannot be trained on, or `dest`
    cannot be written; nothing is left then.
    """
    settings.check()
    run = _Run(settings, source.classes, max_images)
    run.report.general, run.report.span = [*source.notes], settings.span
    with Writer(dest, SUFFIXES[settings.format], force=force) as writer:
        outcomes = ordered(_convert_all, run.tasks(source), workers)
        try:
            for outcome in (one for several in outcomes for one in several):
                run.take(*outcome, writer)
                progress(outcome[1])
                if run.full:
                    break
        finally:
            outcomes.close()
        if not run.report.written:
            raise UserError(
                "No image could be used"
                + (f": {run.report.reasons()}." if run.report.skips else ": there is none."),
                "Check --source: a folder, zip or archive of PNG, JPEG, WebP, BMP or TIFF files.",
            )
        writer.finish(run.metadata(writer.names))
    return run.report


class _Run:
    """What is known so far: the size and colour of all images, labels, and the report."""

    def __init__(
        self, settings: Settings, classes: list[str] | None, max_images: int | None
    ) -> None:
        self.settings, self.classes, self.max_images = settings, classes, max_images
        self.report = Report()
        self.labels: list[Label | None] = []
        self.first = ""

    @property
    def full(self) -> bool:
        """Whether as many images are written as were asked for."""
        return self.max_images is not None and self.report.written >= self.max_images

    def tasks(self, source: Source) -> Iterator[Task]:
        """Items in small groups, each with the settings as they are when it is drawn."""
        items: list[Item] = []
        size = 0
        for item in source:
            items.append(item)
            size += len(item.payload) if isinstance(item.payload, bytes) else 0
            if len(items) == _CHUNK or size >= _CHUNK_BYTES:
                yield items, self.settings
                items, size = [], 0
        if items:
            yield items, self.settings

    def take(self, item: Item, image: Converted, writer: Writer) -> None:
        """Write the next image, or count it as skipped. Raises UserError where it does not fit."""
        report = self.report
        if image.reason:
            report.skip(image.name, image.reason)
            return
        if not report.written:
            check_size(*image.size, image.name)
            report.size, report.mode, self.first = image.size, image.mode, image.name
        if image.size != report.size:
            (width, height), (w, h) = report.size, image.size
            raise UserError(
                f"{image.name} has {w}×{h} pixels, {self.first} {width}×{height}.",
                f"Bring all to one size: --transform center-crop --width {width} "
                f"--height {height}.",
            )
        data = image.data
        if image.mode != report.mode:
            # From the first colour image on everything is RGB, and what is written becomes so.
            if report.mode == "L":
                writer.rewrite(lambda old: as_rgb(old, self.settings))
                report.mode = "RGB"
                self.settings = replace(self.settings, channels=3)
            else:
                data = as_rgb(data, self.settings)
        writer.add(data)
        self.labels.append(item.label)
        report.written += 1
        for note in image.notes:
            report.note(image.name, note)
        if image.highest is not None:
            report.highest = max(report.highest or 0, image.highest)

    def metadata(self, names: list[str]) -> bytes:
        """dataset.json: labels in NVIDIA's form, and what else is known of classes and channels."""
        contents: dict[str, object] = {"labels": None}
        if self.settings.channels == 4:
            contents["channels"] = 4
        if any(label is not None for label in self.labels):
            contents["labels"] = [
                [name, label] for name, label in zip(names, self.labels, strict=True)
            ]
            self.report.classes = len({label for label in self.labels if isinstance(label, int)})
            if self.classes is not None:
                contents["classes"] = self.classes
        return msgspec.json.encode(contents)


def _convert_all(task: Task) -> list[Outcome]:
    items, settings = task
    outcomes: list[Outcome] = []
    for item in items:
        if item.payload is None:
            outcomes.append((item, Converted(item.name, reason=item.reason)))
        else:
            # The pixels stay here: only the name and the label are of use to the writer.
            bare = Item(item.name, label=item.label)
            outcomes.append((bare, convert(item.name, item.payload, settings)))
    return outcomes
