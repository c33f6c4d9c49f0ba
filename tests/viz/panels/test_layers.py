"""The Layers panel: what it asks for, and what becomes of the picture."""

from __future__ import annotations

import numpy as np
import pytest
from imgui_bundle import ImVec2, imgui

from common.runs import locate
from renderer.messages.frame import StatsSpec
from renderer.messages.model import LayerInfo
from renderer.messages.options import EngineOptions
from renderer.messages.request import ChannelEdit, LayerView, Seed
from tests.inline import InlineClient
from tests.paths import DATA
from tests.viz.conftest import FakeClient
from viz.panels import layers, picture
from viz.panels.layers.list import as_computed
from viz.session.session import Session

SNAPSHOT = DATA / "sg2-uncond-32.pkl"
PANELS = (picture.PANEL, layers.PANEL)
LAYER = "b16.conv1"
CHANNEL_VIEW = LayerView(LAYER, "channel")


class Recorder(InlineClient):
    """The real pipeline; notes what it was asked to draw."""

    def __init__(self) -> None:
        super().__init__(EngineOptions(device="cpu", threads=1))
        self.asked: list[tuple[str, StatsSpec | None]] = []

    def submit(self, request, *, stream="main", stats=None, drafts=False) -> int:
        self.asked.append((stream, stats))
        return super().submit(request, stream=stream, stats=stats)


@pytest.fixture
def real(drive):
    """`drive` with the real pipeline; the client is on `test.client`."""

    def run(test, view: LayerView | None = None, **options):
        session = Session().with_render(snapshot=str(SNAPSHOT), source=Seed(3), view=view)
        client = Recorder()

        def started(gui) -> None:
            test(gui, client)

        drive(
            started,
            client=client,
            resolve=locate.resolve,
            panels=PANELS,
            session=session,
            path=str(SNAPSHOT),
            **options,
        )

    return run


def click_layer(gui, name: str) -> None:
    gui.ctx.set_ref(gui.ctx.window_info("//Layers/layers").window)
    gui.ctx.item_click(f"##table/{name}")
    gui.ctx.set_ref("Layers")
    gui.settle()


def point_at(gui, channel: int) -> ImVec2:
    """The middle of a channel's cell in the atlas."""
    layout = gui.context.frames["atlas"].info.atlas
    box = gui.ctx.item_info("//Layers/##atlas").rect_full
    side = (box.max.x - box.min.x) / layout.columns
    row, column = divmod(channel, layout.columns)
    at = ImVec2(box.min.x + (column + 0.5) * side, box.min.y + (row + 0.5) * side)
    gui.ctx.mouse_move_to_pos(at)
    return at


def view(gui) -> LayerView | None:
    return gui.app.cell.now.render.view


def test_a_layer_is_viewed_and_the_picture_comes_back(real) -> None:
    def test(gui, client) -> None:
        usual = gui.context.frame.pixels.copy()
        click_layer(gui, LAYER)
        assert view(gui).layer == LAYER
        assert gui.context.frame.request.view == view(gui)
        gui.ctx.item_click("Show/Channel")
        gui.ctx.item_input_value("##Channel", 5)
        gui.settle()
        assert (view(gui).mode, view(gui).channel) == ("channel", 5)
        gui.ctx.item_input_value("##Gain", 12.0)
        gui.ctx.item_click("Normalise")
        gui.ctx.item_click("Spectrum")
        gui.settle()
        assert (view(gui).gain_db, view(gui).normalize) == (12.0, False)
        assert view(gui).spectrum is not None
        gui.ctx.item_click("##Gain", imgui.MouseButton_.right)
        assert view(gui).gain_db == 0.0
        click_layer(gui, "b4.torgb")
        assert view(gui).channel <= 2
        click_layer(gui, "Picture")
        assert view(gui) is None
        np.testing.assert_array_equal(gui.context.frame.pixels, usual)

    real(test)


def test_arrow_keys_walk_through_the_list(real) -> None:
    def test(gui, client) -> None:
        names = [layer.name for layer in gui.context.model.layers]
        click_layer(gui, "Picture")
        before = gui.app.cell.now.render.source
        for expected in (names[0], names[1]):
            gui.ctx.key_press(imgui.Key.down_arrow)
            gui.settle()
            assert view(gui).layer == expected
        for _ in range(3):
            gui.ctx.key_press(imgui.Key.up_arrow)
        gui.settle()
        assert view(gui) is None
        assert gui.app.cell.now.render.source == before, "the same keys go to other seeds elsewhere"
        gui.keys("Shift+Down")
        assert view(gui) is None, "that is no key of the list"
        assert gui.app.cell.now.render.source != before

    real(test)


