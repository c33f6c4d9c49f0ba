"""What jobs write for a window on another machine is made in a scratch folder and sent."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec
import pytest

from renderer.messages.jobs import Load, SaveW
from renderer.messages.to_renderer import Start
from renderer.messages.to_window import JobFailed, ToWindow
from renderer.server.deliveries import Deliveries
from renderer.transport.credit import Credit
from tests.renderer.client.client_kit import ask

SAVE = SaveW("/there/w.npz", ask("net", 1))


def test_a_job_that_writes_does_so_in_a_folder_that_goes_at_the_end() -> None:
    deliveries = Deliveries(lambda _: None, Credit())
    load = Start.of(1, Load("/here/net.pt"))
    assert deliveries.begin(load) is load
    start = deliveries.begin(Start.of(2, SAVE))
    assert start is not None
    assert start.job == 2
    path = Path(msgspec.msgpack.decode(start.work, type=SaveW).path)
    assert path.name == "w.npz"
    assert path.parent.is_dir()
    assert path.parent != Path("/there")
    deliveries.close()
    assert not path.parent.exists()


def test_a_full_disk_fails_the_job_and_not_the_renderer(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    told: list[ToWindow] = []
    assert Deliveries(told.append, Credit()).begin(Start.of(7, SAVE)) is None
    (failed,) = told
    assert isinstance(failed, JobFailed)
    assert (failed.job, failed.path, failed.cancelled) == (7, "/there/w.npz", False)
    assert "no space left" in failed.failure.message.lower()
    assert failed.failure.remedy
