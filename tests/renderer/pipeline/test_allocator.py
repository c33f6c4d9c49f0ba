"""Memory that was used once is there for the next picture, until it is given back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from renderer.pipeline.allocator import _glibc
from tests.paths import ROOT

MIB = 1 << 20

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or _glibc() is None, reason="only glibc is told to keep memory"
)


USED = """
import resource

import psutil
import torch

from renderer.pipeline.allocator import give_back, keep_memory

MIB = 1 << 20


def use(mebibytes):
    torch.zeros(mebibytes * MIB, dtype=torch.uint8)


def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


keep_memory()
use(256)
before = faults()
use(128)
print(faults() - before)
kept = psutil.Process().memory_info().rss
give_back()
print(kept - psutil.Process().memory_info().rss)
"""


def test_memory_is_kept_until_it_is_given_back() -> None:
    """In a process of its own: in the memory of others' tests there are holes of any size."""
    done = subprocess.run(
        [sys.executable, "-c", USED], capture_output=True, text=True, check=True, cwd=ROOT
    )
    cleared, given_back = map(int, done.stdout.split())
    assert cleared < 128 * MIB // 4096 / 10, "pages are not cleared anew"
    assert given_back > 200 * MIB
