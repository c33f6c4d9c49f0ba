"""Every operator against numbers of an independent implementation."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from ops import (
    ACTIVATIONS,
    bias_act,
    conv2d_resample,
    modulated_conv2d,
    reference_path,
    setup_filter,
    upfirdn2d,
)
from tests.paths import DATA

CASES = json.loads((DATA / "ops.json").read_text())
PATHS = ["fast", "reference"]


@pytest.fixture(scope="module")
def arrays() -> dict[str, Tensor]:
    with np.load(DATA / "ops.npz") as file:
        return {name: torch.from_numpy(file[name]) for name in file.files}


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest):
    if request.param == "fast":
        yield
    else:
        with reference_path():
            yield


def cases(op: str) -> list[Any]:
    return [pytest.param(c, id=f"{op}-{c['case']}") for c in CASES if c["op"] == op]


def assert_close(actual: Tensor, expected: Tensor) -> None:
    assert actual.shape == expected.shape
    assert (actual - expected).abs().max() <= 1e-4 * expected.abs().max()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", cases("upfirdn2d"))
@pytest.mark.parametrize("separable", [False, True])
def test_upfirdn2d(case: dict[str, Any], separable: bool, arrays: dict[str, Tensor]) -> None:
    key = f"upfirdn2d/{case['case']}"
    row = torch.tensor(case["taps"], dtype=torch.float32)
    f = row / row.sum() if separable else setup_filter(case["taps"])
    if not separable:
        assert_close(f, arrays[f"{key}/f"])
    y = upfirdn2d(
        arrays[f"{key}/x"],
        f,
        case["up"],
        case["down"],
        case["padding"],
        case["flip_filter"],
        case["gain"],
    )
    assert_close(y, arrays[f"{key}/y"])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("act", ACTIVATIONS)
@pytest.mark.parametrize("inplace", [False, True])
def test_bias_act(act: str, inplace: bool, arrays: dict[str, Tensor]) -> None:
    b = arrays["bias_act/b"]
    y = bias_act(arrays["bias_act/x"].clone(), b, act, inplace=inplace)
    assert_close(y, arrays[f"bias_act/{act}"])
    y = bias_act(arrays["bias_act/x"].clone(), b, act, gain=0.7, clamp=0.5, inplace=inplace)
    assert_close(y, arrays[f"bias_act/{act}-gain0.7-clamp0.5"])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", cases("modulated_conv2d"))
@pytest.mark.parametrize("batch", [1, 2])
def test_modulated_conv2d(case: dict[str, Any], batch: int, arrays: dict[str, Tensor]) -> None:
    key = f"modulated_conv2d/{case['case']}"
    y = modulated_conv2d(
        arrays[f"{key}/x"][:batch],
        arrays[f"{key}/w"],
        arrays[f"{key}/styles"][:batch],
        noise=arrays[f"{key}/noise"][:batch],
        f=setup_filter([1, 3, 3, 1]),
        up=case["up"],
        down=case["down"],
        padding=case["padding"],
        demodulate=case["demodulate"],
        flip_weight=case["flip_weight"],
    )
    assert_close(y, arrays[f"{key}/y"][:batch])


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("case", cases("conv2d_resample"))
def test_conv2d_resample(case: dict[str, Any], arrays: dict[str, Tensor]) -> None:
    key = f"conv2d_resample/{case['case']}"
    y = conv2d_resample(
        arrays[f"{key}/x"],
        arrays[f"{key}/w"],
        setup_filter(case["taps"]),
        up=case["up"],
        down=case["down"],
        padding=case["padding"],
        flip_weight=case["flip_weight"],
    )
    assert_close(y, arrays[f"{key}/y"])
