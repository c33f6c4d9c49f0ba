"""Nothing outlives the process that started it, even where that is killed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CHILD = """
import time
from common.parent import end_with_parent

def wait():
    end_with_parent()
    print("here", flush=True)
    time.sleep(20)
    print("left alone", flush=True)
"""
BY_SUBPROCESS = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD + "wait()"!r}])
"""
BY_MULTIPROCESSING = """
import multiprocessing
from child import wait
if __name__ == "__main__":
    process = multiprocessing.get_context("{method}").Process(target=wait)
    process.start()
    process.join()
"""


@pytest.mark.skipif(os.name != "posix", reason="a killed process has no children left elsewhere")
@pytest.mark.parametrize(
    "script",
    [
        BY_SUBPROCESS,
        BY_MULTIPROCESSING.format(method="spawn"),
        BY_MULTIPROCESSING.format(method="forkserver"),
    ],
    ids=["subprocess", "spawn", "forkserver"],
)
def test_a_child_ends_when_its_parent_is_killed(script, tmp_path):
    (tmp_path / "child.py").write_text(CHILD)
    (tmp_path / "parent.py").write_text(script)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert parent.stdout is not None
    with parent.stdout as output:
        assert output.readline() == b"here\n"
        parent.kill()
        parent.wait()
        assert output.read() == b""  # the pipe ends with the last process that holds it
