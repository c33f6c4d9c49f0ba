"""What a request asks of the way from w to the picture: noise, a transform, and channel edits."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.model import ModelInfo
from renderer.messages.request import ChannelEdit, Noise, RenderRequest, Transform
from viz.session.changes import edits
from viz.session.inspection import channels_of
from viz.session.parameters.control import Control, Scope, field_control
from viz.session.parameters.parameter import Parameter
from viz.session.ranges import NOISE_SEED
from viz.session.session import Session

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


def layer_strength(noise: Noise, layer: str) -> float:
    """Return what the noise of a layer is multiplied by, 1 where nothing else was chosen."""
    return dict(noise.layers).get(layer, 1.0)


def with_layer(noise: Noise, layer: str, strength: float) -> Noise:
    """Return the noise with the strength of one layer changed; 1, the default, is not stored."""
    strengths = dict(noise.layers) | {layer: strength}
    kept = tuple((name, s) for name, s in strengths.items() if s != 1.0)
    return structs.replace(noise, layers=kept)


def _noise_controls(scope: Scope) -> tuple[Control, ...]:
    if scope.model is not None and not scope.model.has_noise:
        return ()
    layers = [] if scope.model is None else [x.name for x in scope.model.layers if x.noise]
    return (
        field_control("noise/strength", "Noise strength", "render.noise.strength", 0.0, 4.0),
        field_control("noise/seed", "Noise seed", "render.noise.seed", 0, 999, "integer"),
        *(_layer_control(layer) for layer in layers),
    )


def _layer_control(layer: str) -> Control:
    def write(session: Session, value: float) -> Session:
        noise = with_layer(session.render.noise, layer, value)
        return session.with_render(noise=noise)

    return Control(
        f"noise/layer/{layer}",
        f"Noise of {layer}",
        0.0,
        4.0,
        lambda session: layer_strength(session.render.noise, layer),
        write,
    )


NOISE = Parameter[Noise](
    "noise",
    "noise",
    "Noise",
    _noise_words,
    flags=_noise_flags,
    fit=_fitting_noise,
    controls=_noise_controls,
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


def _transform_controls(scope: Scope) -> tuple[Control, ...]:
    if scope.model is not None and not scope.model.transforms:
        return ()
    at = "render.transform"
    return (
        field_control("transform/x", "Picture to the right", f"{at}.x", -1.0, 1.0),
        field_control("transform/y", "Picture down", f"{at}.y", -1.0, 1.0),
        field_control("transform/rotate", "Picture turned", f"{at}.rotate", -180.0, 180.0),
        field_control("transform/scale", "Picture scaled", f"{at}.scale", 0.25, 4.0),
    )


TRANSFORM = Parameter[Transform](
    "transform",
    "view",
    "Transform",
    transform_words,
    flags=_transform_flags,
    controls=_transform_controls,
)


# -- channel edits --------------------------------------------------------------------------------


def _fitting_edits(
    edited: tuple[ChannelEdit, ...], model: ModelInfo | None
) -> tuple[ChannelEdit, ...]:
    channels = channels_of(model)
    return tuple(edit for edit in edited if edit.channel < channels.get(edit.layer, 0))


def _edit_controls(scope: Scope) -> tuple[Control, ...]:
    return tuple(edit_control(edit.layer, edit.channel) for edit in scope.session.render.edits)


def edit_control(layer: str, channel: int) -> Control:
    """Return the control of what a channel is multiplied by, edited or not."""

    def read(session: Session) -> float:
        return edits.scale_of(session.render.edits, layer, channel)

    def write(session: Session, value: float) -> Session:
        changed = edits.with_scale(session.render.edits, layer, channel, value)
        return session.with_render(edits=changed)

    title = f"Channel {channel} of {layer}"
    return Control(f"edit/{layer}/{channel}", title, -2.0, 4.0, read, write)


EDITS = Parameter[tuple[ChannelEdit, ...]](
    "edits",
    "edits",
    "Edits",
    words=lambda edited: f"{len(edited)} channels",
    name="channel edits",
    flags=lambda request, model: None if any(e.scale != 1 for e in request.edits) else [],
    fit=_fitting_edits,
    controls=_edit_controls,
)
