"""Stages that are recorded and played, by a recorder that does on a CPU what a CUDA graph does."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from msgspec import structs

from common.precision import Precision
from networks.families.stylegan3.generator import StyleGAN3Generator
from renderer.bench.benchmark import Snapshot
from renderer.messages.bending import Bend
from renderer.messages.frame import StatsSpec
from renderer.messages.options import EngineOptions
from renderer.messages.request import (
    ChannelEdit,
    LayerView,
    MixSource,
    Noise,
    RenderRequest,
    Seed,
    Transform,
    Truncation,
)
from renderer.pipeline.compute import Compute
from renderer.pipeline.models import Models
from renderer.pipeline.pipeline import Pipeline
from renderer.pipeline.synthesis.recordings import Recordings
from tests.renderer.pipeline.test_drafts import network


class Tape:
    """Leaves outputs where they were when it recorded, and nothing in them until it is played.

    counts: how often it has recorded and played.
    off: what is added to every number when it plays.
    room: bytes that all recordings may take.
    """

    def __init__(self, off: float = 0.0, room: int = 1 << 30) -> None:
        self.off, self.room = off, room
        self.counts: Counter[str] = Counter()

    def record(self, launch):
        self.counts["recorded"] += 1
        outputs = [None if t is None else torch.full_like(t, torch.nan) for t in launch()]

        def play() -> None:
            self.counts["played"] += 1
            for output, made in zip(outputs, launch(), strict=True):
                if output is not None:
                    output.copy_(made + self.off)

        return play, outputs


class Jammed(Tape):
    """Cannot record anything."""

    def record(self, launch):
        self.counts["recorded"] += 1
        raise RuntimeError("operation not permitted when stream is capturing")


def pipeline(G, recorder=None, reuse_bytes=0) -> Pipeline:
    return Pipeline(
        EngineOptions(device="cpu", threads=1, precision="float32"),
        lambda path, progress, cancelled: Snapshot(G),
        reuse_bytes=reuse_bytes,
        recordings=Recordings(recorder if callable(recorder) else lambda device: recorder),
    )


FIRST = RenderRequest("x", Seed(1))
PLAYED = [
    FIRST,
    RenderRequest("x", Seed(2), truncation=Truncation(psi=0.5)),
    RenderRequest("x", Seed(3), mix=(MixSource(Seed(4), (0, 0, 1, 1)),)),
    RenderRequest("x", Seed(1), noise=Noise("none")),
    RenderRequest("x", Seed(1), noise=Noise(strength=0.5)),
    RenderRequest("x", Seed(1), view=LayerView("b16.conv1", "atlas")),
]
LAUNCHED = [
    RenderRequest("x", Seed(1), noise=Noise("random", 5)),
    RenderRequest("x", Seed(1), noise=Noise("random", 6)),
    RenderRequest("x", Seed(1), edits=(ChannelEdit("b4.conv1", 2, 0.0),)),
    RenderRequest("x", Seed(1), edits=(ChannelEdit("b4.conv1", 2, 3.0),)),
    RenderRequest("x", Seed(1), bends=(Bend("b4.conv1", "scale", 2.0),)),
]


@pytest.mark.parametrize("reuse_bytes", [0, 768 << 20])
def test_what_is_played_has_the_bytes_of_what_is_launched(reuse_bytes) -> None:
    G, tape = network(), Tape()
    plain, played = pipeline(G, reuse_bytes=reuse_bytes), pipeline(G, tape, reuse_bytes)
    stats = StatsSpec("b32.conv0", 1)
    for request in (PLAYED + LAUNCHED) * 3:
        for asked in (None, stats):
            a, b = plain.render(request, asked), played.render(request, asked)
            np.testing.assert_array_equal(a.pixels, b.pixels)
            assert a.info.stats == b.info.stats
    assert tape.counts["played"] > tape.counts["recorded"] > 0


def test_a_stage_is_recorded_when_it_is_asked_for_again() -> None:
    tape = Tape()
    made, stages = pipeline(network(), tape), 5
    seen = []
    for seed in range(4):
        made.render(structs.replace(FIRST, source=Seed(seed)))
        seen.append((tape.counts["recorded"], tape.counts["played"]))
    # It is played once to see that it gives the same.
    assert seen == [(0, 0), (stages, stages), (stages, 2 * stages), (stages, 3 * stages)]


def test_stages_whose_layers_are_changed_are_launched() -> None:
    """The stage that is edited is, and so are all that draw noise; the others are played."""
    for request, launched in [(LAUNCHED[0], 5), (LAUNCHED[2], 1), (LAUNCHED[4], 1)]:
        tape = Tape()
        made = pipeline(network(), tape)
        for seed in range(2):
            made.render(structs.replace(request, source=Seed(seed)))
        assert tape.counts["recorded"] == 5 - launched


def test_a_picture_that_is_kept_is_not_drawn_over() -> None:
    """Outputs are kept while the same recording is played for others."""
    made = pipeline(network(), Tape(), 768 << 20)
    expected = pipeline(network()).render(FIRST).pixels
    for seed in (7, 8, 1, 9, 10):
        made.render(structs.replace(FIRST, source=Seed(seed)))
    kept = made.render(FIRST)
    assert kept.info.reused_stages == kept.info.total_stages
    np.testing.assert_array_equal(kept.pixels, expected)


@pytest.mark.parametrize("recorder", [Jammed(), Tape(off=1e-3)])
def test_what_cannot_be_recorded_or_plays_other_numbers_is_launched(recorder, capsys) -> None:
    G = network()
    plain, made = pipeline(G), pipeline(G, recorder)
    for seed in range(4):
        request = structs.replace(FIRST, source=Seed(seed))
        np.testing.assert_array_equal(made.render(request).pixels, plain.render(request).pixels)
    assert recorder.counts["recorded"] == 5, "each is tried once"
    assert "launched anew each time" in capsys.readouterr().err


def test_another_device_or_precision_is_recorded_anew() -> None:
    tapes: list[Tape] = []

    def recorder_of(device: torch.device) -> Tape:
        tapes.append(Tape())
        return tapes[-1]

    made = pipeline(network(), recorder_of)
    for precision in ("float32", "bfloat16"):
        made.configure(EngineOptions(device="cpu", threads=1, precision=precision))
        for _ in range(2):
            made.render(FIRST)
    assert [tape.counts["recorded"] for tape in tapes] == [5, 5]


def test_a_moved_picture_of_stylegan3_is_played() -> None:
    torch.manual_seed(0)
    G = StyleGAN3Generator(8, 0, 8, 16, mapping_layers=1, channel_base=256, channel_max=16)
    tape = Tape()
    plain, made = pipeline(G.eval()), pipeline(G, tape)
    for degrees in (0, 10, 20, 30):
        request = RenderRequest("x", Seed(1), transform=Transform(rotate=degrees))
        np.testing.assert_array_equal(made.render(request).pixels, plain.render(request).pixels)
    assert tape.counts["played"] > tape.counts["recorded"] > 0


def test_what_a_recording_reads_is_kept_with_it() -> None:
    """Filters are in a cache that forgets; a recording reads them where they lay."""
    weight, recordings = torch.ones(3), Recordings(lambda device: Tape())
    play = recordings.on(torch.device("cpu"))

    def launch(tensors):
        return [(tensors[0] + 1) * weight]

    with torch.inference_mode():
        for _ in range(2):
            play("key", [torch.ones(3)], launch)
    (recording,) = recordings._known.values()
    storages = [tensor.data_ptr() for tensor in recording.others]
    assert weight.data_ptr() in storages
    assert recording.inputs[0].data_ptr() in storages
    assert len(storages) == 2, "what is made on the way belongs to nobody"


def test_recordings_take_no_more_memory_than_there_is_for_them(capsys) -> None:
    """They keep the weights of networks that are closed, and what all their stages leave."""
    tape = Tape(room=10 * 4096)
    recordings = Recordings(lambda device: tape)
    play = recordings.on(torch.device("cpu"))
    weights = {key: torch.full((1024,), float(key)) for key in range(5)}

    def asked(key: int) -> int:
        """How much the stage is played: inputs, outputs and weights are 4096 bytes each."""
        before = tape.counts["played"]
        (out,) = play(key, [torch.ones(1024)], lambda tensors: [tensors[0] * weights[key]])
        assert torch.equal(out, weights[key])
        return tape.counts["played"] - before

    with torch.inference_mode():
        for key in weights:
            assert [asked(key) for _ in range(3)] == [0, 1, 1]
            assert asked(0) == 1, "it has been asked for lately"
        assert recordings._known.size <= tape.room
        assert len(recordings._known) == 3
        assert asked(1) == 0, "it had to go for others"
        large = torch.ones(10 * 1024)
        for _ in range(4):
            play("large", [large], lambda tensors: [tensors[0] + 1])
    assert tape.counts["recorded"] == 6, "what never fits is tried once"
    assert "too much memory" in capsys.readouterr().err
    assert len(recordings._known) == 3, "and nothing goes for its sake"


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_networks_that_move_while_pictures_are_drawn_stay_fit_for_gradients(
    precision: Precision,
) -> None:
    """Tensors born in inference mode cannot be searched through, nor their filters remembered."""
    models = Models(lambda path, progress, cancelled: Snapshot(network()), 1 << 30)
    here = Compute(torch.device("cpu"), "float32", 1)
    model = models.find_or_load("x", lambda: False, here)
    with torch.inference_mode():
        models.place(model, Compute(torch.device("meta"), precision, 1))
    tensors = [*model.generator.parameters(), *model.generator.buffers()]
    assert all(tensor.is_meta and not tensor.is_inference() for tensor in tensors)
