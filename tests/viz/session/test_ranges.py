"""Whatever a file holds, the numbers of the session that is read from it can be drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import Struct, inspect

from common.errors import UserError
from renderer.messages.request import (
    AugmentView,
    ChannelEdit,
    ClassLabel,
    LayerView,
    MixSource,
    Noise,
    Plane,
    RenderRequest,
    SavedW,
    Seed,
    Spectrum,
    Truncation,
)
from viz.disk import store
from viz.session.ranges import COORDINATE, RANGES, within_ranges
from viz.session.session import Compare, Pane, Session, View
from viz.session.summary import summarize

FULL = Session(
    RenderRequest(
        "/net.pkl",
        Plane(1.5, 2.5),
        ClassLabel(1, 2, 0.5),
        Truncation(0.5, 3, (0.5, 0.7)),
        (
            MixSource(Seed(7), (0.5, 1.0)),
            MixSource(SavedW("/w.npy", 1), (0.5,)),
            MixSource(Plane(1, 2)),
        ),
        Noise("random", 3, 2.0, (("b8.conv0", 2.0),)),
        (ChannelEdit("b8.conv0", 2, 0.5),),
        LayerView("b8.conv0", spectrum=Spectrum()),
        AugmentView(0.3),
    ),
    View(False, 2.0, (0.5, 0.5)),
    compare=Compare(True, (Pane(1, RenderRequest(source=Seed(3))),)),
)

numbers = (
    st.sampled_from([-(2**63), 2**63 - 1, 2**64, -1, 0, 1e308, -1e308, 1e18, 1e9, -0.5, 5e-324])
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all numbers in a JSON value."""
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, key))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path


def structs_in(kind: Any, found: dict[type, inspect.StructType]) -> dict[type, inspect.StructType]:
    """Every struct that a type is made of."""
    if isinstance(kind, inspect.StructType) and kind.cls not in found:
        found[kind.cls] = kind
        for field in kind.fields:
            structs_in(field.type, found)
    for part in [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]:
        structs_in(part, found)
    if isinstance(kind, inspect.VarTupleType):
        structs_in(kind.item_type, found)
    return found


def has_number(kind: Any) -> bool:
    """Whether a number is in the type, outside of structs."""
    parts = [*getattr(kind, "types", ()), *getattr(kind, "item_types", ())]
    if isinstance(kind, inspect.VarTupleType):
        parts.append(kind.item_type)
    return isinstance(kind, (inspect.IntType, inspect.FloatType)) or any(map(has_number, parts))


def check(value: Any, ranges: Any = None) -> None:
    """Every number in a session lies in its range and has the type of its field."""
    if isinstance(value, Struct):
        for field in value.__struct_fields__:
            check(getattr(value, field), RANGES.get(type(value), {}).get(field))
    elif isinstance(value, tuple):
        for item in value:
            check(item, ranges)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        assert ranges.low <= value <= ranges.high


def test_every_number_of_a_session_has_a_range() -> None:
    found = structs_in(inspect.type_info(Session), {})
    numbered = {
        kind: {field.name for field in info.fields if has_number(field.type)}
        for kind, info in found.items()
    }
    assert {kind: set(ranges) for kind, ranges in RANGES.items()} == {
        kind: fields for kind, fields in numbered.items() if fields
    }


def test_what_a_new_session_holds_is_in_range() -> None:
    for session in (Session(), FULL):
        assert within_ranges(session) is session


@given(st.data())
def test_any_session_that_can_be_read_lies_in_its_ranges(data: st.DataObject) -> None:
    tree = json.loads(msgspec.json.encode(FULL))
    places = [place for place in leaves(tree) if place != ("version",)]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=6)):
        *path, last = place
        inner = tree
        for key in path:
            inner = inner[key]
        inner[last] = data.draw(numbers)
    try:
        session = store.decode_session(json.dumps(tree), "some.json")
    except UserError:
        assume(False)  # A number that is too large for JSON, or a fraction where there is none.
    check(session)
    # Types are as the file's would be, so that what is saved is read again as it was.
    assert msgspec.convert(msgspec.to_builtins(session), Session) == session
    assert store.decode_session(store.encode(session), "again.json") == session


EXTREME: dict[str, Callable[[dict[str, Any]], None]] = {
    "a pan": lambda s: s["view"].update(fit=False, center=[1e308, -1e308]),
    "a zoom": lambda s: s["view"].update(fit=False, zoom=0.0),
    "a cutoff": lambda s: s["render"]["truncation"].update(cutoff=-(2**63), curve=None),
    "an empty curve": lambda s: s["render"]["truncation"].update(curve=[]),
    "a point": lambda s: s["render"]["source"].update(x=1e308, y=-1e18, step=0),
    "weights": lambda s: s["render"]["mix"][0].update(weights=[1e18, -1e18]),
    "a latent": lambda s: s["render"].update(source={"type": "w", "path": "", "index": -(2**63)}),
    "draws": lambda s: s["augment"].update(draws=2**63 - 1, seed=-1, p=1e9),
    "a channel": lambda s: s["render"]["view"].update(channel=2**63 - 1, cell=0, gain_db=1e308),
    "an edge": lambda s: s["compare"].update(layout="wipe", split=-1e308, other=2**63 - 1),
    "blinking": lambda s: s["compare"].update(layout="flicker", rate=1e308, blinked=-(2**63)),
    "a gain": lambda s: s["compare"].update(layout="difference", gain=1e308, reference=-5),
}


def test_the_window_draws_what_it_reads(drive: Callable[..., Any]) -> None:
    def test(gui: Any) -> None:
        for name, change in EXTREME.items():
            tree = json.loads(msgspec.json.encode(FULL))
            change(tree)
            gui.app.cell.replace(store.decode_session(json.dumps(tree), name))
            gui.frames(3)
            assert summarize(gui.app.cell.now.render)
            assert not gui.app.bugs, f"{name}: {gui.app.bugs[0]!r}"

    drive(test)


def test_a_window_starts_with_a_session_of_extremes(drive: Callable[..., Any], home: Any) -> None:
    tree = json.loads(msgspec.json.encode(FULL))
    for name in ("a pan", "a cutoff", "a point", "weights"):
        EXTREME[name](tree)
    home.mkdir(parents=True)
    (home / "session.json").write_text(json.dumps(tree))

    def test(gui: Any) -> None:
        assert gui.app.cell.now.view.center == (1.0, 0.0)
        assert gui.app.cell.now.render.truncation.cutoff == 0

    drive(test)


def test_a_number_that_is_typed_stays_in_its_range(drive: Callable[..., Any]) -> None:
    def test(gui: Any) -> None:
        gui.focus("Latent")
        gui.ctx.set_ref("Latent")
        for text in ("1e30", "1e99"):  # the second is infinite in 32 bits
            gui.ctx.item_input("##x")
            gui.ctx.key_chars_replace_enter(text)
            gui.frames(3)
            assert not gui.app.bugs, f"{text}: {gui.app.bugs[0]!r}"
            assert gui.app.cell.now.render.source.x == COORDINATE.high

    drive(test)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UserError, match=r"session\.json"):
        store.decode_session('{"view": {"zoom": %s}}' % text, "session.json")  # noqa: UP031
