"""One session draws with networks of every family; what one of them lacks has no effect there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from msgspec import structs

from common.dragging import DragPoint
from networks.families import families
from networks.families.dcgan.generator import DCGANGenerator
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from renderer.messages.drag_job import DragSpec
from renderer.messages.frame import StatsSpec
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    Seed,
    Transform,
    Truncation,
)
from renderer.pipeline.pipeline import Pipeline
from tests.foreign import SMALL
from tests.paths import DATA
from viz.session.fit import fit

FILES = {
    "stylegan2": SMALL / "tf-stylegan2" / "16-cond.pkl",
    "stylegan1": SMALL / "tf-stylegan1" / "16.pkl",
    "stylegan3": DATA / "sg3-r-cond-32.pkl",
    "styleganxl": SMALL / "stylegan-xl" / "r-superres-cond6-32.pkl",
    "pggan": SMALL / "tf-pggan" / "16-lod1.pkl",
    "lucidrains": SMALL / "lucidrains" / "model_16-depth4-lr01.pt",
    "r3gan": SMALL / "r3gan" / "cond-16.pkl",
}

MOVING = ("stylegan3", "styleganxl")
"""What moves its pictures and has no noise."""


def opened(path: str, progress: Any, cancelled: Any) -> Any:
    return open_snapshot(path, progress=progress, cancelled=cancelled)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    torch.manual_seed(0)
    dcgan = tmp_path_factory.mktemp("dcgan") / "dcgan.safetensors"
    lists: dict[str, Any] = {"kernels": (4, 4, 4), "strides": (1, 2, 2), "paddings": (0, 1, 1)}
    lists |= {"extras": (0, 0, 0), "biases": (0, 0, 0), "norms": (1, 1, 0)}
    write_snapshot(dcgan, {"G_ema": DCGANGenerator(z_dim=6, channels=(6, 4, 3), **lists)})
    return {**FILES, "dcgan": dcgan}


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline(EngineOptions(device="cpu", threads=1), opened)


def test_every_family_is_drawn_here(paths: dict[str, Path]) -> None:
    assert paths.keys() <= families().keys()


def test_a_session_goes_from_family_to_family(paths: dict[str, Path], pipeline: Pipeline) -> None:
    """As when a session is restored, or another file is dropped on the window."""
    for first in paths.values():
        info = pipeline.load(str(first))
        layer = info.layers[-1].name
        request = RenderRequest(
            str(first),
            Plane(0.4, 1.3),
            label=ClassLabel(2, 3, 0.5),
            truncation=Truncation(0.7, cutoff=3),
            mix=(MixSource(Seed(9), (0, 1, 1, 0.5)),),
            noise=Noise("random", 3, 1.5, layers=((layer, 2.0),)),
            edits=(ChannelEdit(info.layers[0].name, 1, 2.0),),
            view=LayerView(info.layers[1].name, "atlas"),
            transform=Transform(0.1, rotate=20.0),
        )
        for second in paths.values():
            other = pipeline.load(str(second))
            fitting = structs.replace(fit(request, other), snapshot=str(second))
            assert pipeline.render(fitting).pixels.size


@pytest.mark.parametrize("family", [*FILES, "dcgan"])
def test_every_layer_can_be_looked_at_and_edited(
    family: str, paths: dict[str, Path], pipeline: Pipeline
) -> None:
    path = str(paths[family])
    info, request = pipeline.load(path), RenderRequest(path, Seed(4))
    assert info.family == family
    plain = pipeline.render(request).pixels
    for layer in info.layers:
        view = structs.replace(request, view=LayerView(layer.name, "atlas"))
        seen = pipeline.render(view, StatsSpec(layer.name))
        assert seen.info.stats is not None
        assert seen.info.stats.shape == (1, layer.channels, layer.resolution, layer.resolution)
        edits = tuple(ChannelEdit(layer.name, k, -3.0) for k in range(layer.channels))
        edited = pipeline.render(structs.replace(request, edits=edits)).pixels
        assert (edited != plain).any(), layer.name


@pytest.mark.parametrize("family", [*FILES, "dcgan"])
def test_what_a_family_has_has_an_effect_and_nothing_else_has(
    family: str, paths: dict[str, Path], pipeline: Pipeline
) -> None:
    path = str(paths[family])
    info, request = pipeline.load(path), RenderRequest(path, Seed(4), label=ClassLabel(1))
    plain = pipeline.render(request).pixels
    styles, classes = family not in ("pggan", "dcgan", "r3gan"), bool(info.c_dim)
    noisy, moves = styles and family not in MOVING, family in MOVING
    for changes, has in (
        ({"truncation": Truncation(0.3)}, styles),
        ({"truncation": Truncation(0.3, cutoff=0)}, False),
        ({"mix": (MixSource(Seed(9), (0, 0, 1)),)}, styles),
        ({"noise": Noise("random", 5)}, noisy),
        ({"noise": Noise("none")}, noisy),
        ({"transform": Transform(0.1, 0.2, 30.0, 1.5)}, moves),
        ({"label": ClassLabel(2)}, classes),
    ):
        changed = pipeline.render(structs.replace(request, **changes)).pixels
        assert (changed != plain).any() == has, changes
    assert info.w_is_z == (not styles)
    assert (info.truncates, info.has_noise, info.transforms) == (styles, noisy, moves)


def test_the_truncation_of_its_own_program_is_told(pipeline: Pipeline) -> None:
    found = {name: pipeline.load(str(path)) for name, path in FILES.items()}
    for family in (*MOVING, "lucidrains"):
        del found[family]  # their programs say none in the file
    told = {name: (info.own_psi, info.own_cutoff) for name, info in found.items()}
    assert told == {"stylegan2": (0.5, None), "stylegan1": (0.7, 8), "pggan": (None, None)} | {
        "r3gan": (None, None)
    }


def test_seeds_are_the_same_latents_in_every_family(
    paths: dict[str, Path], pipeline: Pipeline
) -> None:
    for family in ("pggan", "dcgan"):
        info = pipeline.load(str(paths[family]))
        z = np.random.RandomState(4).randn(1, info.z_dim).astype(np.float32)
        request = RenderRequest(str(paths[family]), Seed(4))
        assert (pipeline.latent(request)[0] == z).all()


def test_truncation_is_towards_the_mean_of_the_class_that_is_asked_for(
    paths: dict[str, Path], pipeline: Pipeline
) -> None:
    path = str(paths["styleganxl"])
    centres = open_snapshot(path).G_ema.w_avg
    assert centres is not None

    def centre(**changes: Any) -> Any:
        request = RenderRequest(path, Seed(4), truncation=Truncation(0.0))
        return pipeline.latent(structs.replace(request, **changes))

    for label in (0, 4):
        assert (centre(label=ClassLabel(label)) == centres[label].numpy()).all()
        mixed = centre(label=ClassLabel(label), mix=(MixSource(Seed(9), (0, 1)),))
        assert (mixed == centres[label].numpy()).all()
    assert (centre() == centres[0].numpy()).all()
    blend = centre(label=ClassLabel(1, 4, 0.75))
    assert np.allclose(blend, (centres[1] * 0.25 + centres[4] * 0.75).numpy(), atol=1e-6)
    curve = centre(label=ClassLabel(3), truncation=Truncation(1.0, curve=(0.0, 0.0, 1.0)))
    assert (curve[0, :2] == centres[3].numpy()).all()
    assert (curve[0, 2] != centres[3].numpy()).any()


@pytest.mark.parametrize("family", [*FILES, "dcgan"])
def test_points_of_every_family_are_dragged(
    family: str, paths: dict[str, Path], pipeline: Pipeline
) -> None:
    request = RenderRequest(str(paths[family]), Seed(4), transform=Transform(0.1))
    side = pipeline.load(request.snapshot).resolution
    drag = pipeline.dragging(DragSpec(request))
    np.testing.assert_array_equal(drag.picture().pixels, pipeline.render(request).pixels)
    drag.set((DragPoint(1, (side / 4, side / 4), (side / 2, side / 2)),), None)
    before = drag.picture().pixels
    step = drag.step()
    assert np.isfinite(step.distance)
    assert (drag.picture().pixels != before).any()
    again = pipeline.dragging(DragSpec(request), state=drag.state())
    np.testing.assert_array_equal(again.picture().pixels, drag.picture().pixels)
