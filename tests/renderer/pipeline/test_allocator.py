"""Memory that was used once is there for the next picture, until it is given back."""

from __future__ import annotations

import sys

import psutil
import pytest
import torch

from renderer.pipeline.allocator import _glibc, give_back, keep_memory

MIB = 1 << 20

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or _glibc() is None, reason="only glibc is told to keep memory"
)


def use(mebibytes: int) -> None:
    torch.zeros(mebibytes * MIB, dtype=torch.uint8)


def faults() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def test_memory_is_kept_until_it_is_given_back() -> None:
    process = psutil.Process()
    keep_memory()
    use(256)
    before = faults()
    use(128)
    assert faults() - before < 128 * MIB // 4096 / 10, "pages are not cleared anew"
    kept = process.memory_info().rss
    give_back()
    assert process.memory_info().rss < kept - 200 * MIB
