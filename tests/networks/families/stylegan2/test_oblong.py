"""Networks that begin with a constant of another shape draw pictures that are not square."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from common.errors import UserError
from networks.base import NoiseInput
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.snapshots.for_nvidia import write_for_nvidia
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import Sheet
from renderer.messages.options import EngineOptions
from renderer.messages.request import LayerView, RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from tests.renderer.cli.command_line import run
from tests.snapshot_files import nvidia_pickle, nvidia_settings, rosinality_state, save
from training.metrics.evaluate import Evaluator
from training.start.resume import open_source
from viz.export.exports import size_of

WIDE = (3, 5)


def oblong(constant: tuple[int, int] = WIDE, architecture: str = "skip") -> StyleGAN2Generator:
    """A network whose every tensor counts, the same for the same shape."""
    torch.manual_seed(0)
    G = StyleGAN2Generator(
        z_dim=6,
        c_dim=0,
        w_dim=6,
        img_resolution=16,
        channel_base=64,
        channel_max=8,
        mapping_layers=2,
        num_fp16_res=0,
        architecture=architecture,
        constant_shape=constant,
    )
    for name, value in G.named_parameters():
        if name.endswith(("noise_strength", "bias")):
            torch.nn.init.normal_(value)
    return G.eval().requires_grad_(False)


def picture(G: Any, seed: int = 0) -> Tensor:
    z = torch.randn(1, G.z_dim, generator=torch.Generator().manual_seed(seed))
    with torch.inference_mode():
        made: Tensor = G.render(G.map(z)[:, None].repeat(1, G.num_ws, 1))
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_snapshot(tmp_path / "wide.safetensors", {"G_ema": oblong()})
    return tmp_path / "wide.safetensors"


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_turned_over_it_draws_the_picture_turned_over(architecture: str) -> None:
    """Nothing prefers one axis: with constant, kernels and noise transposed, so is the picture."""
    wide, tall = oblong(WIDE, architecture), oblong(WIDE[::-1], architecture)
    state = {
        name: value.transpose(-1, -2)
        if name.endswith(("const", "noise_const")) or (value.ndim == 4)
        else value
        for name, value in wide.state_dict().items()
    }
    tall.load_state_dict(state)
    made = picture(wide)
    assert made.shape == (1, 3, 12, 20)
    assert (wide.img_shape, tall.img_shape, wide.resolution) == ((12, 20), (20, 12), 20)
    assert torch.allclose(picture(tall), made.transpose(2, 3), atol=1e-5)


def test_its_layers_and_previews_have_its_shape() -> None:
    G = oblong()
    seen: dict[str, tuple[int, ...]] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        seen[name] = tuple(x.shape[2:])
        return x

    G.render(torch.zeros(1, G.num_ws, G.w_dim), NoiseInput("random", 3), tap)
    assert {layer.name: layer.shape for layer in G.layers} == seen
    assert seen["b4.const"] == WIDE
    assert G.preview(torch.zeros(1, 3, 6, 10)).shape == (1, 3, 12, 20)


def test_a_square_network_is_written_as_before() -> None:
    plain = StyleGAN2Generator(z_dim=4, c_dim=0, w_dim=4, img_resolution=8, channel_max=4)
    for G in (plain, oblong((4, 4))):
        assert "constant_shape" not in G.config
        assert G.img_shape[0] == G.img_shape[1] == G.resolution


@pytest.mark.parametrize("shape", [(0, 4), (4, 65), (4,), (1, 2, 3)])
def test_constants_that_are_none_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"constant_shape|unpack"):
        StyleGAN2Generator(z_dim=4, c_dim=0, w_dim=4, img_resolution=8, constant_shape=shape)


def test_files_of_forks_say_how_their_networks_begin(tmp_path: Path) -> None:
    G, path = oblong(), tmp_path / "fork.pkl"
    settings = nvidia_settings(G)
    inside = {
        place: {**own, "init_res": list(WIDE)}
        for place, own in settings.items()
        if ".conv" in place and place.count(".") == 2
    }
    path.write_bytes(nvidia_pickle({"G_ema": G}, settings={**settings, **inside}))
    assert torch.equal(picture(open_snapshot(path).G_ema), picture(G))
    path.write_bytes(nvidia_pickle({"G_ema": G}))  # whoever does not say it has the tensors
    assert torch.equal(picture(open_snapshot(path).G_ema), picture(G))
    place = "synthesis.b8.conv1"
    wrong = {**settings, place: {**settings[place], "init_res": [5, 3]}}
    path.write_bytes(nvidia_pickle({"G_ema": G}, settings=wrong))
    with pytest.raises(UserError, match=r"init_res is \[5, 3\]; only \[3, 5\]"):
        open_snapshot(path)


def test_layouts_of_others_may_be_oblong_too(tmp_path: Path) -> None:
    state = dict(rosinality_state())
    const = state["input.input"]
    state["input.input"] = const[..., :3].contiguous()
    for name in [name for name in state if name.startswith("noises.")]:
        del state[name]
    G = open_snapshot(save({"g_ema": state}, tmp_path / "rosinality.pt")).G_ema
    height, width = G.img_shape
    assert width * 4 == height * 3
    assert picture(G).shape[2:] == G.img_shape


def test_it_is_kept_by_our_own_format_and_refused_by_theirs(file: Path, tmp_path: Path) -> None:
    G = open_snapshot(file).G_ema
    assert G.config["constant_shape"] == [3, 5]
    assert torch.equal(picture(G), picture(oblong()))
    with pytest.raises(UserError, match="constant_shape"):
        write_for_nvidia(tmp_path / "theirs.pkl", {"G_ema": G})


def test_the_pipeline_shows_it_whole(file: Path) -> None:
    pipeline = Pipeline(
        EngineOptions(device="cpu", threads=1),
        lambda path, progress, cancelled: open_snapshot(path),
    )
    info = pipeline.load(str(file))
    assert (info.img_shape, info.resolution, info.rows[-1].shape) == ((12, 20), 20, (12, 20))
    assert info.layers[0].shape == WIDE
    request = RenderRequest(str(file), Seed(1))
    assert pipeline.render(request).pixels.shape[:2] == (12, 20)
    for layer in info.layers:
        view = LayerView(layer.name, "atlas")
        seen = pipeline.render(RenderRequest(str(file), Seed(1), view=view), StatsSpec(layer.name))
        atlas, stats = seen.info.atlas, seen.info.stats
        assert atlas is not None
        assert stats is not None
        assert stats.shape == (1, layer.channels, *layer.shape)
        assert seen.pixels.shape[:2] == (atlas.rows * atlas.cell, atlas.columns * atlas.cell)
        assert atlas.cell >= max(layer.shape) + 1


def test_commands_work_with_it(monkeypatch, capsys, file: Path, tmp_path: Path) -> None:
    common = ("--network", file, "--outdir", tmp_path / "made")
    assert run(monkeypatch, capsys, "generate", *common, "--seeds", 1).code == 0
    mixed = run(monkeypatch, capsys, "style-mix", *common, "--rows", "1,2", "--cols", 3)
    assert mixed.code == 0, mixed.err
    for name, size in (("seed0001.png", (20, 12)), ("grid.png", (2 * 20, 3 * 12))):
        with Image.open(tmp_path / "made" / name) as image:
            assert image.size == size
    told = run(monkeypatch, capsys, "inspect", file).out
    assert "generator, 20x12x3" in told
    assert "10x6" in told
    target = tmp_path / "made" / "seed0001.png"
    refused = run(monkeypatch, capsys, "project", *common, "--target", target)
    assert refused.code == 1
    assert "draws 20 × 12 pixels" in refused.err


def test_data_of_squares_is_none_of_its_own(file: Path) -> None:
    """Neither is it trained on them, where a side is as long, nor measured with them."""
    with pytest.raises(UserError, match=r"20×12 pixels.* trained on squares"):
        open_source(file, resolution=20, channels=3)
    data = SimpleNamespace(path="suns", resolution=20, channels=3)
    measuring: Any = SimpleNamespace(dataset=data)
    with pytest.raises(UserError, match=r"makes pictures of 20×12 pixels"):
        Evaluator.check(measuring, oblong())


def test_sheets_are_as_large_as_its_pictures(file: Path) -> None:
    pipeline = Pipeline(
        EngineOptions(device="cpu", threads=1),
        lambda path, progress, cancelled: open_snapshot(path),
    )
    info = pipeline.load(str(file))
    sheet = Sheet((RenderRequest(str(file), Seed(1)),))
    assert size_of(sheet, {str(file): info}) == (20, 12)
    assert np.shape(pipeline.render(sheet.requests[0]).pixels)[:2] == (12, 20)
