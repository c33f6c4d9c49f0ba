"""What w of a request is made of: latent, class, truncation, style mixing, and directions."""

from __future__ import annotations

from pathlib import PurePath

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import (
    Arc,
    Average,
    ClassLabel,
    Direction,
    MixSource,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Source,
    Truncation,
)
from viz.session import numbers
from viz.session.changes import mixing
from viz.session.parameters.latent_controls import (
    direction_controls,
    label_controls,
    mix_controls,
    source_controls,
    truncation_controls,
)
from viz.session.parameters.parameter import Parameter
from viz.session.ranges import SEED

# -- latent and class -----------------------------------------------------------------------------


def source_words(source: Source) -> str:
    """Say in words where a latent comes from."""
    match source:
        case Seed(seed=seed):
            return f"seed {seed}"
        case Plane(x=x, y=y):
            return f"x {x:.2f}, y {y:.2f}"
        case SavedW(path=path, index=index):
            return f"{PurePath(path).name} [{index}]"
        case Average(parts=parts):
            return "mean of " + ", ".join(source_words(share.source) for share in parts)
        case Arc(first=first, second=second, t=t, turn=turn):
            on = f" and {turn:.2f} turns" if turn else ""
            return f"{t:.2f} from seed {first} to {second}{on}"


def _source_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    source, mixed = request.source, mixing.heard(request.mix, model.num_ws)
    match source:
        case Seed(seed=seed):
            if not SEED.holds(seed):
                return None
            return ["--rows" if mixed else "--seeds", str(seed)]
        case Plane(x=x, y=y, step=step) if not mixed:
            point = f"--point={float(x)!r},{float(y)!r}"
            return [point] if step == Plane().step else [point, "--step", str(step)]
        case SavedW(path, 0, b"") if not mixed and request.truncation == Truncation():
            return ["--projected-w", path]
        case _:
            return None


def _label_words(label: ClassLabel | None) -> str:
    if label is None:
        return ""
    blend = f" → {label.second} at {label.t:.2f}" if label.second is not None else ""
    return f"{label.first}{blend}"


def _label_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    if not model.c_dim or isinstance(request.source, SavedW | Average):
        return []  # They are drawn without being mapped with this class.
    label = request.label or ClassLabel()
    second = label.second if label.t != 0 else None
    if not all(0 <= number < model.c_dim for number in (label.first, second or 0)):
        return None
    if second is None:
        return ["--class", str(label.first)]
    blend = repr(float(label.t))
    # Very small shares would be written with an exponent, which the flag does not take.
    if "e" in blend or not 0 <= label.t <= 1:
        return None
    return ["--class", f"{label.first}:{second}:{blend}"]


def _fitting_label(label: ClassLabel | None, model: ModelInfo | None) -> ClassLabel | None:
    if model is None or model.c_dim == 0:
        return None
    if label is None or label.first >= model.c_dim:
        return ClassLabel(0)
    if label.second is not None and label.second >= model.c_dim:
        return ClassLabel(label.first)
    return label


SOURCE = Parameter[Source](
    "source",
    "latent",
    "Latent",
    source_words,
    always=True,
    flags=_source_flags,
    controls=source_controls,
)
LABEL = Parameter[ClassLabel | None](
    "label",
    "latent",
    "Class",
    _label_words,
    flags=_label_flags,
    fit=_fitting_label,
    controls=label_controls,
)


# -- truncation -----------------------------------------------------------------------------------


def truncation_words(truncation: Truncation) -> str:
    """Say in words how far w is truncated, and in which rows."""
    if truncation.curve is not None:
        low = min(truncation.curve, default=1.0)
        high = max(truncation.curve, default=1.0)
        return f"a curve from ψ {low:.2f} to {high:.2f}"
    rows = "" if truncation.cutoff is None else f", first {truncation.cutoff} rows"
    return f"ψ {truncation.psi:.2f}{rows}"


def _truncation_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    truncation, cutoff = request.truncation, request.truncation.cutoff
    if truncation.curve is not None:
        return None
    flags = [] if truncation.psi == 1 else [f"--trunc={float(truncation.psi)!r}"]
    if cutoff is None:
        return flags
    return [*flags, "--trunc-cutoff", str(cutoff)] if 0 <= cutoff <= model.num_ws else None


def _fitting_truncation(truncation: Truncation, model: ModelInfo | None) -> Truncation:
    """A curve and psi stay: rows that do not exist are ignored."""
    cutoff = truncation.cutoff
    if model is None or (cutoff is not None and cutoff >= model.num_ws):
        cutoff = None
    return structs.replace(truncation, cutoff=cutoff)


TRUNCATION = Parameter[Truncation](
    "truncation",
    "truncation",
    "Truncation",
    truncation_words,
    flags=_truncation_flags,
    fit=_fitting_truncation,
    controls=truncation_controls,
)


# -- style mixing ---------------------------------------------------------------------------------


def _mix_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    """`style-mix` draws seeds whose rows of w are wholly another's or wholly their own."""
    mixed = mixing.heard(request.mix, model.num_ws)
    if not mixed:
        return []
    other, weights = mixed[0].source, mixed[0].weights[: model.num_ws]
    if len(mixed) > 1 or not isinstance(other, Seed) or not SEED.holds(other.seed):
        return None
    if not all(weight == 0 or weight >= 1 for weight in weights):
        return None
    rows = numbers.ranges(row for row, weight in enumerate(weights) if weight)
    return ["--cols", str(other.seed), "--styles", rows]


MIX = Parameter[tuple[MixSource, ...]](
    "mix",
    "mixing",
    "Mixed with",
    words=lambda mix: ", ".join(
        source_words(m.source) for m in mix if m.enabled and any(m.weights)
    ),
    name="style mixing",
    flags=_mix_flags,
    controls=mix_controls,
)


# -- directions -----------------------------------------------------------------------------------


def direction_words(direction: Direction) -> str:
    """Say in words what w is moved along, how far, and in which rows."""
    last = "" if direction.last is None else f"{direction.last}"
    part = f" in rows {direction.first}–{last}" if direction.first or last else ""
    return f"{direction.name or 'unnamed'} {direction.amount:+.1f}σ{part}"


DIRECTIONS = Parameter[tuple[Direction, ...]](
    "directions",
    "latent",
    "Directions",
    name="directions (the picture holds them, and no file)",
    words=lambda directions: ", ".join(direction_words(d) for d in directions if d.amount),
    # Flags name files, which need not be there any more: the request carries the vectors itself.
    flags=lambda request, model: None if any(d.amount for d in request.directions) else [],
    controls=direction_controls,
)
