"""Comparing the window with pictures of how it should look.

    screenshots.check(gui, "dark", update=…)    # tests/viz/screenshots/dark.png

Compared on Mesa's software rasteriser only: GPUs differ in the last bits of every edge. There
small differences (another Mesa, another LLVM) are tolerated; a moved control or another colour
is not. `pytest --update-screenshots` draws the pictures anew; look at them before committing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

FOLDER = Path(__file__).parent / "screenshots"
SOFTWARE = ("llvmpipe", "softpipe")
PIXEL_TOLERANCE = 24
"""Levels out of 255, after a blur of one pixel, by which a pixel may differ."""
SHARE_TOLERANCE = 0.002
"""The share of pixels that may differ by more."""


def check(gui: Any, name: str, tmp_path: Path, *, update: bool) -> None:
    """Compare the window as it is now with `name`, or save it as `name`. Fails or skips."""
    if not any(kind in gui.app.gl_renderer for kind in SOFTWARE):
        pytest.skip(f"screenshots are compared on {' or '.join(SOFTWARE)} only")
    drawn, wanted = tmp_path / f"{name}.png", FOLDER / f"{name}.png"
    gui.shot(drawn)
    if update:
        FOLDER.mkdir(exist_ok=True)
        with Image.open(drawn) as image:
            # All colours: small pictures have more of them than a palette holds.
            image.convert("RGB").save(wanted, optimize=True)
        return
    assert wanted.exists(), f"{wanted} is missing: run pytest --update-screenshots"
    share = difference(wanted, drawn)
    assert share <= SHARE_TOLERANCE, f"{share:.2%} of {drawn} differ from {wanted}"


def difference(one: Path, other: Path) -> float:
    """The share of pixels that differ visibly; 1 where the sizes do."""
    a, b = _blurred(one), _blurred(other)
    if a.shape != b.shape:
        return 1.0
    worst = np.abs(a.astype(np.int16) - b.astype(np.int16)).max(-1)
    return float((worst > PIXEL_TOLERANCE).mean())


def _blurred(path: Path) -> npt.NDArray[np.uint8]:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").filter(ImageFilter.BoxBlur(1)))
