"""A session in a few words, for tooltips and lists."""

from __future__ import annotations

from pathlib import Path, PurePath

from renderer.messages.request import Noise, Plane, RenderRequest, SavedW, Seed, Source, Truncation


def describe(request: RenderRequest) -> list[tuple[str, str]]:
    """(what, value) of everything that is not as at first, the network and the latent always."""
    lines = [("Network", PurePath(request.snapshot).name or "none")]
    lines.append(("Latent", source(request.source)))
    if request.label is not None:
        label = request.label
        blend = f" → {label.second} at {label.t:.2f}" if label.second is not None else ""
        lines.append(("Class", f"{label.first}{blend}"))
    if request.truncation != Truncation():
        lines.append(("Truncation", truncation(request.truncation)))
    mixed = [m.source for m in request.mix if m.enabled and any(m.weights)]
    if mixed:
        lines.append(("Mixed with", ", ".join(source(s) for s in mixed)))
    if request.noise != Noise():
        noise = request.noise
        seed = f" {noise.seed}" if noise.mode == "random" else ""
        strength = f", × {noise.strength:g}" if noise.strength != 1 else ""
        layers = f", {len(noise.layers)} layers changed" if noise.layers else ""
        lines.append(("Noise", f"{noise.mode}{seed}{strength}{layers}"))
    if request.edits:
        lines.append(("Edits", f"{len(request.edits)} channels"))
    if request.view is not None:
        view = request.view
        channel = f" {view.channel}" if view.mode == "channel" else ""
        lines.append(("Layer", f"{view.layer}, {view.mode}{channel}"))
    return lines


def short_path(path: str) -> str:
    """The same file in fewer letters: from the working directory, or from home (`~`)."""
    file = Path(path)
    if file.is_relative_to(here := Path.cwd()):
        return str(file.relative_to(here))
    if file.is_relative_to(home := Path.home()):
        return str("~" / file.relative_to(home))
    return path


def source(latent: Source) -> str:
    """Where the latent comes from."""
    match latent:
        case Seed(seed=seed):
            return f"seed {seed}"
        case Plane(x=x, y=y):
            return f"x {x:.2f}, y {y:.2f}"
        case SavedW(path=path, index=index):
            return f"{PurePath(path).name} [{index}]"


def truncation(value: Truncation) -> str:
    if value.curve is not None:
        return f"a curve from ψ {min(value.curve):.2f} to {max(value.curve):.2f}"
    rows = "" if value.cutoff is None else f", first {value.cutoff} rows"
    return f"ψ {value.psi:.2f}{rows}"
