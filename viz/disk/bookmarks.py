"""Bookmarks: captured pictures in the user's folder. A bookmark is a PNG with its session in it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

import numpy as np
import numpy.typing as npt
from PIL import Image

from common import units
from common.errors import UserError
from renderer.messages.model import ModelInfo
from renderer.messages.request import Plane, Seed, Source
from viz.desk.facts import Bookmark
from viz.desk.notify import Notify
from viz.desk.tasks import Failed, Tasks, describe
from viz.disk import pictures
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.session.changes import motion
from viz.session.parameters.latent import source_words
from viz.session.session import Session

REMOVED = 10
"""Removed bookmarks that can be brought back."""
_FORBIDDEN = '<>:"/\\|?*'


@dataclass(frozen=True)
class _Read:
    """A bookmark as it was read from the disk.

    path: of the PNG.
    thumbnail: [height, width, 4] uint8.
    session: what it restores, None where it holds none.
    created: in seconds since 1970.
    """

    path: Path
    thumbnail: npt.NDArray[np.uint8]
    session: Session | None
    created: float


class Bookmarks:
    """The bookmarks in a folder.

    folder: where they are kept.
    models: facts on the networks, by path.
    items: the bookmarks, oldest first.
    """

    def __init__(
        self,
        folder: Path,
        models: Mapping[str, ModelInfo],
        tasks: Tasks,
        notify: Notify,
    ) -> None:
        self.folder = folder
        self._models = models
        self._tasks = tasks
        self._notify = notify
        self._textures: dict[str, Texture] = {}
        self._removed: list[Path] = []
        self.items: tuple[Bookmark, ...] = ()

    def load(self) -> None:
        """Read what is new in the folder on a thread; the pictures appear when they are read."""
        known = {bookmark.path for bookmark in self.items}
        self._tasks.run(lambda: _read(self.folder, known), self._show)

    def add(self, frame: Frame, session: Session) -> None:
        """Keep a picture and its session, of which the request is the picture's own."""
        pixels = frame.pixels.copy()
        session = pictures.session_of(session, frame.request)
        folder, name = self.folder, self._name(frame)

        def write() -> Path:
            return pictures.write_png(_free_path(folder, name), pixels, session)

        def written(path: Path) -> None:
            self._notify(f"Bookmarked as {path.stem}.")
            self.load()

        self._tasks.run(write, written, about="Bookmarking the picture")

    def _name(self, frame: Frame) -> str:
        """Name a picture by what it is: `seed 13 · 40 kimg`."""
        request, model = frame.request, self._models.get(frame.request.snapshot)
        network = PurePath(request.snapshot).stem
        if model is not None and model.kimg is not None:
            network = units.kimg(model.kimg)
        looked_at = [request.view.layer] if request.view is not None else []
        return _clean(" · ".join((_latent(request.source), network, *looked_at)))

    def rename(self, path: Path, name: str) -> None:
        """Give a bookmark another name; letters that file systems refuse become `_`."""
        clean = _clean(name)
        target = path.with_name(f"{clean}.png")
        if not clean or target == path:
            return

        def move() -> None:
            if target.exists():
                raise UserError(f"There is a bookmark named {clean} already.")
            os.replace(path, target)

        def moved(_: None) -> None:
            self._textures[str(target)] = self._textures.pop(str(path))
            self.items = tuple(
                replace(b, path=str(target), name=clean) if b.path == str(path) else b
                for b in self.items
            )

        self._tasks.run(move, moved, about=f"Renaming {path.name}")

    def remove(self, path: Path) -> None:
        """Move a bookmark to where `undelete` finds it; the last ten stay there."""
        target = self.folder / "removed" / path.name
        if all(bookmark.path != str(path) for bookmark in self.items):
            return  # it is being removed already

        def move() -> None:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, target)

        def moved(_: None) -> None:
            self._removed.append(target)
            self._forget_oldest()
            self.items = tuple(b for b in self.items if b.path != str(path))
            self._textures.pop(str(path)).delete()
            self._notify(f"Removed the bookmark {path.stem}.")

        self._tasks.run(move, moved, about=f"Removing {path.name}")

    def undelete(self) -> None:
        """Bring back what was removed last in this run of the program."""
        if not self._removed:
            return
        path = self._removed.pop()

        def move() -> None:
            target = _free_path(self.folder, path.stem)
            os.replace(path, target)

        def failed(error: Failed) -> None:
            self._removed.append(path)
            self._notify(describe(error), error=True)

        self._tasks.run(move, lambda _: self.load(), failed, about=f"Bringing back {path.name}")

    def _forget_oldest(self) -> None:
        """Delete for good what was removed before the last ten."""
        gone, self._removed = self._removed[:-REMOVED], self._removed[-REMOVED:]

        def delete() -> None:
            for path in gone:
                path.unlink(missing_ok=True)

        if gone:
            self._tasks.run(delete, lambda _: None)

    def _show(self, found: list[_Read]) -> None:
        known = {b.path for b in self.items}
        new = []
        for read in found:
            path = str(read.path)
            if path in known:
                continue
            texture = self._textures[path] = Texture()
            texture.upload(read.thumbnail)
            size = texture.width, texture.height
            new.append(
                Bookmark(path, read.path.stem, texture.name, *size, read.session, read.created)
            )
        self.items = tuple(sorted((*self.items, *new), key=lambda b: (b.created, b.name)))


def _latent(source: Source) -> str:
    if isinstance(source, Plane) and motion.snapped(source) == source:
        source = Seed(motion.to_seed(source) or 0)
    return source_words(source)


def _clean(name: str) -> str:
    """Return a name that every file system takes."""
    return "".join("_" if c in _FORBIDDEN or c < " " else c for c in name).strip(" .")


def _free_path(folder: Path, name: str) -> Path:
    """Return the path of a new bookmark: NAME.png, or NAME (2).png … where that is taken."""
    names = (name if number == 1 else f"{name} ({number})" for number in itertools.count(1))
    return next(path for n in names if not (path := folder / f"{n}.png").exists())


def _read(folder: Path, known: set[str]) -> list[_Read]:
    """The pictures that are not known yet. One that cannot be read is left out."""
    if not folder.is_dir():
        return []
    fresh = (path for path in sorted(folder.glob("*.png")) if str(path) not in known)
    paths = [path for path in fresh if path.is_file()]  # a pipe would never end
    return [read for read in map(_read_one, paths) if read is not None]


def _read_one(path: Path) -> _Read | None:
    try:
        with Image.open(path) as image:
            pixels = np.array(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    try:
        session = pictures.read_session(path)
    except (UserError, OSError):
        session = None
    return _Read(path, pictures.thumbnail(pixels), session, path.stat().st_mtime)
