"""What is listened to, where values are sent, and what has come last."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from viz.desk.context import Context
from viz.desk.settings import ControlSettings
from viz.session.ranges import Range
from viz.ui import theme, widgets
from viz.ui.text import muted, shorten
from viz.ui.widgets import em

PORT = Range(1, 65535)
"""The range of the ports of UDP."""
OSC_TIP = (
    "Receive OSC messages over UDP: /ganscope/truncation/psi 0.7 sets psi, and any other message "
    "can be learnt. `python visualizer.py osc --list` lists all addresses."
)
"""Shown over the switch for OSC."""
HOST_TIP = (
    "The IP address of this machine at which messages are received. 127.0.0.1 hears programs on "
    "this machine alone; 0.0.0.0 hears everything that reaches it."
)
"""Shown over the address of OSC."""
OPEN_WARNING = "Everybody on the network can move the picture and run commands."
"""What is said where OSC is received from other machines."""
OUT_TIP = (
    "Where values are sent as they change, as 127.0.0.1:9001, at the addresses at which they are "
    "received. Empty: nowhere."
)
"""Shown over the place that values are sent to."""
MIDI_TIP = "Listen to every MIDI input, also to those that are plugged in later."
"""Shown over the switch for MIDI."""


class Inputs:
    """Keeps what is being typed into its fields."""

    def draw(self, context: Context) -> None:
        """Draw all of it; what is changed goes into the settings."""
        before = context.settings.control
        after = _draw_osc(before, context)
        after = _draw_midi(after, context)
        if after != before:
            context.actions.change_settings(control=after)
        for problem in context.control.problems:
            imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().error))
            imgui.push_text_wrap_pos(0.0)
            imgui.text_unformatted(problem)
            imgui.pop_text_wrap_pos()
            imgui.pop_style_color()
        _draw_traffic(context)


def _draw_osc(control: ControlSettings, context: Context) -> ControlSettings:
    osc = widgets.checkbox("Receive OSC", control.osc, tip=OSC_TIP)
    if context.control.osc:
        imgui.same_line()
        _told(f"at {context.control.osc}")
    host = _typed("Address", control.host, "127.0.0.1", HOST_TIP)
    port = widgets.integer("Port", control.port, low=PORT.low, high=PORT.high, default=9000)
    out = _typed("Send to", control.out, "address:port", OUT_TIP)
    if osc and not host.startswith("127.") and host != "::1":
        imgui.push_style_color(imgui.Col_.text, theme.color(theme.current().warning))
        imgui.push_text_wrap_pos(0.0)
        imgui.text_unformatted(f"{fa.ICON_FA_TRIANGLE_EXCLAMATION}  {OPEN_WARNING}")
        imgui.pop_text_wrap_pos()
        imgui.pop_style_color()
    return structs.replace(control, osc=osc, host=host or "127.0.0.1", port=port, out=out)


def _typed(name: str, text: str, hint: str, tip: str) -> str:
    """Draw a field whose text counts once it is left, or Enter is pressed."""
    widgets.label(name, tip)
    flags = imgui.InputTextFlags_.enter_returns_true
    _, typed = imgui.input_text_with_hint(f"##{name}", hint, text, flags)
    done = imgui.is_item_deactivated_after_edit()
    widgets.tooltip(tip)
    return str(typed).strip() if done else text


def _draw_midi(control: ControlSettings, context: Context) -> ControlSettings:
    midi = widgets.checkbox("Listen to MIDI", control.midi, tip=MIDI_TIP)
    imgui.same_line()
    playing = context.control.playing
    if playing:
        icon, padding = f"{fa.ICON_FA_STOP}  ", 2 * imgui.get_style().frame_padding.x
        room = imgui.get_content_region_avail().x - imgui.calc_text_size(icon).x - padding
        tip = f"Stop the MIDI file.\n{playing}"
        if widgets.button(f"{icon}{shorten(playing, room)}###MIDI file", tip=tip):
            context.actions.control.play("")
    elif widgets.button(
        f"{fa.ICON_FA_PLAY}  MIDI file…###MIDI file",
        tip="Play a MIDI file as if somebody moved the knobs.",
    ):
        context.actions.browse("midi")
    if midi and not context.control.problems:
        names = ", ".join(context.control.midi) or "No MIDI input is plugged in."
        _told(names)
    return structs.replace(control, midi=midi)


def _draw_traffic(context: Context) -> None:
    """Say what came last, and how much of everything could not be used."""
    received, dropped = context.control.counts
    imgui.dummy(ImVec2(0, em(0.1)))
    last = context.control.last
    text = "Nothing has come yet." if last is None else f"{last[0]}  {last[1]:.3g}"
    widgets.label("Last", "The message that came last, and its value.")
    _told(text)
    tip = "How many have come, and how many were malformed, too many, or of an unknown address."
    widgets.label("Messages", tip)
    _told(f"{received} received, {dropped} dropped")
    if unknown := context.control.unknown:
        widgets.label("Unknown", "The last address that is no control, no command and not mapped.")
        _told(unknown)


def _told(text: str) -> None:
    """Draw a quiet text that ends where the line does; its tooltip has all of it."""
    muted(shorten(text, imgui.get_content_region_avail().x))
    widgets.tooltip(text)
