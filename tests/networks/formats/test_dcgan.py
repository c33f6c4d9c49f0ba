"""DCGAN files draw what the same layers of torch draw, or say what they do not tell."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from networks.snapshots.snapshot import Snapshot, open_snapshot, write_snapshot

Layers = list[nn.Module]


class Reshape(nn.Module):
    """Features as maps."""

    def __init__(self, *size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(-1, *self.size)


def example() -> nn.Sequential:
    """The layers of PyTorch's example, narrow: 16x16 pixels."""
    layers: Layers = []
    for inputs, outputs, stride, padding in ((7, 8, 1, 0), (8, 6, 2, 1)):
        layers.append(nn.ConvTranspose2d(inputs, outputs, 4, stride, padding, bias=False))
        layers += [nn.BatchNorm2d(outputs), nn.ReLU(True)]
    layers += [nn.Dropout(0.2), nn.ConvTranspose2d(6, 3, 4, 2, 1, bias=False), nn.Tanh()]
    return filled(nn.Sequential(*layers))


def tutorial(maps: bool = False) -> nn.Sequential:
    """The small tutorial's, narrow: 28x28 pixels from a dense layer. maps: normalised as maps."""
    norm: Layers = [nn.BatchNorm1d(5 * 49, eps=1e-3), nn.LeakyReLU(0.3), Reshape(5, 7, 7)]
    if maps:
        norm = [Reshape(5, 7, 7), nn.BatchNorm2d(5, eps=1e-3), nn.LeakyReLU(0.3)]
    layers: Layers = [nn.Linear(7, 5 * 49, bias=False), *norm]
    for inputs, outputs, stride, extra in ((5, 4, 1, 0), (4, 3, 2, 1)):
        layers.append(nn.ConvTranspose2d(inputs, outputs, 5, stride, 2, extra, bias=False))
        layers += [nn.BatchNorm2d(outputs, eps=1e-3), nn.LeakyReLU(0.3)]
    layers += [nn.ConvTranspose2d(3, 1, 5, 2, 2, 1, bias=False), nn.Tanh()]
    return filled(nn.Sequential(*layers))


def filled(network: nn.Sequential) -> nn.Sequential:
    """With weights that leave nothing out."""
    torch.manual_seed(0)
    for value in network.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand_like(value) - (0.5 if value.ndim > 1 else -0.2))
    return network.eval()


def named(network: nn.Sequential, prefix: str = "main.") -> dict[str, Tensor]:
    return {prefix + name: value for name, value in network.state_dict().items()}


def opened(tmp_path: Path, value: Any) -> Snapshot:
    path = tmp_path / "netG.pth"
    torch.save(value, path)
    return open_snapshot(path)


def same(snapshot: Snapshot, network: nn.Module, dense: bool = False) -> bool:
    z = torch.randn(3, 7)
    expected = network(z if dense else z[:, :, None, None])
    G = snapshot.G_ema
    return torch.allclose(G.render(G.map(z)[:, None]), expected, atol=1e-6)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"netG_state_dict": state, "epoch": 3},
        lambda state: {"netG": state, "optimizerG": {}},
        lambda state: {f"module.{name}": value for name, value in state.items()},
        lambda state: {name.removeprefix("main."): value for name, value in state.items()},
    ],
)
def test_pytorchs_example(tmp_path: Path, wrap: Callable[[dict[str, Tensor]], Any]) -> None:
    snapshot = opened(tmp_path, wrap(named(example())))
    assert (snapshot.family, snapshot.G_ema.resolution) == ("dcgan", 16)
    assert same(snapshot, example())
    assert "activations (ReLU)" in " ".join(snapshot.metadata["notes"])
    write_snapshot(tmp_path / "ours.safetensors", snapshot.networks)
    assert same(open_snapshot(tmp_path / "ours.safetensors"), example())


@pytest.mark.parametrize("maps", [False, True])
def test_the_small_tutorial(tmp_path: Path, maps: bool) -> None:
    snapshot = opened(tmp_path, named(tutorial(maps), "net."))
    assert (snapshot.G_ema.resolution, snapshot.G_ema.img_channels) == (28, 1)
    assert same(snapshot, tutorial(maps), dense=True)
    assert "leaky ReLU of 0.3" in " ".join(snapshot.metadata["notes"])


