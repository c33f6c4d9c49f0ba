"""Projections as the renderer does them: pictures in files in, pixels and arrays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from common.errors import UserError
from common.progress import IsCancelled
from common.projection import DISTANCES, ProjectionStep
from common.units import by
from networks.base import Generator
from networks.features import discriminator, lite, lpips, pixels
from networks.features.distance import Distance, added
from networks.projection.projection import Projection
from networks.snapshots.snapshot import write_snapshot
from renderer.messages.model import ModelInfo
from renderer.messages.projection import WHITE, ProjectionSpec
from renderer.messages.request import Target
from renderer.pictures.target import Crop, read_target
from renderer.pipeline import layer_pictures
from renderer.pipeline.discriminator import open_discriminator
from renderer.pipeline.latents.saved_w import NOISE

Pixels = npt.NDArray[np.uint8]


class RunningProjection:
    """`renderer.messages.projection.Projecting`, of a network of the pipeline."""

    def __init__(self, spec: ProjectionSpec, projection: Projection, info: ModelInfo) -> None:
        self.spec, self._projection, self._info = spec, projection, info
        self._nearest: Tensor | None = None

    @property
    def history(self) -> list[float]:
        return self._projection.history

    @property
    def finished(self) -> bool:
        return self._projection.finished

    @property
    def tuned(self) -> bool:
        return self._projection.was_tuned

    @property
    def best_step(self) -> int:
        return self._projection.found.step

    def step(self) -> ProjectionStep:
        step = self._projection.step()
        if step.phase != "start" and step.distance is not None and not np.isfinite(step.distance):
            raise UserError(
                f"{self._info.name} made a picture with values that are not finite.",
                "The snapshot may be damaged.",
            )
        if step.phase == "search" and step.distance == step.best:
            self._nearest = self._projection.picture()
        return step

    def target(self) -> Pixels:
        return _pixels(self._projection.target)

    def picture(self) -> Pixels:
        return _pixels(self._projection.picture())

    def nearest(self) -> Pixels | None:
        return None if self._nearest is None else _pixels(self._nearest)

    def latent(self) -> dict[str, npt.NDArray[np.float32]]:
        found = self._projection.found
        maps = {f"{NOISE}{name}": noise.cpu().numpy() for name, noise in found.maps.items()}
        return {"w": found.ws.cpu().numpy(), **maps}

    def save_network(self, path: str) -> None:
        note = f"{self._info.name}, tuned to {Path(self.spec.target).name}"
        write_snapshot(
            path,
            {"G_ema": self._projection.network},
            metadata={"title": note},
            kimg=self._info.kimg,
        )

    def state(self) -> bytes:
        return self._projection.state()


def begin(
    spec: ProjectionSpec,
    G: Generator,
    info: ModelInfo,
    c: Tensor | None,
    given: Tensor | None,
    maps: Mapping[str, Tensor],
    state: bytes | None,
    stop: IsCancelled,
) -> RunningProjection:
    """A projection of a network, on the device where it is.

    c: the class as [1, c_dim].
    given: where it begins, [num_ws, w_dim].
    maps: where the noise begins, [H, W] by layer; of other layers it is the network's own.
    state: goes on from there.
    Raises UserError.
    """
    device = next(G.parameters()).device
    distance = find_distance(spec.settings.distance, device, info, spec.weights, stop)
    if state is not None:
        return RunningProjection(spec, Projection.resume(G, distance, state), info)
    levels = _levels(spec.target, spec.crop, info, spec.background)
    values = layer_pictures.values(torch.from_numpy(levels.copy()))
    target = values.permute(2, 0, 1)[None].to(device)
    projection = Projection(G, distance, target, spec.settings, c, given)
    projection.begin_noise(maps)
    return RunningProjection(spec, projection, info)


def target_picture(target: Target, info: ModelInfo) -> Pixels:
    """A picture from a file as the network would have to make it: [R, R, 4]. Raises UserError."""
    levels = _levels(target.path, target.crop, info, WHITE)
    pixels = np.full((*levels.shape[:2], 4), 255, np.uint8)
    pixels[..., : max(3, info.img_channels)] = levels  # grey is repeated
    return pixels


def _levels(
    path: str, crop: tuple[int, int, int] | None, info: ModelInfo, background: tuple[int, int, int]
) -> Pixels:
    """A square of a picture at the network's size: [R, R, img_channels]."""
    if info.oblong:
        raise UserError(
            f"Pictures are brought into networks of squares, and {info.name} draws "
            f"{by(info.oblong)} pixels.",
            "Project with a network whose pictures are as wide as high.",
        )
    square = None if crop is None else Crop(*crop)
    return read_target(path, info.resolution, info.img_channels, square, background)


def find_distance(
    names: str, device: torch.device, info: ModelInfo, weights: Sequence[str], stop: IsCancelled
) -> Distance:
    """The distance that is named, such as `lite` or `lite+pixels`. Raises UserError."""
    found = []
    for name in names.split("+"):
        match name.strip():
            case "lite":
                found.append(lite.load(device))
            case "pixels":
                found.append(pixels.load())
            case "lpips":
                found.append(lpips.load(device, [Path(path).expanduser() for path in weights]))
            case "discriminator":
                D = open_discriminator(info, stop).D
                D.eval().requires_grad_(False).to(device).set_precision("float32")
                found.append(discriminator.load(D))
            case other:
                raise UserError(
                    f"There is no distance {other!r}.", f"Choose from {', '.join(DISTANCES)}."
                )
    return added(found)


def _pixels(img: Tensor) -> Pixels:
    return layer_pictures.rgba(layer_pictures.picture(img))
