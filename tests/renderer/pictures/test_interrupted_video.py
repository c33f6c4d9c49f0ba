"""Ctrl+C in a terminal reaches all processes of its group; a video is completed all the same."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from renderer.pictures.video import read_first

WRITER = """
import signal, sys
from pathlib import Path
import numpy as np
from renderer.pictures.video import Video

signal.signal(signal.SIGINT, lambda *_: None)
frame = np.zeros((32, 32, 4), np.uint8)
with Video(Path(sys.argv[1]), (32, 32), 30.0, "") as video:
    video.add(frame)
    print("begun", flush=True)
    sys.stdin.read()
    video.add(frame)
    video.finish()
"""


@pytest.mark.skipif(os.name == "nt", reason="groups of processes are interrupted otherwise there")
def test_an_interrupted_group_does_not_take_the_encoder_along(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        os.killpg(process.pid, signal.SIGINT)
        process.stdin.close()
        assert process.wait() == 0
    assert read_first(path).shape == (32, 32, 4)
