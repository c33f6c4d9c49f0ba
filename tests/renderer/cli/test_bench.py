"""`bench` measures what it says; that it is fast is not for a test to find."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import torch

from networks.families.stylegan2.generator import StyleGAN2Generator
from ops import on_reference_path
from ops.prepared.table import read_table
from renderer.bench import benchmark, scrubbing, tuning
from renderer.client.client import RenderClient
from renderer.messages.options import EngineOptions
from renderer.pipeline.compute import choose
from renderer.pipeline.weights import own_table
from tests.paths import DATA
from tests.renderer.cli.command_line import run

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


@pytest.mark.parametrize("architecture", ["stylegan3-t", "stylegan3-r"])
def test_stylegan3_is_measured_layer_by_layer(monkeypatch, capsys, architecture):
    monkeypatch.setattr("renderer.cli.measuring._TRANSPORT_SIZES", ())
    options = ("--sizes", 16, "--channels", 4, "--frames", 2, "--threads", 1, "--device", "cpu")
    outcome = run(monkeypatch, capsys, "bench", "--architecture", architecture, *options)
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    (head,) = [line.split() for line in lines if line.startswith("  ms")]
    # All layers of a size are one column: twelve of 36 pixels, and two of 16.
    assert head == ["ms", "mapping", "36", "16", "convert", "total", "per", "second"]
    assert any("4 to 3 channels" in line for line in lines)
    # The last row of w belongs to the last stage alone, which is all that it costs.
    assert any("15 of 16 stages reused" in line for line in lines)


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


def test_drags_with_previews_and_without_are_made_in_turn(monkeypatch, capsys, tmp_path):
    asked = []
    submit = RenderClient.submit

    def noted(client, request, **options):
        asked.append(options["drafts"])
        return submit(client, request, **options)

    monkeypatch.setattr(RenderClient, "submit", noted)
    options = ("--sizes", 8, "--threads", 1, "--device", "cpu", "--json", tmp_path / "b.json")
    outcome = run(monkeypatch, capsys, "bench", "--dragging", 1, *options)
    assert outcome.code == 0, outcome.err
    turns = [
        drafts for drafts, before in zip(asked, [None, *asked], strict=False) if drafts != before
    ]
    assert turns == [False, True] * 3
    found = json.loads((tmp_path / "b.json").read_text())["drags"]
    assert [drag["resolution"] for drag in found] == [8]
    assert found[0]["per_second"] > 0
    assert found[0]["draft"] in ("", "8² bfloat16", "8² float32", "4² bfloat16", "4² float32")
    assert "with drafts" in outcome.out


def test_a_device_is_measured_in_every_precision_beside_the_definition(
    monkeypatch, capsys, tmp_path
):
    options = ("--sizes", 8, "--threads", 1, "--device", "cpu", "--json", tmp_path / "b.json")
    outcome = run(monkeypatch, capsys, "bench", "--card", *options)
    assert outcome.code == 0, outcome.err
    (found,) = json.loads((tmp_path / "b.json").read_text())["ways"]
    rows = {row["name"]: row for row in found["rows"]}
    # A CPU has no float16, and nothing that is played.
    assert list(rows) == ["definition", "float32", "bfloat16"]
    assert rows["definition"]["apart"] == 0 < rows["bfloat16"]["levels"] < 3
    assert rows["float32"]["levels"] < 0.1


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


def test_a_run_is_gone_through_in_pairs(monkeypatch, capsys, tmp_path):
    source = DATA / "sg2-uncond-32.pkl"
    for kimg in (0, 8, 16):
        (tmp_path / f"network-snapshot-{kimg:06}.pkl").write_bytes(source.read_bytes())
    (tmp_path / "network-snapshot-000024.pkl").write_bytes(source.read_bytes()[:-1])
    options = ("--frames", 2, "--threads", 1, "--device", "cpu", "--json", tmp_path / "b.json")
    outcome = run(monkeypatch, capsys, "bench", "--run", tmp_path, *options)
    assert outcome.code == 0, outcome.err
    report = json.loads((tmp_path / "b.json").read_text())
    measured = report["scrubbing"]
    assert measured["snapshots"] == 3, "the last one is still being written"
    assert measured["resolution"] == 32
    assert measured["file_bytes"] == source.stat().st_size
    assert f"{measured['warm_ms']:.1f}" in outcome.out
    assert f"{measured['ratio']:.2f}×" in outcome.out
    assert report["networks"] == report["transport"] == []


def test_only_what_is_called_cold_has_to_be_opened_and_pairs_are_taken_in_turn(monkeypatch):
    times = {"open": 100.0, "other": 11.0, "same": 10.0, "again": 1.0}

    class Renderer:
        """Keeps the two newest networks where it may keep only what is shown and the newest."""

        def __init__(self, options):
            self._room = 2 if options.cache_bytes == 1 else 99
            self._open, self._seen = [], set()

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def load(self, path):
            self._open = [*(p for p in self._open if p != path), path][-self._room :]
            return times["open"], SimpleNamespace(resolution=32, file_bytes=7)

        def draw(self, path, seed):
            shown, was_open = self._open[-1], path in self._open
            self.load(path)
            kind = "open" if not was_open else "same" if path == shown else "other"
            kind = "again" if (path, seed) in self._seen else kind
            self._seen.add((path, seed))
            return times[kind]

    monkeypatch.setattr(scrubbing, "Asker", Renderer)
    steps = []
    measured = scrubbing.scrub(list("abcde"), OPTIONS, 6, lambda *step: steps.append(step))
    assert (measured.load_ms, measured.cold_ms) == (100.0, 100.0)
    assert (measured.plain_ms, measured.warm_ms, measured.again_ms) == (10.0, 11.0, 1.0)
    assert measured.ratio == pytest.approx(1.1)
    assert steps == [(i + 1, len(steps)) for i in range(len(steps))]
    assert scrubbing.scrub(list("ab"), OPTIONS, 2, lambda *_: None).cold_ms is None


def test_a_run_of_one_snapshot_has_nothing_to_go_through(monkeypatch, capsys):
    outcome = run(monkeypatch, capsys, "bench", "--run", DATA / "earth64-run")
    assert outcome.code == 1
    assert "holds 1 whole snapshot. Name a run directory with two or more." in outcome.err


def test_projections_are_compared_step_by_step_and_by_what_they_find(monkeypatch, capsys, tmp_path):
    file = tmp_path / "numbers.json"
    options = ("--network", DATA / "sg2-cond-16.pkl", "--sizes", 8, "--frames", 2, "--threads", 1)
    quick = ("--projection", 1, "--steps", 2, "--distance", "pixels", "--json", file)
    outcome = run(monkeypatch, capsys, "bench", *options, *quick)
    assert outcome.code == 0, outcome.err
    assert "own pictures found again, 1 seeds" in outcome.out
    numbers = json.loads(file.read_text())
    assert [one["name"] for one in numbers["steps"]] == ["sg2-cond-16.pkl", "8²"]
    assert all(one["ratio"] > 0 for one in numbers["steps"])
    rows = {(row["name"], row["space"], row["steps"]) for row in numbers["projections"]}
    assert {("published", "w", 2), ("ours", "w+", 1), ("ours", "w+", 2)} < rows
    assert all(row["worth"] > 0 for row in numbers["projections"])
    assert numbers["networks"] == numbers["transport"] == []


def test_drafts_are_drawn_in_turn_with_exact_pictures(monkeypatch, capsys, tmp_path):
    file = tmp_path / "found.json"
    options = ("--sizes", 16, "--frames", 3, "--threads", 1, "--device", "cpu", "--json", file)
    outcome = run(monkeypatch, capsys, "bench", "--drafts", *options)
    assert outcome.code == 0, outcome.err
    (found,) = json.loads(file.read_text())["ways"]
    rows = {row["name"]: row for row in found["rows"]}
    assert list(rows) == ["definition", "exact", "bfloat16", "bfloat16, prepared"]
    assert rows["definition"]["apart"] == 0
    assert 0 < rows["exact"]["apart"] < 2e-5
    assert rows["bfloat16"]["apart"] < 0.1 > rows["bfloat16, prepared"]["apart"]
    assert all(row["levels"] < 1 for row in rows.values())
    assert any(line.startswith("  bfloat16, prepared") for line in outcome.out.splitlines())


CHECKOUT = '''
import torch

class Generator(torch.nn.Module):
    """Draws with our network, half as bright, as a checkout of another program would."""

    def __init__(self, z, c, w, size, channels, mapping_kwargs, synthesis_kwargs):
        super().__init__()
        import sys
        sys.path.append({root!r})
        del sys.modules["training"]
        from networks.families.stylegan2.generator import StyleGAN2Generator
        layers = mapping_kwargs["num_layers"]
        self.net = StyleGAN2Generator(z, c, w, size, channels, layers, **synthesis_kwargs)
        print("to whoever reads stdout")

    def load_state_dict(self, state):
        self.net.load_state_dict(state)

    def mapping(self, z, c, truncation_psi):
        w = self.net.map(z, c)
        return (self.net.w_avg + (w - self.net.w_avg) * truncation_psi)[:, None].expand(
            -1, self.net.num_ws, -1
        )

    def synthesis(self, ws, noise_mode):
        return self.net.render(ws) / 2
'''


def test_a_checkout_draws_the_same_weights_beside_us(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(benchmark, "random_network", lambda *_: small_network())
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__init__.py").touch()
    root = str(DATA.parents[1])
    (tmp_path / "training" / "networks.py").write_text(CHECKOUT.format(root=root))
    file = tmp_path / "found.json"
    options = ("--sizes", 16, "--frames", 3, "--threads", 1, "--device", "cpu", "--json", file)
    outcome = run(monkeypatch, capsys, "bench", "--reference", tmp_path, *options)
    assert outcome.code == 0, outcome.err
    (found,) = json.loads(file.read_text())["ways"]
    first, exact, *_ = found["rows"]
    assert first["name"] == "reference"
    assert first["apart"] == pytest.approx(0.5, rel=1e-5), "half as bright, and the same otherwise"
    assert exact["ratio"] > 0


def small_network() -> StyleGAN2Generator:
    torch.manual_seed(0)
    return StyleGAN2Generator(16, 0, 16, 16, channel_base=256, channel_max=16)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is no checkout"), ("import of_nothing", "No module named 'of_nothing'")],
)
def test_a_checkout_that_cannot_be_run_is_an_error(monkeypatch, capsys, tmp_path, content, message):
    monkeypatch.setattr(benchmark, "random_network", lambda *_: small_network())
    if content is not None:
        (tmp_path / "training").mkdir()
        (tmp_path / "training" / "__init__.py").touch()
        (tmp_path / "training" / "networks.py").write_text(content)
    options = ("--sizes", 16, "--threads", 1, "--device", "cpu")
    outcome = run(monkeypatch, capsys, "bench", "--reference", tmp_path, *options)
    assert outcome.code == 1
    assert message in outcome.err
    assert "training/networks.py" in outcome.err


def test_tuning_writes_what_drafts_go_by(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("GANSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("renderer.cli.measuring._SECONDS", 0.0)
    monkeypatch.setattr(tuning, "_CASES", ((1, 16, 16, 8), (2, 16, 8, 8)))
    outcome = run(monkeypatch, capsys, "bench", "--tune", "--threads", 1, "--device", "cpu")
    assert outcome.code == 0, outcome.err
    table = read_table(own_table())
    assert table.threads == 1
    forms = {(one.precision, one.up): set(one.ms) for one in table.measured}
    assert forms == {
        ("float32", 1): {"plain", "packed", "minimal"},
        ("float32", 2): {"plain", "phases"},
        ("bfloat16", 1): {"plain", "packed"},
        ("bfloat16", 2): {"plain", "phases"},
    }
    assert str(own_table()) in outcome.out
