"""Projection of a small network's own picture: closer, the same again, on from a saved state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs

from common.errors import UserError
from common.projection import ProjectionSettings
from networks.base import Generator, NoiseInput
from networks.features import pixels
from networks.projection import noise_maps, schedule
from networks.projection.projection import Projection
from networks.snapshots.snapshot import open_snapshot
from tests.paths import BUSTS

DATA = Path(__file__).parents[2] / "data"
QUICK = ProjectionSettings(steps=12, seeds=16, distance="pixels", pull=0)


@pytest.fixture(scope="module")
def G() -> Generator:  # noqa: N802
    return open_snapshot(DATA / "sg2-uncond-32.pkl").G_ema


def own_picture(G: Generator, seed: int, c: torch.Tensor | None = None) -> torch.Tensor:
    z = np.random.RandomState(seed).randn(1, G.z_dim).astype(np.float32)
    with torch.no_grad():
        w = G.map(torch.from_numpy(z), c)
        return G.render(w[:, None].expand(-1, G.num_ws, -1))


def begun(G: Generator, settings: ProjectionSettings, **more) -> Projection:
    return Projection(G, pixels.load(), own_picture(G, 1000), settings, **more)


def test_the_best_of_seeds_finds_a_seed_again(G: Generator) -> None:
    target = own_picture(G, 11)
    projection = Projection(G, pixels.load(), target, structs.replace(QUICK, noise=False))
    steps = list(projection.run())
    assert [step.phase for step in steps] == ["start"] * 2 + ["search"] * 12
    assert steps[1].done == steps[1].total == 16
    assert projection.history[0] < 1e-6, "seed 11 was among them"


@pytest.mark.parametrize("space", ["w", "w+"])
@pytest.mark.parametrize("noise", [False, True])
def test_it_comes_closer_than_the_average(G: Generator, space: str, noise: bool) -> None:
    settings = structs.replace(QUICK, start="average", space=space, noise=noise, steps=40)
    projection = begun(G, settings)
    list(projection.run())
    assert projection.best is not None
    assert projection.best.distance < projection.history[0] / 2
    rows = projection.best.ws[0]
    assert torch.equal(rows, rows[:1].expand_as(rows)) == (space == "w")
    again = pixels.load().to(projection.target)(projection.result())
    assert again.item() == pytest.approx(projection.best.distance, rel=1e-4)


def test_noise_stays_noise(G: Generator) -> None:
    projection = begun(G, structs.replace(QUICK, steps=5))
    list(projection.run())
    assert projection.best is not None
    maps = projection.best.maps
    assert set(maps) == {layer.name for layer in G.layers if layer.noise}
    for noise in maps.values():
        assert noise.mean().abs() < 1e-3
        assert noise.square().mean().item() == pytest.approx(1, abs=0.01)


def test_correlation_tells_a_picture_from_noise() -> None:
    generator = torch.Generator().manual_seed(0)
    white = torch.randn(64, 64, generator=generator)
    smooth = torch.sin(torch.arange(64) / 5)[None].expand(64, 64) * 2**0.5
    assert noise_maps.correlation([white]) < 0.1
    assert noise_maps.correlation([smooth]) > 1
    # Coarse structure alone, in pixels that know nothing of their neighbours.
    coarse = white + torch.kron(torch.randn(8, 8, generator=generator), torch.ones(8, 8))
    noise_maps.normalise([coarse])
    assert noise_maps.correlation([coarse]) > 0.3


def test_the_rate_and_the_noise_of_w_follow_their_schedules() -> None:
    """StyleGAN2, Appendix D: up over 5 %, down over 25 %; noise gone after 75 %."""
    rates = [schedule.learning_rate(t) for t in (0, 0.025, 0.05, 0.5, 0.75, 0.875, 1)]
    assert rates == pytest.approx([0, 0.05, 0.1, 0.1, 0.1, 0.05, 0])
    strengths = [schedule.exploration(t) for t in (0, 0.375, 0.75, 1)]
    assert strengths == pytest.approx([0.05, 0.0125, 0, 0])


def test_correlation_is_the_sum_of_squares_of_the_equation() -> None:
    """(1/r² Σ n(x, y) n(x − 1, y))² at 16 and 8 pixels, and the same along y."""
    noise = torch.randn(16, 16, generator=torch.Generator().manual_seed(1))
    small = noise.reshape(8, 2, 8, 2).mean((1, 3)) * 2
    expected = 0.0
    for n in (noise.double().numpy(), small.double().numpy()):
        for axis in (0, 1):
            expected += (n * np.roll(n, 1, axis)).mean() ** 2
    assert noise_maps.correlation([noise]).item() == pytest.approx(expected, rel=1e-4)


def test_the_same_seed_gives_the_same_numbers(G: Generator) -> None:
    settings = structs.replace(QUICK, start="average", steps=4, tune=2)
    first, second = begun(G, settings), begun(G, settings)
    other = begun(G, structs.replace(settings, seed=7))
    for projection in (first, second, other):
        list(projection.run())
    assert first.history == second.history
    assert first.history != other.history
    assert torch.equal(first.result(), second.result())


@pytest.mark.parametrize("steps_before", [1, 4, 9])
def test_it_goes_on_where_it_was(G: Generator, steps_before: int) -> None:
    """While seeds are compared, in the middle of the search, and of the tuning."""
    settings = structs.replace(QUICK, steps=5, tune=6, pull=1e-3)
    whole = begun(G, settings)
    list(whole.run())
    cut = begun(G, settings)
    for _ in range(steps_before):
        cut.step()
    resumed = Projection.resume(G, pixels.load(), cut.state())
    assert resumed.phase == cut.phase
    list(resumed.run())
    assert resumed.history == whole.history
    assert torch.equal(resumed.result(), whole.result())


def test_one_w_for_all_layers_goes_on_to_the_last_digit() -> None:
    """The bundled network has ten rows: a mean of ten equal numbers may be another number."""
    network = open_snapshot(BUSTS).G_ema
    settings = structs.replace(QUICK, start="average", space="w", steps=4)
    whole = Projection(network, pixels.load(), own_picture(network, 1), settings)
    cut = Projection(network, pixels.load(), own_picture(network, 1), settings)
    list(whole.run())
    list(cut.run(lambda: len(cut.history) == 2))
    resumed = Projection.resume(network, pixels.load(), cut.state())
    list(resumed.run())
    assert resumed.history == whole.history


@pytest.mark.parametrize("state", [b"", b"\x10\0\0\0\0\0\0\0{}              ", b"x" * 100])
def test_a_damaged_state_is_an_error_of_the_user(G: Generator, state: bytes) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        Projection.resume(G, pixels.load(), state)


def test_a_state_of_another_network(G: Generator) -> None:
    other = open_snapshot(DATA / "sg2-cond-16.pkl").G_ema
    with pytest.raises(UserError, match="another network"):
        Projection.resume(other, pixels.load(), begun(G, QUICK).state())


def test_tuning_comes_closer_and_leaves_the_network_alone(G: Generator) -> None:
    before = {name: tensor.clone() for name, tensor in G.state_dict().items()}
    rng = np.random.RandomState(0).rand(1, 3, 32, 32).astype(np.float32)
    target = torch.from_numpy(rng) - 0.5  # nothing that the network makes
    settings = structs.replace(QUICK, tune=30, noise=False)
    projection = Projection(G, pixels.load(), target, settings)
    list(projection.run())
    assert projection.was_tuned
    assert projection.history[-1] < 0.95 * projection.history[settings.steps - 1]
    for name, tensor in G.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    mapping = projection.network.map(torch.ones(1, G.z_dim))
    assert torch.equal(mapping, G.map(torch.ones(1, G.z_dim)))


def test_cancelling_keeps_the_best(G: Generator) -> None:
    projection = begun(G, structs.replace(QUICK, start="average"))
    for step in projection.run(lambda: len(projection.history) >= 3):
        best = step.best
    assert len(projection.history) == 3
    assert projection.best is not None
    assert projection.best.distance == best
    list(projection.run())
    assert projection.finished


def test_a_network_opened_for_drawing_can_be_searched(G: Generator) -> None:
    with torch.inference_mode():
        opened = open_snapshot(DATA / "sg2-uncond-32.pkl").G_ema
    list(begun(opened, structs.replace(QUICK, steps=2)).run())


def test_a_grey_conditional_start_from_a_given_w() -> None:
    G = open_snapshot(DATA / "sg2-cond-16.pkl").G_ema
    c = torch.eye(G.c_dim)[1:2]
    z = torch.from_numpy(np.random.RandomState(4).randn(1, G.z_dim).astype(np.float32))
    ws = G.map(z, c)[0].expand(G.num_ws, -1)
    settings = structs.replace(QUICK, start="given", noise=False, steps=2)
    projection = Projection(G, pixels.load(), own_picture(G, 4, c), settings, c, ws)
    list(projection.run())
    assert projection.history[0] < 1e-8


def test_own_maps_change_nothing(G: Generator) -> None:
    ws = torch.randn(1, G.num_ws, G.w_dim)
    maps = noise_maps.own_maps(G, ws)
    assert torch.equal(G.render(ws), G.render(ws, NoiseInput(maps=maps)))
    other = {name: -noise for name, noise in maps.items()}
    assert not torch.equal(G.render(ws), G.render(ws, NoiseInput(maps=other)))


def test_it_comes_to_rest_although_noise_is_searched(G: Generator) -> None:
    """Noise that moves as fast as w takes w along, and Adam alone never comes to rest."""
    settings = structs.replace(QUICK, steps=80, seeds=64)
    projection = begun(G, settings)
    list(projection.run())
    assert projection.history[-1] < 0.02 * projection.history[0]
