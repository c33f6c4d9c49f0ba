"""Which channels a bend is done to: all, some by their numbers, and a random share of them."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui
from msgspec import structs

from renderer.messages.bending import Bend
from viz.desk.parts.clusters import ChannelGroups
from viz.session import numbers
from viz.session.changes import bends, mixing
from viz.ui import seeds, widgets
from viz.ui.text import muted
from viz.ui.widgets import em

TIP = "The channels that it is done to: all, those of a list, or a random share of either."
"""Shown over the field."""
WHICH = (
    ("all", "All", "Every channel of the layer."),
    ("some", "Listed", "Those that are listed by their numbers, as the grid of channels has them."),
)
"""Whether a bend has a list of channels, with the text of the button and its tooltip."""


class ChannelsField:
    """Draws the field of a bend, and remembers whether what was typed is a list of channels."""

    def __init__(self) -> None:
        self._wrong = ""

    def draw(self, bend: Bend, channels: int, groups: ChannelGroups) -> Bend:
        """Draw the row; return the bend with the channels that were chosen.

        channels: how many the layer has.
        groups: which of them show the same things.
        """
        widgets.label("Channels", TIP)
        words = bends.channels_words(bend, channels)
        width = imgui.get_content_region_avail().x
        if imgui.button(f"{words[:1].upper()}{words[1:]}###Channels", ImVec2(width, 0)):
            self._wrong = ""
            imgui.open_popup("channels")
        widgets.tooltip(TIP)
        if imgui.begin_popup("channels"):
            imgui.dummy(ImVec2(em(22), 0))
            bend = self._choices(bend, channels, groups)
            imgui.end_popup()
        return bend

    def _choices(self, bend: Bend, channels: int, groups: ChannelGroups) -> Bend:
        which = widgets.segmented("Which", "all" if bend.channels is None else "some", WHICH)
        if (which == "all") != (bend.channels is None):
            kept = None if which == "all" else tuple(range(channels))
            bend = structs.replace(bend, channels=kept)
        if bend.channels is not None:
            bend = self._list(bend, channels)
        bend = _group_choice(bend, groups)
        share = widgets.slider(
            "Share",
            100 * bend.share,
            0.0,
            100.0,
            default=100.0,
            fmt="%.0f %%",
            tip="How many of them, drawn at random. A larger share holds a smaller one.",
        )
        widgets.label("Draw", "Which of them are drawn.")
        imgui.begin_disabled(bend.share == 1)
        seed = seeds.seed_field("draw", bend.seed, default=0, shuffle=True)
        imgui.end_disabled()
        return structs.replace(bend, share=min(max(share / 100, 0.0), 1.0), seed=seed)

    def _list(self, bend: Bend, channels: int) -> Bend:
        tip = f"Numbers and ranges from 0 to {channels - 1}, such as 0-15,40."
        widgets.label("List", tip)
        before = numbers.ranges(bend.channels or ())
        flags = imgui.InputTextFlags_.enter_returns_true
        _, text = imgui.input_text_with_hint("##list", "0-15,40", before, flags)
        if imgui.is_item_deactivated_after_edit():
            found = numbers.listed(text, channels, channels)
            self._wrong = "" if found is not None else text
            if found is not None:
                bend = structs.replace(bend, channels=tuple(sorted(set(found))))
        widgets.tooltip(tip)
        if self._wrong:
            muted(f"{self._wrong!r} is no list of channels. {tip}")
        return bend


def _group_choice(bend: Bend, groups: ChannelGroups) -> Bend:
    """Draw a button for each group of channels, or one that looks for them."""
    tip = "Channels that show the same things, found by comparing them on some seeds."
    widgets.label("Group", tip)
    found = groups.of(bend.layer)
    if found is None:
        looking = groups.looking_at(bend.layer)
        text = "Looking …" if looking else "Find groups"
        if widgets.button(f"{text}###Find groups", width=-1, enabled=not looking, tip=tip):
            groups.find(bend.layer)
        return bend
    gap = em(0.15)
    width = (imgui.get_content_region_avail().x - gap * (len(found) - 1)) / max(len(found), 1)
    for index, group in enumerate(found):
        if index:
            imgui.same_line(0, gap)
        chosen = bend.channels == group
        imgui.push_style_color(imgui.Col_.button, ImVec4(*mixing.color(index), 1.0))
        imgui.push_style_color(imgui.Col_.text, ImVec4(0.05, 0.05, 0.05, 1.0))
        if imgui.button(f"{'• ' if chosen else ''}{len(group)}###group{index}", ImVec2(width, 0)):
            bend = structs.replace(bend, channels=None if chosen else group)
        imgui.pop_style_color(2)
        widgets.tooltip(f"Channels {numbers.ranges(group)}.")
    return bend
