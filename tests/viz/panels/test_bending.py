"""Bending in the Layers panel, with the picture and the channels of a layer in view at once."""

from __future__ import annotations

import numpy as np
from msgspec import structs

from renderer.messages.bending import FACTS, Bend
from renderer.messages.request import LayerView
from tests.viz.panels.test_layers import LAYER, click_layer, view
from tests.viz.panels.test_layers import real as real
from viz.session.changes import bends


def now(gui) -> tuple[Bend, ...]:
    return gui.app.cell.now.render.bends


def add(gui, operation: str) -> None:
    gui.ctx.set_ref("Layers")
    gui.ctx.item_click("###Bend")
    gui.ctx.set_ref("//$FOCUSED")
    gui.ctx.item_click(operation)
    gui.ctx.set_ref("Layers")
    gui.settle()


def test_a_bend_is_added_changed_and_undone(real) -> None:
    def test(gui, client) -> None:
        plain = gui.context.frame.pixels.copy()
        click_layer(gui, LAYER)
        gui.ctx.item_click("Show/Picture")
        gui.settle()
        assert view(gui) is None
        assert gui.context.frames["atlas"].request.view.layer == LAYER, "its channels stay in view"
        np.testing.assert_array_equal(gui.context.frame.pixels, plain)
        add(gui, "Blur")
        assert now(gui) == (Bend(LAYER, "blur", FACTS["blur"].start),)
        assert np.abs(gui.context.frame.pixels.astype(int) - plain).max() > 0
        atlas = gui.context.frames["atlas"].request
        assert atlas.bends == now(gui), "the channels are shown bent"
        gui.ctx.item_input_value("$$0/##Amount", 2.5)
        assert now(gui)[0].amount == 2.5
        gui.ctx.item_input_value("$$0/##Amount", 1e6)
        assert now(gui)[0].amount == FACTS["blur"].high
        gui.keys("Ctrl+Z")
        assert now(gui)[0].amount == 2.5
        gui.ctx.item_click("$$0/##enabled")
        gui.settle()
        np.testing.assert_array_equal(gui.context.frame.pixels, plain)
        gui.ctx.scroll_to_top("//Layers")
        click_layer(gui, "b8.conv0")
        assert view(gui) is None, "another layer is chosen beside the picture as well"
        add(gui, "Noise")
        assert [bend.layer for bend in now(gui)] == [LAYER, "b8.conv0"]
        gui.ctx.item_click("$$1/###Solo")
        assert [bend.solo for bend in now(gui)] == [False, True]
        gui.ctx.item_click("$$0/###Remove")
        assert [bend.operation for bend in now(gui)] == ["noise"]

    real(test)


def test_channels_are_listed_and_drawn_at_random(real) -> None:
    def test(gui, client) -> None:
        add(gui, "Invert")
        gui.ctx.item_click("$$0/###Channels")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("Which/Listed")
        gui.ctx.item_input_value("##list", "9,0-3,2")
        assert now(gui)[0].channels == (0, 1, 2, 3, 9)
        gui.ctx.item_input_value("##list", "0-99999")
        assert now(gui)[0].channels == (0, 1, 2, 3, 9)
        gui.ctx.item_input_value("##Share", 40.0)
        assert now(gui)[0].share == 0.4
        gui.ctx.item_click("Which/All")
        assert now(gui)[0].channels is None

    real(test)


def test_the_view_of_a_layer_comes_back_as_it_was(real) -> None:
    def test(gui, client) -> None:
        gui.ctx.set_ref("Layers")
        gui.ctx.item_click("Show/Picture")
        gui.settle()
        assert view(gui) is None
        gui.ctx.item_click("Show/Channel")
        gui.settle()
        assert view(gui) == LayerView(LAYER, "channel", 7, gain_db=6.0)
        click_layer(gui, "Picture")
        gui.settle()
        assert view(gui) is None
        assert not gui.ctx.item_exists("Show/Channel")

    real(test, LayerView(LAYER, "channel", 7, gain_db=6.0))


def test_the_list_of_bends_is_edited_by_place() -> None:
    a, b, c = (Bend(name, "blur", 1.0) for name in "abc")
    listed = (a, b, c)
    assert bends.later(listed, 0) == (b, a, c)
    assert bends.later(listed, 2) == listed
    assert bends.earlier(listed, 2) == (a, c, b)
    assert bends.earlier(listed, 0) == listed
    assert bends.duplicated(listed, 1) == (a, b, b, c)
    assert bends.removed(listed, 1) == (a, c)
    assert bends.replaced(listed, 2, a) == (a, b, a)
    assert bends.channels_words(structs.replace(a, share=0.25), 64) == "25% of all 64, at random"
    assert bends.channels_words(structs.replace(a, channels=(1, 2)), 64) == "2 of 64"


def test_a_bend_is_done_to_a_group_of_channels_that_show_the_same(real) -> None:
    def test(gui, client) -> None:
        click_layer(gui, LAYER)
        add(gui, "Invert")
        gui.ctx.item_click("$$0/###Channels")
        gui.ctx.set_ref("//$FOCUSED")
        gui.ctx.item_click("###Find groups")
        gui.settle()
        groups = gui.context.groups.of(LAYER)
        assert groups is not None
        assert len(groups) > 1
        gui.ctx.item_click("###group1")
        assert now(gui)[0].channels == groups[1]
        gui.ctx.item_click("###group1")
        assert now(gui)[0].channels is None
        assert gui.context.groups.of("b8.conv0") is None

    real(test)
