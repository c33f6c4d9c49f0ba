"""`bench` measures what it says; that it is fast is not for a test to find."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from networks.stylegan2 import StyleGAN2Generator
from ops import on_reference_path
from renderer import benchmark
from renderer.compute import choose
from renderer.protocol import EngineOptions
from tests.cli.command_line import run

DATA = Path(__file__).parents[1] / "data"
OPTIONS = EngineOptions(device="cpu", threads=1)


@pytest.fixture
def small():
    torch.manual_seed(0)
    return StyleGAN2Generator(16, 0, 16, 16, channel_base=256, channel_max=16)


def test_pairs_are_taken_in_turn_on_both_paths_and_agree(small, monkeypatch):
    paths = []
    frame = benchmark._frame

    def noted(generator, seed, compute):
        paths.append((seed, on_reference_path()))
        return frame(generator, seed, compute)

    monkeypatch.setattr(benchmark, "_frame", noted)
    steps = []
    result = benchmark.compare(
        small, "x", choose(OPTIONS), 60.0, 3, lambda *step: steps.append(step)
    )
    assert paths == [(seed, plain) for seed in range(4) for plain in (False, True)]
    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert result.pairs == 3
    assert 0 < result.apart < 1e-4
    assert list(result.fast_stages) == ["mapping", "4", "8", "16", "convert", "total"]
    assert result.ratio > 0
    # Medians of parts do not add up exactly; parts that miss a stage would be far off.
    parts = sum(ms for name, ms in result.plain_stages.items() if name != "total")
    assert 0.2 < parts / result.plain_ms < 5


def test_little_time_still_gives_two_pairs(small):
    assert benchmark.compare(small, "x", choose(OPTIONS), 0.0, 9, lambda *step: None).pairs == 2


def test_late_styles_reuse_all_stages_but_the_last(small):
    result = benchmark.reuse(small, OPTIONS, 2)
    assert (result.reused_stages, result.total_stages) == (2, 3)


def test_networks_are_as_wide_as_published():
    for size, widest, narrowest in ((64, 512, 256), (256, 512, 64)):
        stages = benchmark.random_network(size).stages
        widths = [max(layer.channels for layer in stage.layers) for stage in stages]
        assert (max(widths), widths[-1]) == (widest, narrowest)


def test_the_table_and_the_numbers(monkeypatch, capsys, tmp_path):
    options = ("--frames", 2, "--threads", 1, "--device", "cpu", "--json", tmp_path / "b.json")
    outcome = run(monkeypatch, capsys, "bench", "--network", DATA / "sg2-uncond-32.pkl", *options)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    table = [line.split() for line in lines if line.startswith("  ")][:4]
    assert table[0] == ["ms", "mapping", "4", "8", "16", "32", "convert", "total", "per", "second"]
    assert [row[0] for row in table] == ["ms", "fast", "plain", "ratio"]
    report = json.loads((tmp_path / "b.json").read_text())
    network = report["networks"][0]
    assert network["resolution"] == 32
    assert report["threads"] == 1
    assert table[1][-2] == f"{network['fast_ms']:.1f}"
    assert table[2][-2] == f"{network['plain_ms']:.1f}"
    assert report["reuse"][0]["total_stages"] == 4
    assert [way["size"] for way in report["transport"]] == [512, 1024]
    assert all(way["ring_window_ms"] > 0 for way in report["transport"])
    assert f"{report['transport'][0]['queue_window_ms']:.2f}" in outcome.out


def test_a_snapshot_that_cannot_be_opened(monkeypatch, capsys, tmp_path):
    (tmp_path / "a.pkl").write_bytes(b"hello")
    outcome = run(monkeypatch, capsys, "bench", "--network", tmp_path / "a.pkl")
    assert outcome.code == 1
    assert "a.pkl" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize("sizes", ["", "100", "4", "64,x", "8192"])
def test_sizes_that_no_network_has(monkeypatch, capsys, sizes):
    outcome = run(monkeypatch, capsys, "bench", "--sizes", sizes)
    assert outcome.code == 1
    assert "is no size of a network. Sizes are powers of two from 8 to 4096." in outcome.err
