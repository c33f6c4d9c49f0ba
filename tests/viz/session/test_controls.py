"""Every number and switch has an address, through which it is read and changed."""

from __future__ import annotations

import pytest
from msgspec import structs

from renderer.messages.bending import Bend
from renderer.messages.directions import Component, StyleChannel
from renderer.messages.request import (
    Average,
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Share,
    StyleShift,
    Truncation,
)
from tests.viz.conftest import make_model
from viz.session.controls import by_address, controls, find
from viz.session.parameters.control import Scope
from viz.session.ranges import within_ranges
from viz.session.session import Session

MODEL = structs.replace(make_model("/net.pkl", c_dim=5), transforms=True)
LIPS = Component(b"", "lips", style=StyleChannel("b8.conv0", 3, 0.5))
NAMED = (
    Component(b"a", "Age"),
    Component(b"b", "age"),
    Component(b"c", "*/#? glasses on"),
    LIPS,
)
FULL = Session(
    RenderRequest(
        "/net.pkl",
        Plane(1.5, 2.0),
        label=ClassLabel(1, 2, 0.5),
        truncation=Truncation(0.7, 3, (0.5,) * MODEL.num_ws),
        mix=(MixSource(Seed(3), (0.0, 0.5)), MixSource(Plane(1.0, 1.0)), MixSource(SavedW("w"))),
        edits=(ChannelEdit("b8.conv0", 2, 0.5),),
        view=LayerView("b8.conv0"),
        bends=(Bend("b8.conv0", "translate", 0.1), Bend("b8.conv1", "scale", 2.0)),
        styles=(StyleShift("b16.conv1", 9, 2.0, 0.5),),
    )
)
SESSIONS = [
    FULL,
    FULL.with_render(source=Seed(4), label=None, truncation=Truncation()),
    FULL.with_render(source=SavedW("w.npz")),
    FULL.with_render(source=Average((Share(Seed(1)), Share(Seed(2)))), mix=()),
    Session(),
]


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("model", [MODEL, None])
def test_what_is_written_is_what_is_read(session: Session, model: object) -> None:
    scope = Scope(session, model, NAMED)
    known = controls(scope)
    assert len({control.address for control in known}) == len(known)
    for control in known:
        for value in (control.low, control.high, (control.low + control.high) / 2):
            changed = within_ranges(control.put(session, value))
            wanted = value
            if control.kind == "integer":
                wanted = round(value)
            elif control.kind == "switch":
                wanted = float(value >= 0.5)
            assert control.read(changed) == pytest.approx(wanted), control.address
            # Once is enough: what is there already is no change, and so no step of undo.
            assert control.put(changed, wanted) is changed or control.kind == "number"


@pytest.mark.parametrize("session", SESSIONS)
def test_no_value_raises_and_nothing_leaves_its_range(session: Session) -> None:
    for control in controls(Scope(session, MODEL, NAMED)):
        for value in (-1e30, -1.0, 0.0, 1e30):
            within_ranges(control.put(session, value))


def test_a_control_of_what_is_gone_reads_nothing() -> None:
    """A column or a bend may be removed while its control is on its way."""
    for control in controls(Scope(FULL, MODEL, NAMED)):
        control.read(Session())


def test_addresses_can_be_guessed() -> None:
    known = by_address(Scope(FULL, MODEL, NAMED))
    for address in (
        "truncation/psi",
        "latent/x",
        "class/blend",
        "noise/strength",
        "noise/layer/b8.conv0",
        "mixing/1/fine",
        "mixing/2/x",
        "direction/age",
        "direction/age-2",
        "direction/glasses-on",
        "direction/lips",
        "direction/b16.conv1-9",
        "transform/rotate",
        "bend/1/down",
        "edit/b8.conv0/2",
        "discriminator/p",
        "motion/animate",
    ):
        assert address in known, address


def test_channels_that_nobody_edited_are_found_where_the_layer_has_them() -> None:
    scope = Scope(Session(), MODEL)
    assert find(scope, {}, "edit/b8.conv0/7").read(scope.session) == 1.0
    for address in ("edit/b8.conv0/9999", "edit/nothing/1", "edit/b8.conv0/²", "edit", "x/y"):
        assert find(scope, {}, address) is None


def test_what_has_no_effect_here_has_no_control() -> None:
    plain = structs.replace(MODEL, transforms=False, truncates=False, c_dim=0)
    known = by_address(Scope(Session(), plain))
    assert not any(a.startswith(("transform/", "truncation/", "class")) for a in known)
