"""Dragging points: of blobs whose places are known, of every family, and on from a saved state."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from torch import Tensor

from common.dragging import DragPoint, DragSettings
from common.errors import UserError
from networks.base import Generator, Layer, NoiseInput, Sampling, Scene, Stage, State, Tap, no_tap
from networks.dragging.dragging import Dragging
from networks.dragging.ending import PATIENCE, ending
from networks.dragging.features import FeatureMap, Seen, default_layer, usable_layers
from networks.dragging.holding import DISTURBED, FIRM, LOOSEST, STALL, Holding, detached, looseness
from networks.snapshots.snapshot import open_snapshot
from tests.paths import BUSTS

DATA = Path(__file__).parents[2] / "data"
SIDE = 64
PLAIN = Scene(NoiseInput(mode="none"))


class Blobs(Stage):
    """Two soft blobs of different kinds, at (w0, w1) and (w2, w3) times 10 pixels."""

    rows = range(1)
    layers = (Layer("map", SIDE, 6, row=0),)

    def forward(self, state: State, ws: Tensor, noise: NoiseInput, tap: Tap = no_tap) -> State:
        at = torch.arange(SIDE) + 0.5
        blobs = []
        for x, y in (ws[0, 0, :2] * 10, ws[0, 0, 2:] * 10):
            far = (at[None] - x) ** 2 + (at[:, None] - y) ** 2
            blobs += [torch.exp(-far / width) for width in (20.0, 60.0, 180.0)]
        maps = tap("map", torch.stack(blobs)[None])
        return State(maps, maps[:, :3] + maps[:, 3:])


class BlobGenerator(Generator):
    family, w_is_z = "blobs", True
    z_dim, c_dim, w_dim, num_ws, resolution, img_channels = 4, 0, 4, 1, SIDE, 3

    def __init__(self) -> None:
        super().__init__()
        self.blobs = Blobs()
        self.unused = torch.nn.Parameter(torch.zeros(1))

    @property
    def stages(self):
        return [self.blobs]

    def map(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        return z


START = torch.tensor([[[2.0, 2.0, 4.5, 4.5]]])
QUICK = DragSettings(rate=0.05)


def blobs(*points: DragPoint, mask: Tensor | None = None, settings=QUICK) -> Dragging:
    dragging = Dragging(BlobGenerator(), START, PLAIN, settings)
    dragging.set_points(points)
    dragging.set_mask(mask)
    return dragging


def finish(dragging: Dragging, most: int = 400) -> str:
    while not dragging.ending and dragging.done < most:
        dragging.step()
    return dragging.ending


def test_what_is_dragged_goes_to_its_target_and_the_rest_of_the_picture_stays() -> None:
    mask = torch.zeros(SIDE, SIDE)
    mask[:34, :44] = 1
    dragging = blobs(DragPoint(1, (20, 20), (32, 16)), mask=mask)
    assert finish(dragging) == "arrived"
    first, second = dragging.ws[0, 0, :2] * 10, dragging.ws[0, 0, 2:] * 10
    assert torch.dist(first, torch.tensor([32.0, 16.0])) < 2
    assert torch.dist(second, torch.tensor([45.0, 45.0])) < 1
    assert torch.dist(torch.tensor(dragging.handles[0]), first) < 1, "it was tracked"


def test_it_goes_back_to_the_start_where_no_step_came_nearer() -> None:
    point = DragPoint(1, (20, 20), (26, 20))
    dragging = Dragging(BlobGenerator(), START, PLAIN, structs.replace(QUICK, rate=-0.05))
    dragging.set_points([point])
    for _ in range(4):
        assert dragging.step().distance > 6
    assert dragging.settle().distance == 6
    assert torch.equal(dragging.ws, START)


def test_features_that_do_not_follow_w_are_refused_and_not_offered() -> None:
    G = open_snapshot(DATA / "sg2-uncond-32.pkl").G_ema.eval()
    with pytest.raises(UserError, match=r"b4.const is the same for every latent") as caught:
        Dragging(G, torch.zeros(1, G.num_ws, G.w_dim), PLAIN, DragSettings("b4.const"))
    assert "Choose from: b4.conv1, " in str(caught.value)
    assert "b4.const" not in [layer.name for layer in usable_layers(G)]


def test_two_points_go_two_ways_at_once() -> None:
    points = DragPoint(1, (20, 20), (14, 24)), DragPoint(2, (45, 45), (50, 38))
    dragging = blobs(*points)
    assert finish(dragging) == "arrived"
    ends = dragging.ws[0, 0] * 10
    assert torch.dist(ends, torch.tensor([14.0, 24.0, 50.0, 38.0])) < 3


def test_a_target_may_move_while_its_handle_is_under_way() -> None:
    dragging = blobs(DragPoint(1, (20, 20), (40, 20)))
    for _ in range(5):
        dragging.step()
    handle = dragging.handles[0]
    assert handle[0] > 20.5
    dragging.set_points([DragPoint(1, (20, 20), (20, 30))])
    assert dragging.handles[0] == handle, "where it was found, not where it was placed"
    assert finish(dragging) == "arrived"
    assert torch.dist(dragging.ws[0, 0, :2] * 10, torch.tensor([20.0, 30.0])) < 2
    dragging.set_points([DragPoint(2, (22, 28), (22, 28))])
    assert dragging.handles[0] == (22, 28), "placed anew by hand"


def test_it_goes_on_from_a_state_as_if_nothing_had_been() -> None:
    point = DragPoint(1, (20, 20), (40, 24))
    whole = blobs(point)
    for _ in range(6):
        whole.step()
    state = whole.state()
    again = Dragging.resume(BlobGenerator(), START, PLAIN, QUICK, state)
    again.set_points([point])
    assert again.handles == whole.handles
    whole.set_points([point])
    for _ in range(4):
        assert again.step() == whole.step()
    assert torch.equal(again.ws, whole.ws)
    with pytest.raises(UserError, match="cannot be read"):
        Dragging.resume(BlobGenerator(), START, PLAIN, QUICK, state[:-9])


def test_what_is_held_goes_on_from_a_state_as_if_nothing_had_been() -> None:
    point, mask = DragPoint(1, (20, 20), (40, 24)), torch.zeros(SIDE, SIDE)
    mask[:34, :44] = 1
    whole = blobs(point, mask=mask)
    for _ in range(3):
        whole.step()
    again = Dragging.resume(BlobGenerator(), START, PLAIN, QUICK, whole.state())
    again.set_points([point])
    again.set_mask(mask)
    whole.set_points([point])
    for _ in range(3):
        assert again.step() == whole.step()
    assert torch.equal(again.ws, whole.ws)


def test_the_hold_gets_looser_only_where_nothing_comes_nearer() -> None:
    assert looseness([], 0.0) == 1
    assert looseness([9.0 - 0.2 * step for step in range(30)], 0.0) == 1
    assert looseness([9.0] * (STALL + 1), 0.0) == 2
    assert looseness([9.0] * (2 * STALL + 1), 0.0) == 4
    assert looseness([9.0] * 500, 0.0) == LOOSEST
    assert looseness([9.0] * 500, DISTURBED) == FIRM, "no looser while so much was disturbed"
    assert 1 < looseness([9.0] * 500, 1.5 * DISTURBED) < FIRM / 2
    assert looseness([9.0] * 500, 1.0) == 1
    assert looseness([9.0] * (STALL + 1), DISTURBED) == 2, "a limit makes nothing looser"


def test_a_step_hardly_moves_what_is_held() -> None:
    """Two parameters of which one moves what is held too: only the other is left to a step."""
    free = torch.tensor([1.0, 1.0], requires_grad=True)
    pattern = torch.rand(1, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    weights = torch.zeros(1, 1, 8, 8)
    weights[..., 4:] = 1
    left = pattern * (1 - weights)

    def seen() -> Seen:
        return Seen(free[0] * pattern + free[1] * left, None)

    holding = Holding(weights, detached(seen()))
    direction, back = holding.step(seen(), torch.tensor([1.0, 1.0]), free, 0.01)
    assert abs(direction[0]) < 0.1 * abs(direction[1])
    assert holding.disturbed(seen()) == 0
    with torch.no_grad():
        free[1] += 1
    assert holding.disturbed(seen()) == 0, "the rest alone has changed"
    with torch.no_grad():
        free.copy_(torch.tensor([2.0, 1.0]))
    expected = pattern[..., 4:].mean() / pattern[..., :4].mean()
    assert holding.disturbed(seen()) == pytest.approx(float(expected), rel=1e-5)
    with torch.no_grad():
        free.copy_(torch.tensor([1.0, 1.0]))
    assert back.abs().max() < 1e-6, "nothing is disturbed yet"
    with torch.no_grad():
        free[0] += 0.5
    _, back = holding.step(seen(), torch.tensor([1.0, 1.0]), free, 0.01)
    assert -0.3 < back[0] < -0.1, "a part of it is taken back"


def test_what_cannot_be_reached_gets_stuck_and_the_nearest_is_taken() -> None:
    dragging = blobs(DragPoint(1, (20, 20), (20, 60)), settings=structs.replace(QUICK, rows=1))
    dragging._go = lambda direction, back: None  # type: ignore[method-assign]
    assert finish(dragging) == "stuck"
    assert dragging.settle().distance == pytest.approx(40, abs=0.5)


def test_the_end_is_told_apart() -> None:
    near = [30.0] * 3 + [10.0] * (PATIENCE + 1)
    assert ending([5.0], 0.9) == "arrived"
    assert ending([5.0] * PATIENCE, 5.0) == ""
    assert ending(near, 10.0) == "stuck"
    assert ending([10.0, *([11.0, 10.0] * PATIENCE)], 10.0) == "oscillating"
    assert ending([20 - 0.1 * step for step in range(100)], 10.0) == ""
    # One handle has arrived, another has not: it goes on.
    assert ending([3.0], 6.0) == ""


@pytest.mark.parametrize(
    "name", ["sg2-uncond-32.pkl", "sg2-cond-16.pkl", "sg3-t-odd-32.pkl", "sg3-r-cond-32.pkl"]
)
def test_families_are_dragged_by_the_rows_before_their_layer(name: str) -> None:
    G = open_snapshot(DATA / name).G_ema.eval()
    z = torch.from_numpy(np.random.RandomState(1).randn(1, G.z_dim).astype(np.float32))
    c = torch.eye(G.c_dim)[:1] if G.c_dim else None
    with torch.no_grad():
        ws = G.map(z, c)[:, None].repeat(1, G.num_ws, 1)
    dragging = Dragging(G, ws, Scene(NoiseInput()), DragSettings())
    dragging.set_points([DragPoint(1, (6, 6), (10, 8))])
    dragging.step()
    layer = default_layer(G)
    assert layer.row is not None
    moved = (dragging.ws != ws).any(2)[0].tolist()
    assert moved == [row <= layer.row for row in range(G.num_ws)]
    assert np.isfinite(dragging.distance)


def test_a_layer_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(UserError, match="no layer 'b9'"):
        Dragging(BlobGenerator(), START, PLAIN, DragSettings(layer="b9"))


def test_places_of_the_picture_are_found_in_maps_that_reach_beyond_it() -> None:
    # StyleGAN3: 16 samples along the picture, and 10 more on every side.
    G = BlobGenerator()
    margin = 10
    features = FeatureMap(G, G.layers[0], PLAIN)
    wide = Layer("map", 16 + 2 * margin, 6, row=0, sampling=Sampling(16, 32, 16, 8.0))
    features.layer = wide
    ramp = (torch.arange(36.0) - margin + 0.5) * SIDE / 16  # where each sample lies, in pixels
    maps = torch.stack([ramp.expand(36, 36), ramp[:, None].expand(36, 36)])[None]
    places = torch.tensor([[0.0, 0.0], [64.0, 3.0], [12.5, 40.25]])
    torch.testing.assert_close(features.at(maps, places), places)
    half = torch.zeros(8, 8)
    half[:, :4] = 1
    weights = features.weights(half, maps)
    assert weights.shape == (1, 1, 36, 36)
    assert weights.sum() == 16 * 8
    assert weights[0, 0, margin, margin] == 1


def test_the_bundled_network_is_dragged_within_its_mask() -> None:
    G = open_snapshot(BUSTS).G_ema.eval()
    z = torch.from_numpy(np.random.RandomState(3).randn(1, G.z_dim).astype(np.float32))
    with torch.no_grad():
        ws = (G.w_avg + 0.7 * (G.map(z) - G.w_avg))[:, None].repeat(1, G.num_ws, 1)
    y, x = np.mgrid[:64, :64] + 0.5
    mask = torch.from_numpy(((x - 34) ** 2 + (y - 30) ** 2 < 15**2).astype(np.float32))
    dragging = Dragging(G, ws, Scene(NoiseInput()), DragSettings())
    dragging.set_points([DragPoint(1, (31, 30), (37, 30))])
    dragging.set_mask(mask)
    assert finish(dragging, 150) == "arrived"
    with torch.no_grad():
        changed = (G.render(dragging.ws) - G.render(ws)).abs().mean((0, 1))
    assert changed[mask == 0].mean() < changed[mask == 1].mean() / 5


class WideGenerator(BlobGenerator):
    img_shape = (32, 64)


def test_pictures_that_are_not_square_have_their_own_places_and_edges() -> None:
    G = WideGenerator()
    features = FeatureMap(G, Layer("map", 16, 6, row=0, oblong=(8, 16)), PLAIN)
    x, y = (torch.arange(16.0) + 0.5) * 4, (torch.arange(8.0) + 0.5) * 4
    maps = torch.stack([x.expand(8, 16), y[:, None].expand(8, 16)])[None]
    places = torch.tensor([[4.0, 30.0], [62.0, 2.0], [33.0, 17.0]])
    torch.testing.assert_close(features.at(maps, places), places)
    half = torch.zeros(128, 128)
    half[:64] = 1
    weights = features.weights(half, maps)[0, 0]
    assert weights.shape == (8, 16)
    assert weights[:4].all()
    assert not weights[4:].any()
