"""How a number follows the sound of a journey: a button, and what opens with it."""

from __future__ import annotations

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from renderer.messages.journey import Band, Drive, Journey, Knob
from viz.ui import widgets
from viz.ui.widgets import em

BANDS: tuple[tuple[Band | None, str], ...] = (
    (None, "Nothing"),
    ("loudness", "Loudness"),
    ("low", "Low (below 200 Hz)"),
    ("mid", "Middle"),
    ("high", "High (above 2 kHz)"),
    ("onsets", "Onsets"),
    ("beat", "Beat"),
)
"""What a number can follow, as the list names it."""
TIP = "Have the sound of the journey move this number. Open a sound first, with the note above."


def draw_drive(journey: Journey, knob: Knob) -> Journey:
    """Draw the button for a number; return the journey with what was chosen for it."""
    drive = next((d for d in journey.drives if d.knob == knob), None)
    width = imgui.get_frame_height()
    enabled, on = journey.track is not None, drive is not None
    if widgets.button(
        f"{fa.ICON_FA_WAVE_SQUARE}###Drive", tip=TIP, enabled=enabled, width=width, on=on
    ):
        imgui.open_popup("drive")
    if not imgui.begin_popup("drive"):
        return journey
    imgui.dummy(ImVec2(em(22), 0))
    edited = _form(drive, knob)
    imgui.end_popup()
    if edited == drive:
        return journey
    others = [d for d in journey.drives if d.knob != knob]
    return structs.replace(journey, drives=(*others, *([edited] if edited else [])))


def _form(drive: Drive | None, knob: Knob) -> Drive | None:
    """Draw what the number follows, and how; return it as it was edited."""
    band = widgets.choice("Follows", drive.band if drive else None, BANDS)
    drive = drive or Drive(knob)
    # What says how is there all the time: a popup that grows would grow out of the window.
    imgui.begin_disabled(band is None)
    gain = widgets.slider(
        "Gain", drive.gain, -2.0, 2.0, default=0.5, tip="What is added where it is loudest."
    )
    smoothing = widgets.slider(
        "Smoothing",
        drive.smoothing,
        0.0,
        2.0,
        default=0.1,
        fmt="%.2f s",
        tip="Over how long it is averaged: short twitches, long breathes.",
    )
    threshold = widgets.slider(
        "Threshold", drive.threshold, 0.0, 0.95, default=0.0, tip="Below it nothing is heard."
    )
    imgui.end_disabled()
    if band is None:
        return None
    return structs.replace(drive, band=band, gain=gain, smoothing=smoothing, threshold=threshold)
