"""Values of command-line options, and errors that say which part is wrong."""

from __future__ import annotations

import math
import re
from pathlib import Path

from common.errors import UserError
from common.regular import require_regular
from common.units import counted
from renderer.messages.model import ModelInfo
from renderer.messages.request import ClassLabel, Transform, Truncation

MAX_SEED = 2**32 - 1
# More pictures than this in one call are a typing mistake.
MAX_NUMBERS = 1_000_000


def numbers(text: str, option: str, largest: int = MAX_SEED, what: str = "Seeds") -> list[int]:
    """`0-31,40` -> [0, 1 … 31, 40]. Raises UserError that quotes the part that is wrong."""
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part, re.ASCII)
        if match is None:
            raise UserError(
                f"{option}: {part.strip()!r} is no number and no range.", "Write 0-31,40."
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise UserError(f"{option}: the range {part.strip()!r} runs backwards.")
        if last > largest:
            raise UserError(
                f"{option}: {part.strip()!r} is too large.", f"{what} go from 0 to {largest}."
            )
        if len(found) + last - first + 1 > MAX_NUMBERS:
            raise UserError(f"{option}: more than {MAX_NUMBERS:,} numbers.", "Split the call.")
        found.extend(range(first, last + 1))
    return list(dict.fromkeys(found))


def point(text: str, option: str = "--point") -> tuple[float, float]:
    """`X,Y` -> (x, y). Raises UserError that quotes what is wrong."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise UserError(f"{option}: {text!r} is no point.", "Write X,Y such as 1.5,-2.") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise UserError(f"{option}: {text!r} is not finite.")
    return x, y


def transform(translate: str | None, rotate: float, zoom: float, model: ModelInfo) -> Transform:
    """The transform that --translate, --rotate and --zoom ask for.

    translate: `X,Y`. rotate: degrees. Raises UserError for what is no number, for a zoom that is
    not above 0, and for a network that cannot move its pictures.
    """
    x, y = (0.0, 0.0) if translate is None else point(translate, "--translate")
    if not math.isfinite(rotate):
        raise UserError(f"--rotate: {rotate} is not finite.")
    if not (math.isfinite(zoom) and zoom > 0):
        raise UserError(f"--zoom: {zoom} is no factor above 0.", "1 leaves the size as it is.")
    asked = Transform(x, y, rotate, zoom)
    if asked != Transform() and not model.transforms:
        raise UserError(
            f"{model.name} cannot move its pictures: it is no StyleGAN3 or StyleGAN-XL network.",
            "Leave --translate, --rotate and --zoom out.",
        )
    return asked


def truncation(psi: float, cutoff: int | None, model: ModelInfo) -> Truncation:
    """The truncation that --trunc and --trunc-cutoff ask for.

    psi: 1 leaves w as it is.
    cutoff: how many rows of w are truncated; None: all.
    Raises UserError for a psi that is not finite and a cutoff beyond the rows of w.
    """
    if not math.isfinite(psi):
        raise UserError(f"--trunc: {psi} is no finite number.", "1 leaves w as it is.")
    if cutoff is not None and not 0 <= cutoff <= model.num_ws:
        raise UserError(
            f"--trunc-cutoff: {cutoff} is out of range.",
            f"{model.name} has {counted(model.num_ws, 'row')} of w: 0 to {model.num_ws}.",
        )
    return Truncation(psi, cutoff)


def label(text: str | None, model: ModelInfo) -> ClassLabel | None:
    """The class that --class names: `3`, or `3:5:0.25` for a quarter of the way from 3 to 5.

    None where the network has no classes; where it has some, one has to be named. Raises UserError.
    """
    classes = f"Its classes are 0 to {model.c_dim - 1}."
    if not model.c_dim:
        if text is not None:
            raise UserError(f"--class: {model.name} has no classes.", "Leave --class out.")
        return None
    if text is None:
        raise UserError(f"{model.name} is conditional: --class is needed.", classes)
    match = re.fullmatch(r"(\d+)(?::(\d+):(\d*\.?\d+))?", text.strip(), re.ASCII)
    if match is None:
        raise UserError(f"--class: {text!r} is no class.", f"Write 3, or 3:5:0.25. {classes}")
    first, second = int(match[1]), int(match[2]) if match[2] else None
    for number in (first, second):
        if number is not None and number >= model.c_dim:
            raise UserError(f"--class: {model.name} has no class {number}.", classes)
    t = float(match[3] or 0)
    if t > 1:
        raise UserError(f"--class: the blend {t:g} is out of range.", "It goes from 0 to 1.")
    return ClassLabel(first, second, t)


def existing(path: str, option: str) -> str:
    """Return the absolute path of a file that is there.

    option: what names it, for the error.
    Raises UserError where there is none, or something else.
    """
    if not path.strip():
        raise UserError(f"{option}: no file is named.")
    file = Path(path).expanduser().absolute()
    require_regular(file)
    if file.is_dir():
        raise UserError(f"{option}: {file} is a folder.", "Name a file in it.")
    if not file.is_file():
        raise UserError(f"{option}: {file} does not exist.", "Check how its name is spelled.")
    return str(file)
