"""Bookmarks: captured pictures in the user's folder. A bookmark is a PNG with its session in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from viz import capture
from viz.context import Bookmark
from viz.tasks import describe
from viz.texture import Texture

if TYPE_CHECKING:
    from viz.app import App

THUMBNAIL = 256
"""Largest side of a thumbnail on the GPU, in pixels."""

_FORBIDDEN = '<>:"/\\|?*'


class Bookmarks:
    """items: in the order in which they were made (file names sort so)."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._textures: dict[Path, Texture] = {}
        self.items: tuple[Bookmark, ...] = ()

    @property
    def folder(self) -> Path:
        return self._app.store.bookmarks

    def load(self) -> None:
        """Read the folder on a thread; the thumbnails appear when they are read."""
        known = set(self._textures)
        self._app.tasks.run(lambda: _read(self.folder, known), self._show)

    def add(self) -> None:
        """Keep the picture on the screen and its session."""
        app, frame = self._app, self._app.context.frame
        if frame is None:
            app.notify("There is no picture to bookmark yet.", error=True)
            return
        pixels = frame.pixels.copy()
        session = capture.session_of(app.session, frame.request)
        folder = self.folder

        def write() -> Path:
            return capture.write_png(capture.next_path(folder, "bookmark"), pixels, session)

        def written(path: Path) -> None:
            app.notify(f"Bookmarked as {path.stem}.")
            self.load()

        app.tasks.run(write, written)

    def rename(self, path: Path, name: str) -> None:
        clean = "".join("_" if c in _FORBIDDEN else c for c in name).strip(" .")
        target = path.with_name(f"{clean}.png")
        if not clean or target == path:
            return
        if target.exists():
            self._app.notify(f"There is a bookmark named {clean} already.", error=True)
            return
        try:
            os.rename(path, target)
        except OSError as error:
            self._app.notify(describe(error), error=True)
        else:
            self._textures[target] = self._textures.pop(path)
            self._list()

    def remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self._app.notify(describe(error), error=True)
            return
        texture = self._textures.pop(path, None)
        if texture is not None:
            texture.delete()
        self._list()

    def _show(self, thumbnails: dict[Path, npt.NDArray[np.uint8]]) -> None:
        for path, pixels in thumbnails.items():
            texture = self._textures.setdefault(path, Texture())
            texture.upload(pixels)
        self._list()

    def _list(self) -> None:
        self.items = tuple(
            Bookmark(str(path), path.stem, texture.name, texture.width, texture.height)
            for path, texture in sorted(self._textures.items(), key=lambda item: item[0].name)
        )


def _read(folder: Path, known: set[Path]) -> dict[Path, npt.NDArray[np.uint8]]:
    thumbnails = {}
    for path in sorted(folder.glob("*.png")) if folder.is_dir() else ():
        if path not in known:
            with Image.open(path) as image:
                image.thumbnail((THUMBNAIL, THUMBNAIL))
                thumbnails[path] = np.array(image.convert("RGBA"))
    return thumbnails
