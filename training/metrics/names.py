"""Names of metrics and what they mean. No torch here.

Published ones are called as in the tools that made their names known: `fid50k_full` compares 50k
generated pictures with all real ones. Other numbers of pictures have other names, so that two
values of one name can always be compared. What ends in `_lite` uses another feature network: it
is neither FID nor KID.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from common.errors import UserError
from common.suggest import closest

Kind = Literal["frechet", "kernel", "precision_recall", "inception_score", "path_length"]
NetworkName = Literal["inception", "vgg16", "lpips", "lite"]

MOST: Final = 1_000_000


@dataclass(frozen=True)
class Metric:
    """What is measured, with how many pictures.

    name: as users and files call it.
    shape: the name with a place for the number.
    kind: what is computed.
    network: the feature network.
    generated: pictures that are made, or pairs of them.
    real: at most so many real pictures; None for all there are.
    space, sampling, crop: of path lengths only (`training.metrics.path_length`).
    """

    name: str
    shape: str
    kind: Kind
    network: NetworkName
    generated: int
    real: int | None = None
    space: Literal["z", "w"] = "w"
    sampling: Literal["full", "end"] = "end"
    crop: bool = False

    @property
    def needs_data(self) -> bool:
        """Whether it compares with real pictures."""
        return self.kind in ("frechet", "kernel", "precision_recall")

    def at(self, number: int) -> Metric:
        """This metric with another number of generated pictures, which its name says."""
        return parse(self.shape.format(count(number)))


def count(number: int) -> str:
    """A number as names have it: `10k` for 10,000, `500` for 500."""
    return str(number) if number % 1000 else f"{number // 1000}k"


_COUNT: Final = r"([1-9]\d{0,6}k?)"
_SHAPES: Final[dict[str, tuple[Kind, NetworkName, int | None]]] = {
    "fid{}_full": ("frechet", "inception", None),
    "kid{}_full": ("kernel", "inception", MOST),
    "pr{}3_full": ("precision_recall", "vgg16", 200_000),
    "is{}": ("inception_score", "inception", 0),
    "fd{}_lite": ("frechet", "lite", None),
    "kd{}_lite": ("kernel", "lite", None),
}
_PATHS: Final = re.compile(rf"ppl(2?)_([zw])(full|end)(?:_n{_COUNT})?")
# Fewer make no value: three neighbours beside oneself, ten parts of two.
_FEWEST: Final = {"precision_recall": 4, "inception_score": 20}

PUBLISHED: Final = (
    "fid50k_full",
    "kid50k_full",
    "pr50k3_full",
    "is50k",
    "ppl_zfull",
    "ppl_wfull",
    "ppl_zend",
    "ppl_wend",
    "ppl2_wend",
)
BUILT_IN: Final = ("fd10k_lite", "kd10k_lite", "fd2k_lite", "kd2k_lite")


def parse(name: str) -> Metric:
    """The metric of that name. Raises UserError."""
    for shape, (kind, network, real) in _SHAPES.items():
        if found := re.fullmatch(shape.format(_COUNT), name):
            number = _number(found[1], kind, name)
            real = number if network == "lite" else real
            return Metric(name, shape, kind, network, number, real)
    if found := _PATHS.fullmatch(name):
        number = _number(found[4] or "50k", "path_length", name)
        space: Literal["z", "w"] = "z" if found[2] == "z" else "w"
        sampling: Literal["full", "end"] = "full" if found[3] == "full" else "end"
        shape = name.split("_n")[0] + "_n{}"
        crop = not found[1]
        return Metric(name, shape, "path_length", "lpips", number, 0, space, sampling, crop)
    known = (*PUBLISHED, *BUILT_IN)
    near = [other for other in known if name and other.startswith(name)]
    meant = near[0] if near else closest(name, known)
    hint = f"Did you mean {meant}? " if meant else ""
    raise UserError(
        f"There is no metric {name!r}.",
        f"{hint}There are {', '.join(known)}, and the same with other numbers.",
    )


def parse_all(names: str | Iterable[str]) -> tuple[Metric, ...]:
    """The metrics of a list, or of names with commas between them, each once. Raises UserError.

    "none", as in NVIDIA's tools, stands for no metric.
    """
    listed = names.split(",") if isinstance(names, str) else names
    named = (name.strip() for name in listed)
    return tuple(dict.fromkeys(parse(name) for name in named if name not in ("", "none")))


def _number(text: str, kind: Kind, name: str) -> int:
    number = int(text.removesuffix("k")) * (1000 if text.endswith("k") else 1)
    fewest = _FEWEST.get(kind, 2)
    if not fewest <= number <= MOST:
        raise UserError(
            f"{name} asks for {number:,} pictures.", f"Use {fewest} to {MOST:,}, such as 10k."
        )
    return number
