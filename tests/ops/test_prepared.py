"""Prepared weights: the same numbers as the definition, and never those of another weight."""

from __future__ import annotations

import contextlib
import gc
from itertools import product

import pytest
import torch
from torch import Tensor

from ops import first_gradients, modulated_conv2d, setup_filter
from ops.convolution import _conv2d_resample, resampling_pad
from ops.prepared import PreparedWeights, packed
from ops.prepared.forms import FORMS, Use
from ops.prepared.table import PLAIN, Measured, Table, delivered

PRECISE = {torch.float32: 2e-5, torch.bfloat16: 2e-2}  # of the peak


def apart(a: Tensor, b: Tensor) -> float:
    assert a.shape == b.shape
    return ((a.float() - b.float()).abs().max() / b.float().abs().max()).item()


def always(name: str):
    return lambda channels, use, dtype: name if FORMS[name].suits(use, dtype) else PLAIN


def convolve(weight: Tensor, x: Tensor, up: int = 1, **more: object) -> Tensor:
    styles = torch.linspace(0.5, 2, weight.shape[1])[None]
    f = setup_filter((1, 3, 3, 1)) if up > 1 else None
    return modulated_conv2d(x, weight, styles, f=f, up=up, padding=1, **more)


def prepared(weight: Tensor, x: Tensor, name: str, dtype: torch.dtype, **how) -> PreparedWeights:
    store = PreparedWeights(always(name))
    with store.using(dtype):
        convolve(weight, x, **how)
    while store.missing(dtype):
        store.make_one(dtype)
    return store


@pytest.fixture(autouse=True)
def _inference():
    with torch.no_grad():
        yield


