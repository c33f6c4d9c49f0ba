"""The command line that makes the same picture as a session."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterable

import msgspec

from renderer.messages.protocol import EngineOptions, ModelInfo
from renderer.messages.request import (
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Truncation,
)
from viz.session.session import Session

PROGRAM = ("python", "visualizer.py")
OUTDIR = "out"


def as_command(
    session: Session, model: ModelInfo | None, options: EngineOptions | None = None
) -> str:
    """`generate` or `style-mix` with the flags that people write; for what these cannot say,
    `generate --request` with the whole request. Quoted for a POSIX shell.

    model: of the session's snapshot; without it the request is always written out.
    """
    request = session.render
    flags = _flags(request, model) if model is not None else None
    if flags is None:
        flags = ["generate", "--request", msgspec.json.encode(request).decode()]
    return shlex.join([*PROGRAM, *flags, *_engine(options), "--outdir", OUTDIR])


def _flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    """The command and its flags, None where they cannot express the request."""
    if request.view is not None or any(e.scale != 1 for e in request.edits):
        return None
    network = ["--network", request.snapshot]
    noise = _noise(request.noise)
    mixed = [m for m in request.mix if m.enabled and any(w > 0 for w in m.weights[: model.num_ws])]
    if isinstance(request.source, SavedW):
        plain = request.truncation == Truncation() and not mixed and request.source.index == 0
        if noise is None or not plain:
            return None
        return ["generate", *network, "--projected-w", request.source.path, *noise]
    truncation, label = _truncation(request.truncation), _label(request, model)
    if noise is None or truncation is None or label is None:
        return None
    look = [*truncation, *label, *noise]
    if not mixed:
        return ["generate", *network, *_latent(request.source), *look]
    pair = _pair(request.source, mixed, model.num_ws)
    return ["style-mix", *network, *pair, *look] if pair else None


def _latent(source: Seed | Plane) -> list[str]:
    if isinstance(source, Seed):
        return ["--seeds", str(source.seed)]
    point = f"--point={float(source.x)!r},{float(source.y)!r}"
    return [point] if source.step == Plane().step else [point, "--step", str(source.step)]


def _truncation(truncation: Truncation) -> list[str] | None:
    if truncation.curve is not None:
        return None
    flags = [] if truncation.psi == 1 else [f"--trunc={float(truncation.psi)!r}"]
    if truncation.cutoff is not None:
        flags += ["--trunc-cutoff", str(truncation.cutoff)]
    return flags


def _label(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    if not model.c_dim:
        return []
    label = request.label
    if label is None:
        return ["--class", "0"]
    if label.second is None or label.t == 0:
        return ["--class", str(label.first)]
    blend = repr(float(label.t))
    # Very small shares would be written with an exponent, which the flag does not take.
    if "e" in blend or not 0 <= label.t <= 1:
        return None
    return ["--class", f"{label.first}:{label.second}:{blend}"]


def _noise(noise: Noise) -> list[str] | None:
    if noise.mode == "none" or noise.strength == 0:
        return ["--noise-mode", "none"]
    if noise.strength != 1 or any(scale != 1 for _, scale in noise.layers):
        return None
    if noise.mode == "random":
        return ["--noise-mode", "random", "--noise-seed", str(noise.seed)]
    return []


def _pair(source: Seed | Plane, mixed: list[MixSource], num_ws: int) -> list[str] | None:
    """The flags of one seed whose rows of w are wholly another's or wholly its own."""
    if len(mixed) != 1:
        return None
    other, weights = mixed[0].source, mixed[0].weights[:num_ws]
    if not (isinstance(source, Seed) and isinstance(other, Seed)):
        return None
    if any(0 < weight < 1 for weight in weights):
        return None
    styles = ranges(i for i, weight in enumerate(weights) if weight >= 1)
    return ["--rows", str(source.seed), "--cols", str(other.seed), "--styles", styles]


def _engine(options: EngineOptions | None) -> list[str]:
    flags: list[str] = []
    if options is not None and options.device != "auto":
        flags += ["--device", options.device]
    if options is not None and options.precision != "auto":
        flags += ["--precision", options.precision]
    return flags


def ranges(numbers: Iterable[int]) -> str:
    """Rising numbers as `0-3,7`."""
    groups = itertools.groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])
    runs = [[number for _, number in group] for _, group in groups]
    return ",".join(str(r[0]) if len(r) == 1 else f"{r[0]}-{r[-1]}" for r in runs)
