"""Whatever a session holds, its command line asks for the same picture. Nothing is drawn here."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

import visualizer
from renderer.cli import generate, style_mix
from renderer.messages.bending import OPERATIONS, Bend, amount_of, heard
from renderer.messages.model import ModelInfo
from renderer.messages.request import (
    AugmentView,
    ChannelEdit,
    ClassLabel,
    Direction,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    StyleShift,
    Truncation,
)
from tests.viz.conftest import make_model
from viz.session.command_line import command_line
from viz.session.session import Session

LATENTS = "@latents"
"""Stands for a file of three stored latents."""

whole = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 12)
real = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, -1.0, 0.5])
weight = st.sampled_from([0.0, -0.0, 1.0, 1.0, 3.0, -0.5, 0.25]) | real
sources = st.one_of(
    st.builds(Seed, st.integers(0, 2**32 - 1) | whole),
    st.builds(Plane, real, real, st.just(100) | whole),
    st.builds(SavedW, st.just(LATENTS), st.just(0) | whole),
)
mixes = st.builds(
    MixSource, sources, st.lists(weight, max_size=14).map(tuple), st.booleans() | st.just(True)
)
layers = st.sampled_from(["b4.conv1", "b8.conv0", "none"])
requests = st.builds(
    RenderRequest,
    source=sources,
    label=st.none() | st.builds(ClassLabel, whole, st.none() | whole, real),
    truncation=st.just(Truncation())
    | st.builds(
        Truncation, real, st.none() | whole, st.none() | st.lists(real, max_size=3).map(tuple)
    ),
    mix=st.lists(mixes, max_size=2).map(tuple),
    noise=st.builds(
        Noise,
        st.sampled_from(["none", "const", "random"]),
        whole,
        st.just(1.0) | real,
        st.just(()) | st.tuples(st.tuples(layers, weight)),
    ),
    directions=st.just(()) | st.tuples(st.builds(Direction, st.binary(max_size=8), weight)),
    styles=st.lists(
        st.builds(
            StyleShift,
            layers,
            st.integers(0, 40) | whole,
            weight,
            real,
            st.just("") | st.just("lips"),
        ),
        max_size=2,
    ).map(tuple),
    edits=st.just(()) | st.tuples(st.builds(ChannelEdit, layers, whole, weight)),
    bends=st.lists(
        st.builds(
            Bend,
            layers,
            st.sampled_from(OPERATIONS),
            real,
            real,
            st.none() | st.lists(st.integers(-1, 70), max_size=4).map(tuple),
            st.just(1.0) | real,
            st.just(0) | whole,
            st.booleans() | st.just(True),
            st.booleans() | st.just(False),
        ),
        max_size=2,
    ).map(tuple),
    view=st.none() | st.builds(LayerView, layers),
    augment=st.none() | st.builds(AugmentView, real),
)


def picture(request: RenderRequest, model: ModelInfo) -> RenderRequest:
    """The plainest request with the same picture."""
    mix = tuple(
        MixSource(m.source, weights)
        for m in request.mix
        if m.enabled and any(weights := _weights(m.weights[: model.num_ws]))
    )
    if len(mix) == 1 and mix[0].source == request.source and min(mix[0].weights) >= 0:
        mix = ()  # A latent mixed with itself is that latent.
    label = request.label or ClassLabel()
    if label.second is None or label.t == 0:
        label = ClassLabel(label.first)
    noise = request.noise
    if noise.mode == "none" or noise.strength == 0:
        noise = Noise("none")
    elif noise.mode == "const":
        noise = structs.replace(noise, seed=0)
    mapped = not isinstance(request.source, SavedW) or mix
    return structs.replace(
        request,
        mix=mix,
        label=label if model.c_dim and mapped else None,
        noise=structs.replace(noise, layers=tuple(x for x in noise.layers if x[1] != 1)),
        edits=tuple(edit for edit in request.edits if edit.scale != 1),
        bends=_bends(request, model),
        directions=request.directions if any(d.amount for d in request.directions) else (),
        styles=_styles(request, model),
    )


def _styles(request: RenderRequest, model: ModelInfo) -> tuple[StyleShift, ...]:
    counts = {layer.name: layer.styles for layer in model.layers}
    return tuple(
        shift
        for shift in request.styles
        if shift.amount and 0 <= shift.channel < counts.get(shift.layer, 0)
    )


def _bends(request: RenderRequest, model: ModelInfo) -> tuple[Bend, ...]:
    known = {layer.name for layer in model.layers}
    return tuple(
        structs.replace(
            bend,
            amount=amount_of(bend),
            down=bend.down if bend.operation == "translate" else 0.0,
            channels=None if bend.channels is None else tuple(sorted(set(bend.channels))),
            enabled=True,
            solo=False,
        )
        for bend in heard(request.bends)
        if bend.layer in known
    )


def _weights(weights: Iterable[float]) -> tuple[float, ...]:
    """Clamped as the pipeline does, without the zeros at the end."""
    clamped = [min(max(weight, -1.0), 1.0) for weight in weights]
    while clamped and clamped[-1] == 0:
        clamped.pop()
    return tuple(clamped)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command lines")
    (folder / "net.pkl").touch()
    np.save(folder / "w.npy", np.zeros((3, 512), np.float32))
    return folder


def asked(command: str, model: ModelInfo, folder: Path) -> RenderRequest:
    """What the program would draw first that is not a seed by itself, from its own options."""
    found: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        for module in (generate, style_mix):
            patch.setattr(module, "make_pipeline", lambda *_: None)
            patch.setattr(module, "open_network", lambda *_: model)
            patch.setattr(module, "write_pictures", lambda _, jobs, *__, **___: found.extend(jobs))
        patch.setattr(style_mix, "write_png", lambda *_: None)
        arguments = shlex.split(command)[2:]
        arguments[-1] = str(folder / "out")
        result = CliRunner().invoke(visualizer.cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    if arguments[0] == "style-mix":
        mixed = [request for request, _ in found if request.mix]
        return mixed[0] if mixed else found[0][0]
    return found[0][0]


@pytest.mark.parametrize("c_dim", [0, 10])
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@example(RenderRequest(source=Seed(5), mix=(MixSource(Seed(9), (-0.5,)),)))
@example(RenderRequest(source=Seed(5), mix=(MixSource(Seed(9), (1.0, 1.0, -0.5)),)))
@example(RenderRequest(source=Seed(5), truncation=Truncation(0.7, -(2**63))))
@example(RenderRequest(source=Seed(5), augment=AugmentView(0.3)))
@example(RenderRequest(styles=(StyleShift("b4.conv1", 0, 1.0, 1000001.0),)))
@example(RenderRequest(styles=(StyleShift("b4.conv1", 0, 1001.0, 1.0),)))
@example(RenderRequest(source=Plane(1e308, -1e308, -(2**63))))
@given(requests)
def test_a_command_line_asks_for_the_picture_of_the_session(
    folder: Path, c_dim: int, request: RenderRequest
) -> None:
    model = make_model(str(folder / "net.pkl"), c_dim=c_dim)

    def placed(source: Any) -> Any:
        return SavedW(str(folder / "w.npy"), source.index) if isinstance(source, SavedW) else source

    request = structs.replace(
        request,
        snapshot=model.path,
        source=placed(request.source),
        mix=tuple(structs.replace(m, source=placed(m.source)) for m in request.mix),
    )
    command = command_line(Session(request), model)
    assert ("--request" in command.text) == ("flags cannot say" in command.note)
    assert picture(asked(command.text, model, folder), model) == picture(request, model)


def test_a_request_that_no_shell_takes_is_said_so() -> None:
    model = make_model("/net.pkl")
    silenced = [ChannelEdit(layer.name, c) for layer in model.layers for c in range(layer.channels)]
    few, many = silenced[:500], silenced * 2
    assert "flags cannot say channel edits" in _note(few, model)
    assert "give --request its PNG" in _note(many, model)


def _note(edits: list[ChannelEdit], model: ModelInfo) -> str:
    return command_line(Session(RenderRequest(model.path, edits=tuple(edits))), model).note


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        (RenderRequest(source=SavedW("/w.npy", 2)), "latent"),
        (RenderRequest(label=ClassLabel(0, 1, 1e-9)), "class"),
        (RenderRequest(view=LayerView("b8.conv0")), "the layer shown"),
        (RenderRequest(augment=AugmentView(0.3)), "what the discriminator sees"),
        (RenderRequest(styles=(StyleShift("b8.conv0", 1, 2.0, name="lips"),)), "style channels"),
        (RenderRequest(source=Seed(2**40), truncation=Truncation(curve=())), "latent, truncation"),
    ],
)
def test_what_flags_cannot_say_is_called_by_its_own_name(
    request_: RenderRequest, named: str
) -> None:
    model = make_model("/net.pkl", c_dim=10)
    note = command_line(Session(structs.replace(request_, snapshot=model.path)), model).note
    assert note == f"Copied as a command line with --request: flags cannot say {named}."


@pytest.mark.parametrize("weights", [(-0.5,), (1.0, 1.0, -0.5), (0.0, -1.0)])
def test_weights_that_lead_away_are_not_lost(weights: tuple[float, ...]) -> None:
    model = make_model("/net.pkl")
    request = RenderRequest(model.path, Seed(5), mix=(MixSource(Seed(9), weights),))
    command = command_line(Session(request), model)
    assert "flags cannot say style mixing" in command.note
    assert "--request" in command.text
