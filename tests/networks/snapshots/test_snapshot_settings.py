"""Constructor settings worked out from tensor shapes, for every kind of StyleGAN2 network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from networks.families.stylegan2.discriminator import StyleGAN2Discriminator
from networks.families.stylegan2.generator import StyleGAN2Generator
from networks.formats.settings.stylegan2_config import channel_plan
from networks.snapshots.snapshot import open_snapshot
from tests.snapshot_files import nvidia_pickle

SMALL = {"img_resolution": 16, "channel_base": 128, "channel_max": 16, "conv_clamp": None}
KINDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "skip": ({"architecture": "skip"}, {"architecture": "skip"}),
    "resnet": ({"architecture": "resnet"}, {"architecture": "resnet"}),
    "orig": ({"architecture": "orig"}, {"architecture": "orig"}),
    "grey": ({"img_channels": 1}, {"img_channels": 1}),
    "labels": ({"c_dim": 7}, {"c_dim": 7, "cmap_dim": 5, "mapping_layers": 3}),
    "widths": ({"c_dim": 7, "embed_features": 6, "layer_features": 9}, {"mbstd_num_channels": 2}),
    "z is not w": ({"z_dim": 12, "w_dim": 10}, {"mbstd_num_channels": 0}),
    "one layer": ({"mapping_layers": 1}, {}),
    "long filter": (
        {"resample_filter": (1, 4, 9, 16, 16, 9, 4, 1)},
        {"resample_filter": (1, 4, 9, 16, 16, 9, 4, 1)},
    ),
    "no noise": ({"use_noise": False}, {}),
    "another mapping": (
        {"activation": "relu", "mapping_activation": "lrelu"},
        {"c_dim": 7, "activation": "swish", "mapping_activation": "lrelu"},
    ),
    "pruned": ({"channels": [5, 9, 3]}, {"channels": [5, 9, 3]}),
    "no mapping of labels": ({}, {"c_dim": 7, "cmap_dim": 5, "mapping_layers": 0}),
    "averaged": ({"output_resolution": 8}, {}),
    "narrowing": ({"channel_base": 64, "channel_max": 64}, {"channel_base": 64}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_shapes_give_back_the_same_network(tmp_path: Path, kind: str) -> None:
    torch.manual_seed(1)
    g, d = KINDS[kind]
    common = {"c_dim": 0, "img_channels": 3, **SMALL}
    G = StyleGAN2Generator(**{"z_dim": 8, "w_dim": 8, "mapping_layers": 3, **common, **g})
    D = StyleGAN2Discriminator(**{**common, **d})
    path = tmp_path / "x.pkl"
    path.write_bytes(nvidia_pickle({"G_ema": G, "D": D}))
    opened = open_snapshot(path, names=("G_ema", "D"))
    z, c = torch.randn(4, G.z_dim), torch.eye(G.c_dim)[:4] if G.c_dim else None
    with torch.inference_mode():
        ws = G.map(z, c)[:, None].repeat(1, G.num_ws, 1)
        img = G.render(ws)
        again = opened.G_ema.map(z, c)[:, None].repeat(1, G.num_ws, 1)
        assert torch.equal(again, ws)
        assert torch.equal(opened.G_ema.render(ws), img)
        labels = torch.eye(7)[:4] if d.get("c_dim") else None
        picture = torch.randn(4, D.img_channels, 16, 16)
        assert torch.equal(opened.D(picture, labels), D(picture, labels))


def test_published_channel_plans_are_recognised() -> None:
    for base, most in ((32768, 512), (16384, 512), (1024, 64), (512, 24), (32768, 256)):
        for top in (64, 256, 1024):
            channels = {1 << k: min(base >> k, most) for k in range(2, top.bit_length())}
            plan = channel_plan(channels)
            made = {res: min(plan["channel_base"] // res, plan["channel_max"]) for res in channels}
            assert made == channels
            assert channel_plan(channels, {"channel_base": base, "channel_max": most}) == {
                "channel_base": base,
                "channel_max": most,
            }


def test_the_channels_of_a_pruned_network_are_listed() -> None:
    assert channel_plan({8: 40, 4: 10, 16: 7}) == {"channels": [10, 40, 7]}
