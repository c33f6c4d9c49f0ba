"""The real pipeline behind both clients: the window and the commands show the same bytes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from renderer.client.client import ReceivedFrame
from renderer.messages.frame import StatsSpec
from renderer.messages.jobs import SaveW
from renderer.messages.options import EngineOptions
from renderer.messages.request import LayerView, Noise, Plane, RenderRequest, Seed, Truncation
from renderer.messages.to_window import JobDone, RenderFailed
from tests.inline import InlineClient
from tests.paths import DATA
from tests.renderer.client.client_kit import Window

OPTIONS = EngineOptions(device="cpu", threads=1)


def test_the_process_and_the_inline_client_show_the_same_bytes(tmp_path: Path) -> None:
    net = str(DATA / "sg2-uncond-32.pkl")
    requests = [
        RenderRequest(net, Seed(3)),
        RenderRequest(net, Plane(0.25, 1.5), truncation=Truncation(0.7)),
        RenderRequest(net, Seed(3), noise=Noise("random", seed=5)),
        RenderRequest(net, Seed(3), view=LayerView("b16.conv1", "atlas")),
    ]
    inline = InlineClient(OPTIONS)
    with Window(options=OPTIONS, pipeline="renderer.pipeline.pipeline:Pipeline") as window:
        for request in requests:
            inline.submit(request, stats=StatsSpec("b16.conv1"))
            (expected,) = [e for e in inline.poll() if isinstance(e, ReceivedFrame)]
            frame = window.frame(window.client.submit(request, stats=StatsSpec("b16.conv1")))
            assert frame.pixels.tobytes() == expected.pixels.tobytes()
            assert frame.message.info.stats == expected.message.info.stats
            assert frame.message.info.atlas == expected.message.info.atlas

        if os.name == "posix":
            os.kill(window.client.pid, signal.SIGKILL)
            again = window.frame(frame.message.id)
            assert again.pixels.tobytes() == expected.pixels.tobytes()

        bad = RenderRequest(str(DATA / "ops.npz"))
        inline.submit(bad)
        (expected_failure,) = [e for e in inline.poll() if isinstance(e, RenderFailed)]
        window.client.submit(bad)
        failed = window.wait(lambda e: isinstance(e, RenderFailed))
        assert failed.failure == expected_failure.failure
        assert "ops.npz" in failed.failure.message
        assert "internal error" not in failed.failure.message

        window.client.start(SaveW(str(tmp_path / "w.npz"), requests[1]))
        window.wait(lambda e: isinstance(e, JobDone))
        inline.start(SaveW(str(tmp_path / "inline.npz"), requests[1]))
        assert any(isinstance(e, JobDone) for e in inline.poll())
        assert (tmp_path / "w.npz").stat().st_size == (tmp_path / "inline.npz").stat().st_size


def test_a_device_that_is_not_there_is_refused_and_the_old_one_kept() -> None:
    with Window(options=OPTIONS, pipeline="renderer.pipeline.pipeline:Pipeline") as window:
        window.client.configure(EngineOptions(device="cuda:99"))
        refused = window.wait(lambda e: getattr(e, "job", None) == 0 and hasattr(e, "failure"))
        assert "cuda:99" in refused.failure.message
        net = str(DATA / "sg2-uncond-32.pkl")
        frame = window.frame(window.client.submit(RenderRequest(net, Seed(1))))
        assert frame.message.info.device == "cpu"
