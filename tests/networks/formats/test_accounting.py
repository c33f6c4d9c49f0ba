"""What a reader does not know it refuses: nothing in a file is ignored that may change a picture.

Every tensor and every setting of every format is taken away, renamed and joined by one that nobody
knows. Then the file is refused, or gives the same pictures to the last bit.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch
from torch import Tensor, nn

from common.errors import UserError
from networks.base import truncate
from networks.formats.account import Account
from networks.formats.contents import FormatError
from networks.snapshots.snapshot import open_snapshot, write_snapshot
from tests.foreign import SMALL
from tests.snapshot_files import (
    nvidia_pickle,
    nvidia_settings,
    rosinality_state,
    save,
    tiny_networks,
)

T = TypeVar("T")


def picture(path: Path) -> Tensor:
    G = open_snapshot(path).G_ema
    rng = torch.Generator().manual_seed(3)
    z, c = torch.randn(2, G.z_dim, generator=rng), torch.eye(G.c_dim)[:2] if G.c_dim else None
    with torch.inference_mode():
        ws = G.map(z, c)[:, None].repeat(1, G.num_ws, 1)
        return G.render(truncate(ws, G.w_avg, 0.7))


def holds(path: Path, expected: Tensor, what: str) -> bool:
    """Whether a changed file was refused; a file that opens has to give the expected picture."""
    try:
        found = picture(path)
    except UserError:
        return True
    assert torch.equal(found, expected), what
    return False


def without_renamed_and_joined(table: Mapping[str, T], unknown: T) -> Iterator[tuple[str, Any]]:
    for name in table:
        rest = {key: value for key, value in table.items() if key != name}
        yield f"without {name}", rest
        yield f"{name} renamed", {**rest, f"{name}_of_mine": table[name]}
    yield "one more", {**table, "of_mine": unknown}
    yield "one more, deep inside", {**table, f"{next(iter(table))}.of_mine": unknown}


class Given(nn.Module):
    """A network with these tensors."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        super().__init__()
        self.tensors = tensors

    def state_dict(self, *args: Any, **kwargs: Any) -> Any:
        return self.tensors


def write_nvidia(path: Path, tensors: dict[str, Tensor]) -> None:
    settings = nvidia_settings(tiny_networks(3)["G_ema"])
    path.write_bytes(nvidia_pickle({"G_ema": Given(tensors)}, settings=settings))


def write_state_dict(path: Path, tensors: dict[str, Tensor]) -> None:
    save(tensors, path)


def write_rosinality(path: Path, tensors: dict[str, Tensor]) -> None:
    save({"g_ema": tensors, "latent_avg": torch.zeros(512)}, path)


def write_lucidrains(path: Path, tensors: dict[str, Tensor]) -> None:
    save({"GAN": tensors, "version": "1.9.0"}, path)


def lucidrains_state() -> dict[str, Tensor]:
    whole = torch.load(SMALL / "lucidrains" / "model_16-depth4-lr01.pt", weights_only=True)["GAN"]
    return {name: value for name, value in whole.items() if name.startswith(("SE.", "GE."))}


def write_ours(path: Path, tensors: dict[str, Tensor]) -> None:
    network = Given(tensors)
    tiny: Any = tiny_networks(3)["G_ema"]
    network.config, network.family = tiny.config, tiny.family  # type: ignore[assignment]
    write_snapshot(path, {"G_ema": network})


def tiny_state() -> dict[str, Tensor]:
    network = tiny_networks(3)["G_ema"]
    for value in network.parameters():
        nn.init.normal_(value)
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


WRITERS: dict[str, tuple[Callable[[Path, dict[str, Tensor]], None], Callable[[], Any]]] = {
    "nvidia.pkl": (write_nvidia, tiny_state),
    "state_dict.pt": (write_state_dict, tiny_state),
    "rosinality.pt": (write_rosinality, rosinality_state),
    "lucidrains.pt": (write_lucidrains, lucidrains_state),
    "ours.safetensors": (write_ours, tiny_state),
}


@pytest.mark.parametrize("name", WRITERS)
def test_tensors(tmp_path: Path, name: str) -> None:
    write, state = WRITERS[name]
    path, original = tmp_path / name, state()
    write(path, original)
    expected, refused, number = picture(path), 0, 0
    for what, changed in without_renamed_and_joined(original, torch.ones(2)):
        write(path, changed)
        refused += holds(path, expected, what)
        number += 1
    assert refused > 0.9 * number  # some filters are held twice and used once


OTHER: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: not value,
    str: lambda value: "tanh" if value != "orig" else "resnet",
    type(None): lambda value: 0.01,
}


def test_settings_of_nvidia_modules(tmp_path: Path) -> None:
    path, network = tmp_path / "nvidia.pkl", tiny_networks(3)["G_ema"]
    for value in network.parameters():
        nn.init.normal_(value)
    settings = nvidia_settings(network)
    path.write_bytes(nvidia_pickle({"G_ema": network}))
    expected = picture(path)
    for place, own in settings.items():
        changes = list(without_renamed_and_joined(own, 0.5))[:-1]
        for key, value in own.items():
            change = OTHER.get(type(value), lambda number: number * 1.5 + 1)
            changes.append((f"{key} changed", {**own, key: change(value)}))
        changes.append(("an argument", {**own, "_init_kwargs": {"of_mine": 2}}))
        for what, changed in changes:
            data = nvidia_pickle({"G_ema": network}, settings={**settings, place: changed})
            path.write_bytes(data)
            refused = holds(path, expected, f"{place}: {what}")
            # How training computed is no matter of the picture.
            assert refused or "use_fp16" in what, f"{place}: {what}"


def test_settings_of_our_own(tmp_path: Path) -> None:
    path = tmp_path / "ours.safetensors"
    write_snapshot(path, {"G_ema": tiny_networks(3)["G_ema"]})
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    document = json.loads(header["__metadata__"]["ganscope"])
    facts = document["networks"]["G_ema"]

    def write(changed: dict[str, Any]) -> None:
        text = json.dumps({**document, "networks": {"G_ema": changed}})
        raw = json.dumps({**header, "__metadata__": {"ganscope": text}}).encode()
        path.write_bytes(struct.pack("<Q", len(raw)) + raw + data[8 + length :])

    write(facts)
    expected = picture(path)
    for what, config in without_renamed_and_joined(facts["config"], 1):
        write({**facts, "config": config})
        assert holds(path, expected, what), what
    for what, changed in without_renamed_and_joined(facts, 1):
        write(changed)
        assert holds(path, expected, what), what


def test_what_is_left_over_is_named() -> None:
    account = Account("tensor", {"a.weight": 1, "a.bias": 2, "b.num_batches_tracked": 3})
    assert account.take("a.weight") == 1
    account.pass_over(r".*\.num_batches_tracked")
    with pytest.raises(FormatError, match=r"the tensor 'a\.bias' is no part of a toy"):
        account.settle("a toy")
    account.take_all(["a.bias"])
    account.settle("a toy")
    with pytest.raises(FormatError, match="the tensor c is missing"):
        account.take("c")
