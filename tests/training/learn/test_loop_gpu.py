"""A run on a GPU: half precision, statistics, and going on."""

from __future__ import annotations

import json
import math

import pytest
import torch

from networks.snapshots.snapshot import open_snapshot
from tests.training.tiny_runs import make, start, state_of, tiny, write_data
from training.run import state
from training.start import launch

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def test_half_precision_trains_and_goes_on(tmp_path):
    data = write_data(tmp_path / "suns", 60, size=32)
    widths = {"channel_base": 1024, "channel_max": 64, "num_fp16_res": 4, "conv_clamp": 256}
    options = tiny(
        data,
        device="cuda",
        precision="fp16",
        total_kimg=0.256,
        kimg_per_tick=0.128,
        ada_kimg=1,
        G_kwargs={"z_dim": 32, "w_dim": 32, "mapping_layers": 2, **widths},
        D_kwargs=widths,
    )
    run = make(tmp_path, options)
    start(run)
    _, document = state.read(state_of(run))
    assert document["nimg"] == 256
    longer = launch.options_to_continue(run, {"kimg": 0.512})
    launch.start(longer, continued=True)
    tensors, document = state.read(state_of(run))
    assert document["nimg"] == 512
    assert "rank0.random.cuda" in tensors
    last = json.loads((run / "stats.jsonl").read_text().splitlines()[-1])
    assert last["Gradients/nonfinite"]["num"] > 0
    assert last["Resources/peak_gpu_mem_gb"]["mean"] > 0
    assert last["Timing/Gmain"]["mean"] > 0
    assert math.isfinite(last["Loss/G/loss"]["mean"])
    for network in open_snapshot(run / "network-snapshot-000000.safetensors", names=None).networks:
        values = state.part(network, tensors).values()
        assert all(value.isfinite().all() for value in values)
        assert all(value.dtype == torch.float32 for value in values)
