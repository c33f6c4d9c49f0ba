"""Small data sets, written here with Pillow and zipfile alone, as other tools would."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image


def noise(seed: int, *shape: int) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, shape).astype(np.uint8)


def png(pixels: np.ndarray, mode: str | None = None, **options) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(file, "PNG", **options)
    return file.getvalue()


def jpeg(pixels: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def nvidia_zip(path: Path, images: list[np.ndarray], labels: list | None = None) -> list[str]:
    """What NVIDIA's dataset tool leaves: 00000/img00000000.png … and dataset.json at the end."""
    names = [f"{i // 1000:05d}/img{i:08d}.png" for i in range(len(images))]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for name, pixels in zip(names, images, strict=True):
            file.writestr(name, png(pixels, compress_level=0))
        pairs = None if labels is None else [[n, x] for n, x in zip(names, labels, strict=True)]
        file.writestr("dataset.json", json.dumps({"labels": pairs}))
    return names


def read(data: bytes | Path) -> np.ndarray:
    with Image.open(io.BytesIO(data) if isinstance(data, bytes) else data) as image:
        return np.asarray(image)


def contents(path: Path) -> dict[str, bytes]:
    """The files of a zip or folder by name."""
    if path.is_dir():
        files = (file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
