"""Images and labels of a data set, as the trainer reads them: a zip or a folder.

The layout is the one that NVIDIA's tools write: images of one square size, a power of two, grey or
RGB, in any folders, and `dataset.json` with the labels. The `dataset` command makes it. RGBA is
read where `dataset --channels 4` made it; elsewhere it is most likely not meant.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import numpy as np
from PIL import Image, UnidentifiedImageError

from common.errors import UserError
from common.images.image_file import BROKEN, BombError, open_image, upright
from common.words import escaped
from training.data.archive import Archive, UnreadableError
from training.data.labels import has_alpha, label_array, label_files, read_labels
from training.data.sampler import permutation

_CHANNELS = {"L": 1, "RGB": 3, "RGBA": 4}
_HEAD = 1 << 13  # bytes that hold the header of nearly every file


class NoLabelsError(UserError):
    """Labels are asked for, and the data has none."""


class ImageDataset:
    """Random access to images and labels: (uint8 [C, H, W], float32 [label_dim]).

    path: the zip or folder.
    name: what the data set is called, without folders and extension.
    names: the file of each image that is kept, without mirrored copies.
    raw_count: how many images the archive has.
    channels: 1, 3, or 4 with transparency.
    resolution: pixels a side.
    labels: int64 [N] of classes or float32 [N, label_dim]; None where they are not used.
    label_dim: numbers in a label; 0 where labels are not used.
    mirror: whether every image is there again, flipped left to right, as the second half.

    Opening reads the list of files, the labels and the first image; every image is checked when it
    is read, and `verify` checks all of them at once. Raises UserError naming the file and field.
    Pickles without its open file: each worker process opens its own.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        use_labels: bool = False,
        mirror: bool = False,
        max_size: int | None = None,
        seed: int = 0,
        resolution: int | None = None,
    ) -> None:
        """Open a zip or a folder. Raises UserError.

        use_labels: read the labels, which have to be there.
        mirror: add every image once more, flipped.
        max_size: keep so many images, before mirroring, drawn by `seed`; None keeps all.
        resolution: refuse images of any other number of pixels a side.
        """
        self.archive = Archive(path)
        self.path = self.archive.path
        self.name = self.path.stem if self.archive.is_zip else self.path.resolve().name
        self.mirror = mirror
        names = self.archive.images()
        self.raw_count = len(names)
        if not names:
            raise UserError(f"{self.path} holds no images.", _MAKE)
        if max_size is not None and max_size < 1:
            raise UserError(f"A subset of {max_size} images is asked for.", "Use 1 or more.")
        self.labels = self._labels(names) if use_labels else None
        self.label_dim = 0
        if self.labels is not None:
            self.label_dim = (
                self.labels.shape[1] if self.labels.ndim == 2 else self.labels.max() + 1
            )
            self.label_dim = int(self.label_dim)
        self.names = names
        self.channels, self.resolution = self._first()
        if resolution is not None and resolution != self.resolution:
            raise UserError(
                f"The images of {self.path} have {self.resolution} pixels a side, not "
                f"{resolution}.",
                f"Prepare them with `dataset --width {resolution} --height {resolution}`.",
            )
        if max_size is not None and max_size < len(names):
            self._keep(np.sort(permutation(len(names), seed, 0)[:max_size]))

    def _labels(self, names: list[str]) -> np.ndarray:
        found = read_labels(self.archive, names)
        if found is None:
            raise NoLabelsError(
                f"{self.path} has no labels.",
                "Prepare it with `dataset --labels folders`, or train without --cond.",
            )
        return label_array(found, names)

    def _first(self) -> tuple[int, int]:
        name = self.names[0]
        with self._open(name) as image:
            (width, height), mode = image.size, image.mode
        if mode not in _CHANNELS or (mode == "RGBA" and not has_alpha(self.archive)):
            raise UserError(
                f"{self._where(name)} is {mode}, neither grey nor RGB.",
                _MAKE + (" Its --channels 4 keeps transparency." if mode == "RGBA" else ""),
            )
        if width != height or width < 4 or width & (width - 1):
            raise UserError(
                f"{self._where(name)} has {width}×{height} pixels; networks need a square whose "
                "side is a power of two.",
                "Prepare the images with `dataset --transform center-crop --width N --height N`.",
            )
        return _CHANNELS[mode], width

    def __len__(self) -> int:
        return len(self.names) * (2 if self.mirror else 1)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """An image, uint8 [C, H, W], and its label, float32 [label_dim].

        Raises UserError where it cannot be read, and IndexError.
        """
        raw, flipped = self._raw(index)
        pixels = self._read(self.names[raw])
        if flipped:
            pixels = pixels[:, :, ::-1]
        return np.ascontiguousarray(pixels), self.label_of(index)

    def label_of(self, index: int) -> np.ndarray:
        """The label of an image, float32 [label_dim]: one-hot for a class, else the vector."""
        raw, _ = self._raw(index)
        if self.labels is None:
            return np.zeros(0, np.float32)
        if self.labels.ndim == 2:
            return np.array(self.labels[raw], np.float32)
        one_hot = np.zeros(self.label_dim, np.float32)
        one_hot[self.labels[raw]] = 1
        return one_hot

    def verify(self) -> None:
        """Check the header of every image. Raises UserError for the first that does not fit."""
        for name in self.names:
            with self._open(name, _HEAD) as image:
                self._check(name, image)

    def fingerprint(self) -> str:
        """A text that changes when an image or the labels do (`Archive.fingerprint`)."""
        labels = [] if self.labels is None else label_files(self.archive)
        return self.archive.fingerprint([*self.names, *labels])

    def restrict(self, indices: Iterable[int]) -> Self:
        """The data set of the images at `indices` alone, in that order, unmirrored as here.

        `indices` count images without their mirrored copies, as those of `split` do; `mirror`,
        `label_dim` and `raw_count` stay.
        """
        other = type(self).__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.archive = Archive.__new__(Archive)
        other.archive.__dict__.update(self.archive.__getstate__())
        other._keep(np.fromiter(indices, np.int64))
        return other

    def _keep(self, raw: np.ndarray) -> None:
        if not raw.size:
            raise UserError(f"No image of {self.path} is left.", "Use a larger subset.")
        self.names = [self.names[i] for i in raw]
        if self.labels is not None:
            self.labels = self.labels[raw]

    def _raw(self, index: int) -> tuple[int, bool]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return index % len(self.names), index >= len(self.names)

    def _read(self, name: str) -> np.ndarray:
        with self._open(name) as image:
            self._check(name, image)
            try:
                image.load()
                turn = upright(image)
                pixels = np.asarray(image if turn is None else image.transpose(turn))
            except BROKEN as error:
                raise UserError(
                    f"{self._where(name)} is damaged: {escaped(str(error), 200)}.", _MAKE
                ) from error
        return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)

    def _open(self, name: str, limit: int = -1) -> Image.Image:
        try:
            return open_image(self.archive.read(name, limit), whole=limit < 0)
        except (UnreadableError, BombError, *BROKEN) as error:
            if limit >= 0:  # a header after much metadata
                return self._open(name)
            # Pillow's own words name an object of Python.
            unknown = isinstance(error, UnidentifiedImageError)
            why = "it is no picture of a kind that is read" if unknown else str(error)
            raise UserError(
                f"{self._where(name)} cannot be read: {escaped(why, 200)}.", _MAKE
            ) from error

    def _check(self, name: str, image: Image.Image) -> None:
        size = self.resolution
        if image.size != (size, size):
            raise UserError(
                f"{self._where(name)} has {image.width}×{image.height} pixels, "
                f"{escaped(self.names[0])} {size}×{size}.",
                f"Prepare the images with `dataset --width {size} --height {size}`.",
            )
        if _CHANNELS.get(image.mode) != self.channels:
            modes = {channels: mode for mode, channels in _CHANNELS.items()}
            raise UserError(
                f"{self._where(name)} is {image.mode}, {escaped(self.names[0])} "
                f"{modes[self.channels]}.",
                _MAKE,
            )

    def _where(self, name: str) -> str:
        return f"{escaped(name)} of {self.path}"


def split(dataset: ImageDataset, fraction: float, seed: int = 0) -> tuple[list[int], list[int]]:
    """The indices to train on and those to hold out, each in order, for `ImageDataset.restrict`.

    The round(fraction * N) images whose names hash lowest are held out, so a split survives adding
    images, nearly. At least one image is on each side. Raises UserError where that cannot be.
    """
    count = len(dataset.names)
    if not 0 < fraction < 1 or count < 2:
        raise UserError(
            f"A fraction {fraction:g} of {count} images cannot be held out.",
            "Use a fraction between 0 and 1, and two images or more.",
        )
    key = str(seed).encode()
    ranks = [
        hashlib.blake2b(os.fsencode(name), key=key, digest_size=8).digest()
        for name in dataset.names
    ]
    held = min(max(round(fraction * count), 1), count - 1)
    validation = sorted(sorted(range(count), key=lambda i: (ranks[i], i))[:held])
    chosen = set(validation)
    return [i for i in range(count) if i not in chosen], validation


_MAKE = "Make the data anew with the `dataset` command."
