"""What a request asks of the way from w to the picture: noise, a transform, and channel edits."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import ChannelEdit, Noise, RenderRequest, Transform
from viz.session.inspection import channels_of
from viz.session.parameters.parameter import Parameter
from viz.session.ranges import NOISE_SEED

# -- noise ----------------------------------------------------------------------------------------


def _noise_words(noise: Noise) -> str:
    seed = f" {noise.seed}" if noise.mode == "random" else ""
    strength = f", × {noise.strength:g}" if noise.strength != 1 else ""
    layers = f", {len(noise.layers)} layers changed" if noise.layers else ""
    return f"{noise.mode}{seed}{strength}{layers}"


def _noise_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    noise = request.noise
    if noise.mode == "none" or noise.strength == 0:
        return ["--noise-mode", "none"]
    if noise.strength != 1 or any(scale != 1 for _, scale in noise.layers):
        return None
    if noise.mode == "const":
        return []
    if not NOISE_SEED.holds(noise.seed):
        return None
    return ["--noise-mode", "random", "--noise-seed", str(noise.seed)]


def _fitting_noise(noise: Noise, model: ModelInfo | None) -> Noise:
    if model is None:
        return noise  # Names of layers that a network does not have are ignored.
    noisy = {layer.name for layer in model.layers if layer.noise}
    return structs.replace(noise, layers=tuple(pair for pair in noise.layers if pair[0] in noisy))


NOISE = Parameter[Noise](
    "noise", "noise", "Noise", _noise_words, flags=_noise_flags, fit=_fitting_noise
)


# -- transform ------------------------------------------------------------------------------------


def transform_words(transform: Transform) -> str:
    """Say in words how the picture is moved; nothing where it is not."""
    words = []
    if transform.x or transform.y:
        words.append(f"moved by {transform.x:.2f}, {transform.y:.2f}")
    if transform.rotate:
        words.append(f"turned by {transform.rotate:.1f}°")
    if transform.scale != 1:
        words.append(f"× {transform.scale:.2f}")
    return ", ".join(words)


def _transform_flags(request: RenderRequest, model: ModelInfo) -> list[str] | None:
    if not model.transforms:
        return []
    at = request.transform
    shift = f"--translate={float(at.x)!r},{float(at.y)!r}"
    return [
        *([shift] if at.x or at.y else []),
        *([f"--rotate={float(at.rotate)!r}"] if at.rotate else []),
        *([f"--zoom={float(at.scale)!r}"] if at.scale != 1 else []),
    ]


TRANSFORM = Parameter[Transform](
    "transform", "view", "Transform", transform_words, flags=_transform_flags
)


# -- channel edits --------------------------------------------------------------------------------


def _fitting_edits(
    edits: tuple[ChannelEdit, ...], model: ModelInfo | None
) -> tuple[ChannelEdit, ...]:
    channels = channels_of(model)
    return tuple(edit for edit in edits if edit.channel < channels.get(edit.layer, 0))


EDITS = Parameter[tuple[ChannelEdit, ...]](
    "edits",
    "edits",
    "Edits",
    words=lambda edits: f"{len(edits)} channels",
    name="channel edits",
    flags=lambda request, model: None if any(e.scale != 1 for e in request.edits) else [],
    fit=_fitting_edits,
)
