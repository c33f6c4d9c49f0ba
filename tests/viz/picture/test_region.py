"""Marking a part of the picture, and going along the style channels that are found for it."""

from __future__ import annotations

import pytest
from msgspec import structs

from renderer.messages.directions import (
    Component,
    DirectionSet,
    LayerAxes,
    StyleChannel,
    StylesOfRegion,
)
from renderer.messages.model import ModelInfo
from renderer.messages.request import Direction, LayerView, Seed, StyleShift
from renderer.messages.to_renderer import BACKGROUND
from tests.viz.panels.directions.test_directions import Finding, click, drag
from tests.viz.picture.test_dragging import Hand
from viz.panels import picture
from viz.panels.directions import PANEL
from viz.session.session import Session

PANELS = (picture.PANEL, PANEL)
START = Session().with_render(snapshot="/nets/faces.pkl", source=Seed(5))
LIPS, SKIN = (
    Component(b"", "b16.conv1 9", 0.3, style=StyleChannel("b16.conv1", 9, 0.5)),
    Component(b"", "b32.torgb 4", 0.2, style=StyleChannel("b32.torgb", 4, 2.0, colours=True)),
)
FOUND = DirectionSet("Styles of 20×10 at 22, 36", 512, 10, (LIPS, SKIN), network="faces.pkl")


@pytest.fixture
def marked(drive):
    """Drive a window in which a region is marked, from 22, 36 to 42, 46."""

    def run(test, client=None, **more):
        client = client or Finding(FOUND)

        def wrapped(gui) -> None:
            click(gui, "Region")
            Hand(gui).drag((22.4, 36.4), (41.6, 45.6))
            gui.settle()
            test(gui, client)

        return drive(wrapped, client=client, **({"session": START, "panels": PANELS} | more))

    return run


def styles(gui) -> tuple[StyleShift, ...]:
    return gui.app.cell.now.render.styles


def test_a_rectangle_is_whole_pixels_and_moves_no_latent(marked) -> None:
    def test(gui, client) -> None:
        region = gui.context.directions.region
        assert (region.x, region.y) == (22, 36)
        assert (region.width, region.height) in {(20, 10), (21, 10), (20, 11), (21, 11)}
        assert gui.app.cell.now.render == START.render
        hand = Hand(gui)
        hand.drag((50, 60), (80, 90))
        region = gui.context.directions.region
        assert (region.x + region.width, region.y + region.height) == (64, 64), "in the picture"
        hand.drag((30, 30), (10, 20))
        assert gui.context.directions.region.x in (9, 10), "drawn from any corner"

    marked(test)


def test_what_is_asked_for_is_the_region_of_the_picture_on_the_screen(marked) -> None:
    def test(gui, client) -> None:
        region = gui.context.directions.region
        click(gui, "###FindRegion")
        (work,) = client.searches
        assert work.find.how == StylesOfRegion(START.render, region)
        assert not gui.context.directions.marking, "the mouse is free again"
        assert gui.context.directions.shown.found == FOUND

    marked(test)


def test_the_panel_looks_too_and_the_tool_is_put_away_by_escape_and_other_methods(marked) -> None:
    def test(gui, client) -> None:
        assert gui.context.directions.marking
        gui.keys("Escape")
        gui.settle()
        assert not gui.context.directions.marking
        click(gui, "###Mark")
        assert gui.context.directions.marking
        click(gui, "SeFa")
        assert not gui.context.directions.marking
        click(gui, "Region")
        click(gui, "###Find")
        assert isinstance(client.searches[0].find.how, StylesOfRegion)

    marked(test)


def test_dragging_points_and_marking_exclude_each_other(marked) -> None:
    def test(gui, client) -> None:
        before = gui.context.directions.region
        gui.keys("G")
        gui.settle()
        Hand(gui).drag((10, 10), (20, 20))
        assert gui.context.directions.region == before
        assert len(gui.app.cell.now.drag.points) == 1
        click(gui, "###Mark")
        click(gui, "###Mark")
        assert gui.context.dragging.tool == ""

    marked(test)


def test_a_view_of_a_layer_has_no_region(marked) -> None:
    def test(gui, client) -> None:
        before = gui.context.directions.region
        gui.app.cell.set(START.with_render(view=LayerView("b16.conv1")))
        gui.settle()
        Hand(gui).drag((5, 5), (20, 20))
        assert gui.context.directions.region == before

    marked(test)


def test_rows_of_style_channels_change_styles_and_are_undone(marked) -> None:
    def test(gui, client) -> None:
        click(gui, "###FindRegion")
        gui.ctx.item_input_value("**/direction0/##amount", -4.5)
        gui.settle()
        assert styles(gui) == (StyleShift("b16.conv1", 9, -4.5, 0.5, "b16.conv1 9"),)
        assert gui.context.frame.request.styles == styles(gui)
        assert gui.app.cell.now.render.directions == ()
        drag(gui, 1, 0.5, 0.95)
        assert [shift.amount for shift in styles(gui)] == [-4.5, pytest.approx(9.0)]
        gui.keys("Ctrl+Z")
        gui.settle()
        assert len(styles(gui)) == 1
        drawn = [r for stream, r, _ in client.requests if stream == BACKGROUND]
        amounts = {s.amount for r in drawn for s in r.styles if s.layer == "b32.torgb"}
        assert amounts >= {-9.0, -6.0, -3.0, 3.0, 6.0, 9.0}
        gui.keys("Ctrl+Right")
        assert styles(gui)[1].amount == 0.75
        click(gui, "###leave")
        assert styles(gui) == ()

    marked(test)


def test_a_name_reaches_the_picture_and_directions_of_w_stay(marked) -> None:
    yaw = Direction(b"\0" * 2048, 1.0, name="yaw")

    def test(gui, client) -> None:
        click(gui, "###FindRegion")
        gui.ctx.item_input_value("**/direction0/##amount", 3.0)
        gui.ctx.item_input_value("**/direction0/##name", "lips")
        gui.settle()
        assert styles(gui)[0].name == "lips"
        assert gui.app.cell.now.render.directions == (yaw,)
        assert gui.context.directions.shown.found.components[0].name == "lips"

    marked(test, session=START.with_render(directions=(yaw,)))


def test_the_popup_of_a_style_has_no_rows(marked) -> None:
    def test(gui, client) -> None:
        click(gui, "###FindRegion")
        click(gui, "direction1/###more")
        assert gui.ctx.item_exists("**/###Export")
        assert not gui.ctx.item_exists("**/Orthogonal to the others")

    marked(test)


def test_a_layer_is_chosen_for_its_axes(drive) -> None:
    client = Finding()

    def test(gui) -> None:
        click(gui, "Layer")
        click(gui, "###Find")
        assert client.searches[0].find.how == LayerAxes("b8.conv0")

    drive(test, client=client, session=START, panels=PANELS)


class Unstyled(Finding):
    """Opens networks whose layers have no styles."""

    def send(self, message) -> None:
        model = getattr(message, "model", None)
        if isinstance(model, ModelInfo):
            layers = tuple(structs.replace(layer, styles=0) for layer in model.layers)
            message = structs.replace(message, model=structs.replace(model, layers=layers))
        super().send(message)


def test_without_styles_there_is_no_region_to_mark(drive) -> None:
    def test(gui) -> None:
        assert all(layer.styles == 0 for layer in gui.context.model.layers)
        assert gui.ctx.item_exists("**/SeFa")
        assert not gui.ctx.item_exists("**/Region")

    drive(test, client=Unstyled(), session=START, panels=PANELS)