def test_a_click_on_the_atlas_views_that_channel(real) -> None:
    def test(gui, client) -> None:
        point_at(gui, 6)
        gui.ctx.mouse_click()
        gui.settle()
        assert (view(gui).mode, view(gui).channel) == ("channel", 6)
        # A point in the last row where no channel is does nothing.
        before = gui.app.cell.now
        layout = gui.context.frames["atlas"].info.atlas
        if layout.channels < layout.columns * layout.rows:
            point_at(gui, layout.columns * layout.rows - 1)
            gui.ctx.mouse_click()
            assert gui.app.cell.now == before

    real(test, LayerView(LAYER, "rgb"))


def test_a_silenced_channel_changes_the_picture_and_undo_brings_it_back(real) -> None:
    def test(gui, client) -> None:
        atlas = gui.context.frames["atlas"].pixels.copy()
        click_layer(gui, "Picture")
        usual = gui.context.frame.pixels.copy()
        click_layer(gui, LAYER)
        point_at(gui, 2)
        gui.ctx.mouse_click(1)
        gui.ctx.item_click("//$FOCUSED/###Silence")
        gui.ctx.key_press(imgui.Key.escape)
        gui.settle()
        assert gui.app.cell.now.render.edits == (ChannelEdit(LAYER, 2, 0.0),)
        assert (gui.context.frames["atlas"].pixels != atlas).any()
        click_layer(gui, "Picture")
        assert (gui.context.frame.pixels != usual).any()
        gui.app.actions.undo()
        gui.app.actions.undo()
        gui.settle()
        assert gui.app.cell.now.render.edits == ()
        click_layer(gui, "Picture")
        np.testing.assert_array_equal(gui.context.frame.pixels, usual)

    real(test, CHANNEL_VIEW)


def test_solo_scale_and_clear_in_the_list_of_edits(real) -> None:
    def test(gui, client) -> None:
        point_at(gui, 1)
        gui.ctx.mouse_click(1)
        gui.ctx.item_input_value("//$FOCUSED/##Scale", 2.5)
        assert gui.app.cell.now.render.edits == (ChannelEdit(LAYER, 1, 2.5),)
        gui.ctx.key_press(imgui.Key.escape)
        gui.ctx.set_ref("Layers")
        gui.ctx.item_click(f"{LAYER}/$$1/###Solo")
        channels = next(x.channels for x in gui.context.model.layers if x.name == LAYER)
        assert len(gui.app.cell.now.render.edits) == channels
        assert ChannelEdit(LAYER, 1, 2.5) in gui.app.cell.now.render.edits
        gui.ctx.item_click(f"{LAYER}/$$1/###Reset")
        assert len(gui.app.cell.now.render.edits) == channels - 1
        gui.ctx.item_click("###Clear all")
        assert gui.app.cell.now.render.edits == ()

    real(test, CHANNEL_VIEW)


def test_statistics_and_atlas_are_asked_for_only_while_they_can_be_seen(real) -> None:
    def test(gui, client) -> None:
        def asked_after(*changes) -> set[tuple[str, bool]]:
            client.asked.clear()
            for seed in (11, 12):
                gui.app.cell.set(gui.app.cell.now.with_render(source=Seed(seed)))
                gui.settle()
            return {(stream, stats is not None) for stream, stats in client.asked}

        gui.ctx.set_ref("Layers")
        assert asked_after() == {("main", False), ("atlas", False)}
        gui.ctx.item_click("Channels")
        assert asked_after() == {("main", False)}
        gui.ctx.item_click("Statistics")
        assert asked_after() == {("main", True)}
        stats = gui.context.frame.info.stats
        assert (stats.layer, stats.channel) == (LAYER, 4)
        gui.ctx.item_click("Log counts")
        gui.ctx.item_click("Statistics")
        assert asked_after() == {("main", False)}
        gui.ctx.item_click("Channels")

    real(test, LayerView(LAYER, "channel", 4))


def test_the_view_is_dropped_where_the_network_has_no_such_layer(drive) -> None:
    session = Session().with_render(snapshot="a.pkl", view=LayerView("b512.conv1"))

    def test(gui) -> None:
        gui.settle()
        assert not gui.app.bugs

    drive(test, client=FakeClient(), panels=PANELS, session=session, path="a.pkl")


@pytest.mark.parametrize(
    ("precision", "types"),
    [("float32", ["float32", "float32"]), ("float16", ["float16", "float32"])],
)
def test_the_list_names_the_types_that_are_computed_in(precision: str, types: list[str]) -> None:
    half = LayerInfo("b64.conv0", 64, 32, dtype="float16")
    whole = LayerInfo("b64.torgb", 64, 3, dtype="float32")
    assert [layer.dtype for layer in as_computed((half, whole), precision)] == types
