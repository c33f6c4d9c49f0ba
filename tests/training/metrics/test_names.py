"""Names of metrics: what they mean, and what is no name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import UserError
from training.metrics.names import BUILT_IN, PUBLISHED, parse, parse_all


@pytest.mark.parametrize(
    ("name", "kind", "network", "generated", "real"),
    [
        ("fid50k_full", "frechet", "inception", 50_000, None),
        ("kid50k_full", "kernel", "inception", 50_000, 1_000_000),
        ("pr50k3_full", "precision_recall", "vgg16", 50_000, 200_000),
        ("pr5003_full", "precision_recall", "vgg16", 500, 200_000),
        ("is50k", "inception_score", "inception", 50_000, 0),
        ("fd10k_lite", "frechet", "lite", 10_000, 10_000),
        ("kd500_lite", "kernel", "lite", 500, 500),
    ],
)
def test_a_name_says_what_is_compared(name, kind, network, generated, real):
    metric = parse(name)
    assert (metric.kind, metric.network, metric.generated, metric.real) == (
        kind,
        network,
        generated,
        real,
    )
    assert metric.needs_data == (kind != "inception_score")


@pytest.mark.parametrize(
    ("name", "space", "sampling", "crop", "number"),
    [
        ("ppl_zfull", "z", "full", True, 50_000),
        ("ppl_wend", "w", "end", True, 50_000),
        ("ppl2_wend", "w", "end", False, 50_000),
        ("ppl2_wend_n2k", "w", "end", False, 2000),
    ],
)
def test_paths(name, space, sampling, crop, number):
    metric = parse(name)
    assert (metric.space, metric.sampling, metric.crop) == (space, sampling, crop)
    assert (metric.kind, metric.generated, metric.needs_data) == ("path_length", number, False)


@given(st.sampled_from((*PUBLISHED, *BUILT_IN)), st.integers(20, 1_000_000))
def test_another_number_is_another_name(name, number):
    """Values of different numbers of pictures can never share a file."""
    changed = parse(name).at(number)
    assert changed.generated == number
    assert parse(changed.name) == changed
    assert (changed.name == name) == (parse(name).generated == number) or "ppl" in name
    assert changed.at(parse(name).generated).generated == parse(name).generated


def test_lists_hold_each_once():
    assert [m.name for m in parse_all("fd2k_lite, is50k,fd2k_lite,")] == ["fd2k_lite", "is50k"]
    assert parse_all("") == parse_all("none") == ()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fid50k", "There is no metric 'fid50k'. Did you mean fid50k_full?"),
        ("fd2k_light", "Did you mean fd2k_lite?"),
        ("FID", "There are fid50k_full, kid50k_full"),
        ("fid0_full", "There is no metric"),
        ("fd1_lite", "fd1_lite asks for 1 pictures. Use 2 to 1,000,000"),
        ("is10", "Use 20 to"),
        ("pr33_full", "Use 4 to"),
        ("fd2000k_lite", "asks for 2,000,000"),
    ],
)
def test_what_is_no_metric_is_told(name, message):
    with pytest.raises(UserError) as caught:
        parse_all(f"fd2k_lite,{name}")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
