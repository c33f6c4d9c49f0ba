"""A run that grows: what networks see of pictures, exact continuation, and snapshots on the way."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from common.runs import locate, stats
from networks.snapshots.snapshot import open_snapshot
from renderer.messages.options import EngineOptions
from renderer.messages.request import RenderRequest, Seed
from renderer.pipeline.pipeline import Pipeline
from tests.training.learn.test_loop import cut
from tests.training.tiny_runs import SIZE, make, start, state_of, tiny, write_data
from training.data.dataset import ImageDataset
from training.learn import parts
from training.learn.growing import Growing, reduced
from training.run import state
from training.run.distributed import Group, StopRequest
from training.run.growth import Growth, Level, moment
from training.run.options import Adam, Options, read, to_json
from training.start import launch

WIDTHS = {"channel_base": 128, "channel_max": 8}
GROWTH = Growth(
    (Level(4, 8, 8, 0.002), Level(8, 8, 4, 0.002), Level(16, 4, 4, 0.004)),
    stable_kimg=0.032,
    fade_kimg=0.032,
)
PHASES = (0.032, 0.064, 0.096, 0.128)
"""The kimg at which phases end."""


def growing(family: str, data: Path, **changes) -> Options:
    """Options of a run of that family that grows from 4x4 to 16x16 and then goes on a little."""
    mapping = {"w_dim": 16, "mapping_layers": 2} if family == "stylegan1" else {}
    loss = {"adversarial": "wgan-gp" if family == "pggan" else "logistic"}
    options = tiny(
        data,
        family=family,
        growth=GROWTH,
        G_kwargs={"z_dim": 16, **mapping, **WIDTHS},
        D_kwargs=WIDTHS,
        G_opt_kwargs=Adam(0.004),
        D_opt_kwargs=Adam(0.004),
        loss_kwargs={**loss, "r1_gamma": 0.1 if mapping else 0, "lazy_r1": False},
        aug="noaug",
        total_kimg=0.16,
        kimg_per_tick=0.02,
        network_snapshot_ticks=1000,
        image_snapshot_ticks=1000,
        batch_size=4,
        batch_gpu=4,
    )
    return msgspec.structs.replace(options, **changes)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return write_data(tmp_path_factory.mktemp("grow") / "suns", 60)


@pytest.mark.parametrize("family", ["stylegan1", "pggan"])
def test_a_run_goes_through_every_phase(tmp_path, data, family) -> None:
    run = make(tmp_path, growing(family, data))
    start(run)
    lines = list(stats.read(run))
    at = [line["Progress/kimg"] for line in lines]
    assert set(PHASES) <= {round(kimg, 6) for kimg in at}
    lods = [line["Progress/lod"] for line in lines]
    assert lods == sorted(lods, reverse=True)
    assert (lods[0], lods[-1]) == (2, 0)
    assert any(lod % 1 for lod in lods)
    assert {line["Progress/resolution"] for line in lines} == {4, 8, 16}
    for line, lod in zip(lines, lods, strict=True):
        assert line["Progress/resolution"] == 16 >> int(lod)
    opened = open_snapshot(locate.resolve(str(run)), names=None)
    assert opened.family == family
    assert [opened[name].config["lod"] for name in ("G", "D", "G_ema")] == [0, 0, 0]
    assert all(value.isfinite().all() for value in opened.G.state_dict().values())
    # Every level of both networks has been trained.
    built = parts.build(read(run), ImageDataset(str(data)), Group())
    for network, trained in ((built.G, opened.G), (built.D, opened.D)):
        before = dict(network.named_parameters())
        moved = {
            name.split(".")[1 if network is built.G else 0]
            for name, value in trained.named_parameters()
            if value.ndim > 1 and not torch.equal(value, before[name])
        }
        assert {"b4", "b8", "b16"} <= moved
    log = (run / "log.txt").read_text()
    assert "  resolution 4 lod 2.00\n" in log
    assert "  resolution 8 lod 1.00\n" in log
    assert "lod 0.00" not in log
    assert read(run).family == family
    assert to_json(read(run))["growth"]["levels"][2]["batch_size"] == 4
    assert cut(run / "fakes000000.png").shape == (128, SIZE, SIZE, 3)
    assert cut(run / "fakes_init.png").shape == (128, SIZE, SIZE, 3)
    init = cut(run / "fakes_init.png")
    blocks = init.reshape(-1, 4, 4, 4, 4, 3)
    assert (blocks == blocks[:, :, :1, :, :1]).all(), "4x4 pixels, enlarged"


def test_one_that_stopped_in_the_middle_of_a_fade_goes_on_exactly(tmp_path, data) -> None:
    """Killed while 8x8 fades in, and while 16x16 does, whose steps are of another size."""
    options = growing("stylegan1", data, aug="ada", ada_kimg=1, network_snapshot_ticks=1)
    straight = make(tmp_path, options)
    start(straight)
    run = make(tmp_path, options)
    for stop_at in (0.04, 0.112):
        stopped_at(run, stop_at, continued=state_of(run).exists())
        _, document = state.read(state_of(run))
        assert moment(GROWTH, document["nimg"]).lod % 1
    start(run, continued=True)
    expected, got = load_file(state_of(straight)), load_file(state_of(run))
    assert expected.keys() == got.keys()
    different = [k for k in expected if expected[k].numpy().tobytes() != got[k].numpy().tobytes()]
    assert different == []


def test_the_snapshot_of_a_phases_end_outlives_ordinary_ticks_of_the_same_kimg(
    tmp_path, data
) -> None:
    options = growing("pggan", data, network_snapshot_ticks=1, image_snapshot_ticks=1)
    run = make(tmp_path, options)
    stopped_at(run, 0.152, continued=False)
    assert max(line["Progress/kimg"] for line in stats.read(run)) > PHASES[-1]
    assert open_snapshot(locate.resolve(str(run))).kimg == pytest.approx(PHASES[-1])
    assert (run / "log.txt").read_text().count("Warning: Snapshots are named by whole kimg") == 1
    start(run, continued=True)
    assert (run / "log.txt").read_text().count("Warning: Snapshots are named by whole kimg") == 1
    assert "Continuing at 0.2 kimg" in (run / "log.txt").read_text()
    assert open_snapshot(locate.resolve(str(run))).kimg == pytest.approx(0.16), "of the run's end"
    straight = make(tmp_path, options)
    start(straight)
    expected, got = load_file(state_of(straight)), load_file(state_of(run))
    assert [k for k in expected if expected[k].numpy().tobytes() != got[k].numpy().tobytes()] == []


def stopped_at(run: Path, kimg: float, *, continued: bool) -> None:
    """Train as one who asks it to stop at `kimg`."""

    class Asked(StopRequest):
        @property
        def asked(self) -> bool:  # type: ignore[override]
            return loops[0].position.nimg >= kimg * 1000

        @asked.setter
        def asked(self, value: bool) -> None:
            pass

    loops = []
    patch = pytest.MonkeyPatch()
    make_loop = launch.Loop

    def remembered(*args):
        loops.append(make_loop(*args))
        return loops[0]

    patch.setattr(launch, "Loop", remembered)
    patch.setattr(launch, "StopRequest", Asked)
    try:
        start(run, continued=continued)
    finally:
        patch.undo()


def test_a_snapshot_in_the_middle_of_a_fade_is_drawn_with_its_share(tmp_path, data) -> None:
    growth = Growth(
        (Level(8, 16, 16, 0.002), Level(16, 4, 4, 0.002)), stable_kimg=0.96, fade_kimg=0.096
    )
    run = make(tmp_path, growing("stylegan1", data, growth=growth, total_kimg=1.1))
    stopped_at(run, 1.008, continued=False)
    path = locate.resolve(str(run))
    opened = open_snapshot(path, names=None)
    assert opened.D.config["lod"] == opened.G.config["lod"] == opened.G_ema.config["lod"]
    G = opened.G_ema
    assert G.config["lod"] == pytest.approx(0.5)
    z = torch.from_numpy(np.random.RandomState(0).randn(1, 16)).float()
    drawn = Pipeline(EngineOptions(device="cpu", threads=1)).render(
        RenderRequest(str(path), Seed(0))
    )
    assert drawn.pixels.shape == (16, 16, 4)

    def image(lod: float) -> torch.Tensor:
        G.grow_to(lod)
        with torch.no_grad():
            w = G.map(z)[:, None].expand(-1, G.num_ws, -1)
            return G.render(w)[0]

    half = image(0.5)
    expected = (half * 127.5 + 128).clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
    assert np.abs(drawn.pixels[..., :3].astype(int) - expected.astype(int)).max() <= 1
    # Half of it is the picture of 8x8 that stands behind, half that of 16x16 alone.
    torch.testing.assert_close(half, (image(0.0) + image(1.0)) / 2, atol=1e-5, rtol=0)
    assert not torch.allclose(image(0.0), image(1.0), atol=1e-3)


def test_real_pictures_are_reduced_as_far_as_networks_have_grown() -> None:
    real = torch.arange(64.0).reshape(1, 1, 8, 8)
    assert torch.equal(reduced(real, 0.0), real)
    means = real.reshape(1, 1, 4, 2, 4, 2).mean((3, 5))
    torch.testing.assert_close(reduced(real, 1.0), means)
    enlarged = means.repeat_interleave(2, 2).repeat_interleave(2, 3)
    torch.testing.assert_close(reduced(real, 0.25), 0.75 * real + 0.25 * enlarged)
    assert reduced(real, 1.5).shape == (1, 1, 4, 4)


def test_optimizers_begin_anew_with_each_level(data) -> None:
    options = growing("pggan", data)
    built = parts.build(options, ImageDataset(str(data)), Group())
    grown = Growing(options, built)
    grown.begin(0)
    parameter = next(built.G.parameters())
    built.G_opt.state[parameter]["exp_avg"] = torch.ones(())
    assert not grown.grow_to(24)
    assert built.G_opt.state
    assert grown.grow_to(32), "a phase ends"
    assert not built.G_opt.state
    assert (grown.lod, grown.batch, grown.batch_gpu) == (2, 8, 4)
    built.G_opt.state[parameter]["exp_avg"] = torch.ones(())
    assert grown.grow_to(64), "8x8 has faded in"
    assert built.G_opt.state, "the networks are the same"
    grown.grow_to(96)
    assert (built.D_opt.param_groups[0]["lr"], grown.batch) == (0.004, 4)
    assert built.loss.pixels_each == 4


def test_held_out_pictures_are_seen_as_the_others_are(tmp_path, data) -> None:
    options = growing("stylegan1", data, aug="ada", ada_heuristic="rv", ada_interval=1)
    training_set = msgspec.structs.replace(options.training_set_kwargs, val_fraction=0.2)
    run = make(tmp_path, msgspec.structs.replace(options, training_set_kwargs=training_set))
    start(run)
    lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
    assert all(line["Loss/scores/validation"]["num"] for line in lines)


def dcgan(data: Path, **changes) -> Options:
    """Options of a short run of DCGAN."""
    widths = {"channel_base": 64, "channel_max": 16}
    changes = {"total_kimg": 0.064, "kimg_per_tick": 0.032, "ema_kimg": 0, **changes}
    return tiny(
        data,
        family="dcgan",
        G_kwargs={"z_dim": 10, **widths},
        D_kwargs=widths,
        G_opt_kwargs=Adam(0.0002, (0.5, 0.999)),
        D_opt_kwargs=Adam(0.0002, (0.5, 0.999)),
        loss_kwargs={"r1_gamma": 0, "lazy_r1": False},
        aug="noaug",
        **changes,
    )


def test_dcgan_goes_on_exactly_with_the_averages_of_batch_normalisation(tmp_path, data) -> None:
    straight, run = (make(tmp_path, dcgan(data)) for _ in range(2))
    start(straight)
    stopped_at(run, 0.032, continued=False)
    start(run, continued=True)
    expected, got = load_file(state_of(straight)), load_file(state_of(run))
    assert [
        k for k in expected if not torch.equal(expected[k].nan_to_num(), got[k].nan_to_num())
    ] == []
    # Without an average, what is drawn is what was trained.
    for name in ("synthesis.0.norm.running_mean", "synthesis.0.weight"):
        assert torch.equal(got[f"G_ema.{name}"], got[f"G.{name}"])
        assert got[f"G.{name}"].any()
    assert "Progress/lod" not in next(stats.read(run))


def test_dcgan_on_two_processes(tmp_path, data) -> None:
    run = make(tmp_path, dcgan(data, num_gpus=2, batch_gpu=8))
    start(run)
    opened = open_snapshot(locate.resolve(str(run)), names=None)
    assert opened.family == "dcgan"
    assert all(value.isfinite().all() for value in opened.G.state_dict().values())


def test_two_processes_grow_as_one(tmp_path, data) -> None:
    """Layers that are not in use yet get no gradients, for which others would wait."""
    growth = msgspec.structs.replace(
        GROWTH, levels=tuple(msgspec.structs.replace(v, batch_gpu=2) for v in GROWTH.levels)
    )
    for family in ("stylegan1", "pggan"):
        options = growing(family, data, num_gpus=2, batch_gpu=2, growth=growth, total_kimg=0.14)
        run = make(tmp_path, options)
        start(run)
        assert open_snapshot(locate.resolve(str(run))).G_ema.config["lod"] == 0
