"""Several processes share the work of a metric, fail together and stop together."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import Tensor

from common.errors import UserError
from training.metrics.collect import Stopped, Team, in_words
from training.run.distributed import Group, spawn

D, BATCH, COUNTS = 3, 8, (50, 5)


def features(numbers: range) -> Tensor:
    """Row n tells n."""
    n = torch.tensor([float(number) for number in numbers])
    return torch.stack([n, n * n / 100, torch.ones_like(n)], dim=1)


def share(group: Group, result: str) -> None:
    """What one rank finds, and how it ends where the second fails or is asked to stop."""
    found: dict[str, object] = {}
    for count in COUNTS:
        seen: list[int] = []

        def work(numbers, seen=seen):
            seen.extend(numbers)
            return features(numbers)

        rows = Team(group).rows("", count, BATCH, work)
        sums = Team(group).sums("", count, BATCH, D, features)
        found[str(count)] = [seen, rows.tolist(), sums.tensor.tolist()]

    def broken(numbers):
        if group.rank == 1 and numbers.start >= BATCH * group.size:
            raise ValueError("rank 1 is broken")
        return features(numbers)

    with pytest.raises((RuntimeError, ValueError)) as failed:
        Team(group).rows("", 100, BATCH, broken)
    with pytest.raises(Stopped):
        Team(group, asked=lambda: group.rank == 1).rows("", 100, BATCH, features)
    found["failed"] = str(failed.value)
    found["together"] = [part.decode() for part in group.gather(b"after all that")]
    with open(f"{result}.{group.rank}", "w") as file:
        json.dump(found, file)


def test_shares_make_the_whole(tmp_path):
    spawn(2, "cpu", share, str(tmp_path / "found"))
    found = [json.loads((tmp_path / f"found.{rank}").read_text()) for rank in range(2)]
    alone = Team(Group())
    for count in COUNTS:
        (seen, rows, sums), (others, nothing, same) = (answer[str(count)] for answer in found)
        assert np.array_equal(rows, alone.rows("", count, BATCH, features))
        assert nothing == []
        assert sums == same
        expected = alone.sums("", count, BATCH, D, features).tensor
        np.testing.assert_allclose(sums, expected, rtol=1e-12)
        assert sorted(seen + others) == list(range(count))
        assert len(seen) == (26 if count == 50 else 5)
    assert [answer["failed"] for answer in found] == ["another process failed", "rank 1 is broken"]
    assert all(answer["together"] == ["after all that"] * 2 for answer in found)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UserError("x.png is damaged.", "Make it anew."), "x.png is damaged. Make it anew."),
        (RuntimeError("no memory\n  left"), "no memory left."),
        (MemoryError(), "MemoryError."),
    ],
)
def test_a_failure_is_told_as_a_sentence(error, words):
    assert in_words(error) == words