@pytest.fixture(params=[True, False], ids=["packed", "not packed"])
def by_one_dnn(request, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(packed, "_packs", lambda dtype: False)


@pytest.mark.parametrize("dtype", PRECISE)
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.usefixtures("by_one_dnn")
def test_each_form_gives_what_the_definition_gives(name: str, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    tested = 0
    for up, (h, w), padding, flip in product((1, 2), ((4, 4), (7, 18)), (1, 2), (True, False)):
        f = setup_filter((1, 3, 3, 1)) if up > 1 else None
        use = Use(h, w, up, resampling_pad(f, up, 1, padding), flip)
        if not FORMS[name].suits(use, dtype):
            continue
        x, weight = torch.randn(1, 16, h, w), torch.randn(24, 16, 3, 3)
        expected = _conv2d_resample(x, weight, f, up, 1, use.padding, 1, flip)
        form = FORMS[name](weight.to(dtype), use)
        inner = x.to(dtype, memory_format=torch.channels_last)
        assert apart(form(inner, f), expected) < PRECISE[dtype]
        tested += 1
    assert tested or (name, dtype) == ("minimal", torch.bfloat16)


def test_more_rows_than_are_transformed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.prepared.forms._CACHED", 2 * 6 * 8 * 16 * 4)
    x, weight = torch.randn(1, 16, 21, 8), torch.randn(8, 16, 3, 3)
    use = Use(21, 8, 1, (1, 1, 1, 1), True)
    expected = torch.nn.functional.conv2d(x, weight, padding=1)
    assert apart(FORMS["minimal"](weight, use)(x, None), expected) < 2e-5


@pytest.mark.parametrize("dtype", PRECISE)
@pytest.mark.parametrize(("name", "up"), [("packed", 1), ("minimal", 1), ("phases", 2)])
def test_the_operator_is_the_same_with_prepared_weights(name, up, dtype) -> None:
    if (name, dtype) == ("minimal", torch.bfloat16):
        pytest.skip("not exact enough")
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    how = {"up": up, "noise": torch.randn(1, 1, 8 * up, 8 * up), "gain": torch.tensor(0.7)}
    expected = convolve(weight, x, **how)
    store = prepared(weight, x, name, dtype, up=up)
    with store.using(dtype):
        got = convolve(weight, x.to(dtype), **how)
    with PreparedWeights(always(name)).using(dtype, at_once=True):
        assert torch.equal(convolve(weight, x.to(dtype), **how), got), "whenever it is made"
    assert got.dtype == dtype
    assert apart(got, expected) < 2 * PRECISE[dtype]
    assert not torch.equal(got.float(), expected), "it did go another way"
    with PreparedWeights(always(name)).using(dtype):
        assert torch.equal(convolve(weight, x, **how), expected), "as long as it is not made"
    assert torch.equal(convolve(weight, x, **how), expected), "outside"


@pytest.mark.parametrize("dtype", PRECISE)
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.usefixtures("by_one_dnn")
def test_the_first_gradient_of_each_form_is_the_definition_s(name, dtype) -> None:
    torch.manual_seed(1)
    for up, (h, w), padding, flip in product((1, 2), ((4, 4), (7, 18)), (0, 1, 2), (True, False)):
        f = setup_filter((1, 3, 3, 1)) if up > 1 else None
        use = Use(h, w, up, resampling_pad(f, up, 1, padding), flip, gradient=True)
        if not FORMS[name].suits(use, dtype):
            continue
        x, weight = torch.randn(1, 16, h, w), torch.randn(24, 16, 3, 3)
        form = FORMS[name](weight.to(dtype), use)
        gradients = []
        with torch.enable_grad():
            for convolve in (
                lambda x, weight=weight, use=use, f=f, up=up, flip=flip: _conv2d_resample(
                    x, weight, f, up, 1, use.padding, 1, flip
                ),
                lambda x, form=form, f=f: form(x.to(dtype, memory_format=torch.channels_last), f),
            ):
                moved = x.clone().requires_grad_(True)
                y = convolve(moved)
                towards = torch.linspace(-1, 1, y.numel()).view(y.shape)
                gradients += torch.autograd.grad((y.float() * towards).sum(), moved)
        assert apart(gradients[1], gradients[0]) < PRECISE[dtype]
    assert not FORMS[name].suits(Use(4, 4, 1, (3,) * 4, True, gradient=True), dtype)


def test_a_search_for_the_input_of_a_fixed_network_goes_through_them() -> None:
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    styles = torch.linspace(0.5, 2, 16)[None]

    def search(*around) -> list[Tensor]:
        with contextlib.ExitStack() as stack, torch.enable_grad():
            for each in around:
                stack.enter_context(each)
            given = [x.clone().requires_grad_(True), styles.clone().requires_grad_(True)]
            y = modulated_conv2d(given[0], weight, given[1], padding=1)
            return [y, *torch.autograd.grad(y.sin().sum(), given)]

    store = PreparedWeights(always("minimal"))
    expected = search()
    found = search(first_gradients(), store.using(torch.float32, at_once=True))
    assert store.size == 2 * 24 * 16 * 18 * 4 + 16 * 24 * 4, "there and back"
    assert not torch.equal(found[0], expected[0]), "it did go another way"
    assert max(map(apart, found, expected)) < 2e-5


def test_a_weight_that_is_written_to_is_not_drawn_with_as_it_was() -> None:
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    store = prepared(weight, x, "minimal", torch.float32, demodulate=False)
    weight[:12].mul_(3)
    expected = convolve(weight, x, demodulate=False)
    with store.using(torch.float32):
        assert torch.equal(convolve(weight, x, demodulate=False), expected), "as it is"
    assert store.missing(torch.float32) == 1
    with store.using(torch.float32, at_once=True):
        again = convolve(weight, x, demodulate=False)
    assert store.missing(torch.float32) == 0
    assert not torch.equal(again, expected)
    assert apart(again, expected) < 2e-5


def test_one_that_is_written_to_before_it_was_made_is_noted_anew() -> None:
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    store = PreparedWeights(always("packed"))
    with store.using(torch.float32):
        convolve(weight, x)
    weight.mul_(2)
    store.make_one(torch.float32)
    assert (store.missing(torch.float32), store.size) == (0, 0)
    with store.using(torch.float32):
        convolve(weight, x)
    assert store.missing(torch.float32) == 1


def test_bytes_are_counted_and_go_with_the_weight() -> None:
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    norms = 16 * 24 * 4
    assert prepared(weight, x, "packed", torch.float32).size == 24 * 16 * 9 * 4 + norms
    assert prepared(weight, x, "packed", torch.bfloat16).size == 24 * 16 * 9 * 2 + norms
    store = prepared(weight, x, "minimal", torch.float32)
    assert store.size == 24 * 16 * 18 * 4 + norms, "six combinations of three taps"
    store._choose = always("packed")
    while store.missing(torch.bfloat16):
        store.make_one(torch.bfloat16)
    both = store.size
    assert both == 24 * 16 * (18 * 4 + 9 * 2) + norms, "which both need"
    del weight
    gc.collect()
    assert store.size == 0


def test_nothing_is_prepared_for_a_batch_or_for_more_than_first_gradients() -> None:
    x, weight = torch.randn(1, 16, 8, 8), torch.randn(24, 16, 3, 3)
    store = PreparedWeights(always("packed"))
    with store.using(torch.float32, at_once=True):
        with torch.enable_grad():
            convolve(weight, x)
        convolve(weight, x.expand(2, -1, -1, -1))
        convolve(weight[:, :, :1, :1], x)
        with torch.inference_mode():
            # Such tensors do not count their changes.
            convolve(torch.randn(24, 16, 3, 3), x)
    assert (store.missing(torch.float32), store.size) == (0, 0)


def test_the_fastest_form_of_the_nearest_measurement_is_chosen() -> None:
    def one(side: int, **ms: float) -> Measured:
        return Measured(1, "float32", 64, 64, side, ms)

    table = Table(
        "any",
        1,
        (
            one(8, plain=10.0, packed=2.0, minimal=3.0, unheard_of=1.0),
            one(64, plain=10.0, packed=9.9),
            Measured(1, "bfloat16", 64, 64, 8, {"plain": 10.0, "packed": 8.0, "minimal": 1.0}),
        ),
    )

    def choose(side: int, dtype=torch.float32, up: int = 1, channels: int = 64) -> str:
        return table.choose((channels, channels), Use(side, side, up, (1,) * 4, True), dtype)

    assert choose(8) == choose(16) == "packed"
    assert choose(64) == PLAIN, "not worth it"
    assert choose(8, torch.bfloat16) == "packed", "the other one is not exact enough"
    assert choose(8, up=2) == PLAIN, "never measured"
    assert choose(8, channels=16) == PLAIN, "too far from all that was"


def test_the_table_that_comes_along_has_every_form() -> None:
    table = delivered()
    assert {name for one in table.measured for name in one.ms} == {PLAIN, *FORMS}
    chosen = {
        table.choose((512, 512), Use(8, 8, up, (1,) * 4, True), dtype)
        for up in (1, 2)
        for dtype in PRECISE
    }
    assert PLAIN not in chosen