def test_the_discriminator_beside_it(tmp_path: Path) -> None:
    layers = (nn.Conv2d(3, 4, 4, 2, 1, bias=False), nn.LeakyReLU(0.2))
    more = (nn.Conv2d(4, 6, 4, 2, 1, bias=False), nn.BatchNorm2d(6), nn.LeakyReLU(0.2))
    D = filled(nn.Sequential(*layers, *more, nn.Conv2d(6, 1, 4, bias=False)))
    path = tmp_path / "both.pth"
    torch.save({"netG": named(example()), "netD": named(D)}, path)
    snapshot = open_snapshot(path, names=("G_ema", "D"))
    img = torch.randn(2, 3, 16, 16)
    assert torch.allclose(snapshot.D(img), D(img).flatten(1), atol=1e-6)


def test_a_whole_module_says_its_strides_and_activations(tmp_path: Path) -> None:
    network = filled(
        nn.Sequential(
            nn.ConvTranspose2d(7, 6, 3, 1, 0),
            nn.BatchNorm2d(6, eps=0.1),
            nn.LeakyReLU(0.05),
            nn.ConvTranspose2d(6, 3, 3, 3, 0, 1),
            nn.Tanh(),
        )
    )
    snapshot = opened(tmp_path, network)
    assert snapshot.G_ema.resolution == 10
    assert same(snapshot, network)
    network[1] = nn.InstanceNorm2d(6)
    with pytest.raises(UserError):
        opened(tmp_path, network)
    network[1] = nn.BatchNorm2d(6)
    network[4] = nn.Sigmoid()
    with pytest.raises(UserError, match="Sigmoid"):
        opened(tmp_path, network)


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("main.0.weight", (7, 8, 4, 5), "main.0"),
        ("main.3.weight", (9, 6, 4, 4), "main.3 does not continue"),
        ("main.3.weight", (8, 6, 3, 3), "stride is not known"),
        ("main.7.weight", (6, 3), "does not continue"),
        ("main.1.weight", (1, 2, 3), "none of a DCGAN network"),
        ("main.1.running_var", (9,), "shape"),
    ],
)
def test_layers_of_another_kind_are_refused(
    tmp_path: Path, name: str, shape: tuple[int, ...], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        opened(tmp_path, named(example()) | {name: torch.ones(shape)})


def test_every_tensor_is_used_or_refused(tmp_path: Path) -> None:
    state = named(example())
    for name in state:
        for change in (
            {k: v for k, v in state.items() if k != name},
            {k if k != name else f"{k}_of_a_fork": v for k, v in state.items()},
            {**state, f"{name}_of_a_fork": state[name]},
        ):
            if name.endswith("num_batches_tracked") and change.keys() <= state.keys():
                assert same(opened(tmp_path, change), example())
            else:
                with pytest.raises(UserError):
                    opened(tmp_path, change)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda state: {**state, "extra.thing": torch.zeros(3)}, "tensor 'extra.thing' is no part"),
        (
            lambda state: {k.replace("main.3.w", "main.3.v"): v for k, v in state.items()},
            "tensor 'main.3.veight' is no part",
        ),
        (
            lambda state: {k: v for k, v in state.items() if "running_mean" not in k},
            r"main.1.running_mean is missing or has another name",
        ),
    ],
    ids=["added", "renamed", "left out"],
)
def test_a_tensor_that_is_out_of_place_is_named(tmp_path: Path, change, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        opened(tmp_path, change(named(example())))
    assert "cannot draw" not in str(caught.value)


def test_damaged_files_end_in_an_error_of_ours(tmp_path: Path) -> None:
    rng, path = random.Random(0), tmp_path / "netG.pth"
    torch.save(named(example()), path)
    original = path.read_bytes()
    for _ in range(60):
        data = bytearray(original)
        for _ in range(rng.randint(1, 5)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        try:
            made = open_snapshot(path).G_ema.render(torch.zeros(1, 1, 7))
        except UserError:
            continue
        assert np.prod(made.shape) == 3 * 16 * 16
