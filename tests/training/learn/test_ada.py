"""The controller of p: the published formula, both bounds, both heuristics, exact continuation."""

from __future__ import annotations

from math import isnan

import pytest
import torch
from torch import Tensor

from training.learn.ada import AdaOptions, Controller


def controller(**options: object) -> Controller:
    return Controller(torch.zeros([]), AdaOptions(**options), batch=32)


def minibatch(c: Controller, signs: list[float]) -> None:
    c.observe("Loss/signs/real", torch.tensor(signs)[:, None])
    c.update()


def test_p_follows_r_t_as_the_formula_says() -> None:
    """Sequences of mean signs around the target, among them clamping at both ends."""
    torch.manual_seed(0)
    c = controller(kimg=2)
    p, seen = 0.0, set()
    for round_ in range(200):
        drift = 0.35 if (round_ // 50) % 2 == 0 else -0.35
        batches = [(torch.rand(8) < 0.8 + drift * torch.rand([])).float() * 2 - 1 for _ in "1234"]
        for signs in batches:
            minibatch(c, signs.tolist())
        r_t = float(torch.cat(batches).mean())
        assert c.r_t == pytest.approx(r_t)
        direction = 1 if r_t > 0.6 else -1
        p = min(max(p + direction * 32 * 4 / (2 * 1000), 0), 1)
        assert c.p == pytest.approx(p, abs=1e-12)
        assert float(c.buffer) == pytest.approx(p, abs=1e-6)
        seen.add(p)
    assert {0.0, 1.0} <= seen
    assert len(seen) > 10


def test_speed() -> None:
    """From 0 to 1 in 500 kimg, whatever the batch."""
    c = controller(kimg=500)
    for _ in range(500_000 // 32 // 2):
        minibatch(c, [1.0])
    assert c.p == pytest.approx(0.5, abs=1e-3)


def test_p_changes_only_at_the_end_of_an_interval() -> None:
    c, p = controller(kimg=1), []
    for _ in range(8):
        minibatch(c, [1.0])
        p.append(c.p)
    assert p == pytest.approx([0, 0, 0, 0.128, 0.128, 0.128, 0.128, 0.256])


def test_minibatches_of_unequal_size_count_by_their_pictures() -> None:
    c = controller(kimg=1)
    for signs in ([1.0], [1.0], [1.0], [-1.0] * 5):
        minibatch(c, signs)
    assert c.r_t == pytest.approx(-2 / 8)


def test_r_v() -> None:
    c = controller(heuristic="rv", target=0.5, kimg=1, interval=1)
    for validation, r_v, p in ((0.0, 2 / 3, 0.032), (1.9, 0.1 / 3, 0.0), (0.5, 0.5, 0.0)):
        c.observe("Loss/scores/real", torch.tensor([1.0, 3.0]))
        c.observe("Loss/scores/fake", torch.tensor([-1.0]))
        c.observe("Loss/scores/validation", torch.tensor([validation]))
        c.observe("Loss/signs/real", torch.tensor([1.0]))
        assert c.update()
        assert c.r_v == pytest.approx(r_v)
        assert c.r_t == 1, "both are reported"
        assert c.p == pytest.approx(p)


def test_without_validation_pictures_r_v_is_unknown_and_p_stays() -> None:
    c = controller(heuristic="rv", interval=1, p=0.3)
    c.observe("Loss/scores/real", torch.tensor([1.0]))
    c.observe("Loss/scores/fake", torch.tensor([-1.0]))
    c.update()
    assert isnan(c.r_v)
    assert c.p == 0.3


@pytest.mark.parametrize(("mode", "p"), [("fixed", 0.4), ("noaug", 0.0)])
def test_p_is_not_always_adapted(mode: str, p: float) -> None:
    c = controller(mode=mode, p=0.4)
    for _ in range(8):
        minibatch(c, [1.0])
    assert c.p == p
    assert c.r_t == 1, "still reported"


def test_ranks_agree() -> None:
    """Sums of all ranks decide, even against a rank's own pictures."""
    others = torch.zeros(4, 2, dtype=torch.float64)
    others[0] = torch.tensor([30.0, 30.0])
    c = Controller(
        torch.zeros([]), AdaOptions(interval=1), batch=32, total=lambda sums: sums + others
    )
    minibatch(c, [-1.0, -1.0])
    assert c.r_t == pytest.approx(28 / 32)
    assert c.p == c.step_size


def test_continuation_in_the_middle_of_an_interval() -> None:
    def feed(c: Controller, batches: Tensor) -> None:
        for signs in batches:
            minibatch(c, signs.tolist())

    torch.manual_seed(0)
    batches = torch.randint(0, 2, [50, 8]) * 2.0 - 1
    whole, first, second = (controller(target=0, kimg=2) for _ in range(3))
    feed(whole, batches)
    feed(first, batches[:26])
    second.load_state_dict(first.state_dict())
    assert float(second.buffer) == float(first.buffer)
    feed(second, batches[26:])
    assert second.p == whole.p
    assert second.r_t == whole.r_t


def test_wrong_options() -> None:
    with pytest.raises(ValueError, match="p is between"):
        AdaOptions(p=1.1)
    with pytest.raises(ValueError, match="kimg"):
        AdaOptions(kimg=0)
