"""How a layer is shown: which channels, how bright, in which colours, or its spectrum."""

from __future__ import annotations

from typing import Literal, TypeAlias

from imgui_bundle import ImVec2, imgui
from msgspec import structs

from renderer.messages.model import LayerInfo
from renderer.messages.request import LayerView, Spectrum
from renderer.pictures import colormaps
from viz.ui import widgets
from viz.ui.plots import color_bar
from viz.ui.widgets import em

Shown: TypeAlias = Literal["picture", "rgb", "channel", "atlas"]
"""What is in the picture panel: the picture itself, or the layer in one of the modes."""
MODES: tuple[tuple[Shown, str, str], ...] = (
    ("picture", "Picture", "The picture itself, with the channels of the layer here."),
    ("rgb", "RGB", "Three channels in a row as red, green and blue."),
    ("channel", "Channel", "One channel in the colours of the map."),
    ("atlas", "Atlas", "Every channel at once in the picture panel."),
)
"""The modes that can be chosen, with the text of the button and its tooltip."""
GAIN_TIP = "Brightness in decibels: the values are multiplied by 10^(gain / 20)."
"""Shown over the slider of the gain."""
NORMALIZE_TIP = "Divide by the largest absolute value shown, so that it fills the range."
"""Shown over the switch that normalises."""
PER_CHANNEL_TIP = (
    "The atlas fills the range with each channel by itself, so that quiet ones are seen. "
    "Off, their strengths can be compared."
)
"""Shown over the switch that normalises each channel by itself."""
SPECTRUM_TIP = (
    "The logarithm of the magnitude of the 2-D Fourier transform, with the lowest frequencies "
    "in the middle. Regular patterns show as bright points away from the middle."
)
"""Shown over the switch of the spectrum."""
WINDOWS: tuple[tuple[Literal["none", "hann", "kaiser"], str, str], ...] = (
    ("none", "None", "The picture as it is: the jump at its edges shows as a bright cross."),
    ("hann", "Hann", "Fades out smoothly: good for most pictures."),
    ("kaiser", "Kaiser", "Fades out more steeply: weak patterns beside strong ones."),
)
"""The windows of the spectrum, with the text of the button and its tooltip."""


def view_layer(view: LayerView | None, layer: LayerInfo) -> LayerView:
    """Return the view of another layer that looks at it in the same way as before."""
    view = structs.replace(view, layer=layer.name) if view else LayerView(layer.name)
    return with_channel(view, view.channel, layer)


def with_channel(view: LayerView, channel: int, layer: LayerInfo) -> LayerView:
    """Return the view with a channel, kept inside the layer; RGB shows three from it on."""
    last = layer.channels - (3 if view.mode == "rgb" and layer.channels > 2 else 1)
    return structs.replace(view, channel=min(max(channel, 0), last))


def show_choice(shown: LayerView | None, kept: LayerView) -> LayerView | None:
    """Draw what to show in the picture panel; return the view of the layer, None for the picture.

    shown: what is shown there now.
    kept: how the layer was looked at last.
    """
    before: Shown = shown.mode if shown is not None else "picture"
    mode = widgets.segmented("Show", before, MODES, default="rgb")
    return None if mode == "picture" else structs.replace(kept, mode=mode)


def view_controls(view: LayerView, layer: LayerInfo) -> LayerView:
    """Draw the controls and return the view to use from now on."""
    mode = view.mode
    if mode != "atlas":
        last = max(layer.channels - (3 if mode == "rgb" else 1), 0)
        tip = "The channel shown; in RGB the first of three. Ctrl+click types a number."
        imgui.begin_disabled(last == 0)
        channel = widgets.slider_int(
            "Channel",
            min(view.channel, last),
            0,
            last,
            default=0,
            tip=tip,
            control="layer/channel",
        )
        imgui.end_disabled()
        view = with_channel(view, channel, layer)
    gain = widgets.slider(
        "Gain",
        view.gain_db,
        -40,
        40,
        default=0.0,
        tip=GAIN_TIP,
        fmt="%.1f dB",
        control="layer/gain",
    )
    colormap = _colormap(view.colormap, enabled=mode != "rgb")
    view = structs.replace(view, gain_db=gain, colormap=colormap)
    imgui.dummy(ImVec2(0, 0))
    imgui.same_line(em(widgets.LABEL_EM))
    normalize = widgets.checkbox(
        "Normalise", view.normalize, default=True, tip=NORMALIZE_TIP, control="layer/normalize"
    )
    imgui.same_line(0, em(1.2))
    wanted = widgets.checkbox(
        "Spectrum", view.spectrum is not None, default=False, tip=SPECTRUM_TIP
    )
    imgui.dummy(ImVec2(0, 0))
    imgui.same_line(em(widgets.LABEL_EM))
    imgui.begin_disabled(not normalize)
    per_channel = widgets.checkbox(
        "Channels apart", view.per_channel, default=True, tip=PER_CHANNEL_TIP, control="layer/apart"
    )
    imgui.end_disabled()
    spectrum = (view.spectrum or Spectrum()) if wanted else None
    if spectrum is not None:
        spectrum = _spectrum_controls(spectrum)
    return structs.replace(view, normalize=normalize, per_channel=per_channel, spectrum=spectrum)


def _spectrum_controls(spectrum: Spectrum) -> Spectrum:
    tip = "Magnitudes in decibels that become the darkest and the brightest colour."
    widgets.label("Range", tip)
    changed, low, high = imgui.drag_float_range2(
        "##Range",
        spectrum.low_db,
        spectrum.high_db,
        widgets.drag_speed(0.5),
        -160,
        160,
        "%.0f dB",
        "%.0f dB",
    )
    low = widgets.edited(spectrum.low_db, (changed, low))
    high = widgets.edited(spectrum.high_db, (changed, high))
    if imgui.is_item_clicked(imgui.MouseButton_.right):
        low, high = Spectrum().low_db, Spectrum().high_db
    widgets.tooltip(tip)
    window = widgets.segmented("Window", spectrum.window, WINDOWS, default="hann")
    return Spectrum(low, max(high, low + 1), window)


def _colormap(name: str, *, enabled: bool) -> str:
    tip = "Colours from the lowest to the highest value." if enabled else "RGB has its own colours."
    imgui.begin_disabled(not enabled)
    widgets.label("Colours", tip)
    low = imgui.get_cursor_screen_pos()
    size = ImVec2(imgui.get_content_region_avail().x, imgui.get_frame_height())
    if imgui.begin_combo("##Colours", "", imgui.ComboFlags_.height_large):
        for option in colormaps.NAMES:
            at = imgui.get_cursor_screen_pos()
            if imgui.selectable(f"##{option}", option == name, 0, ImVec2(0, em(1.3)))[0]:
                name = option
            _bar(option, at, ImVec2(size.x - em(1.4), em(1.3)))
        imgui.end_combo()
    elif imgui.is_item_clicked(imgui.MouseButton_.right):
        name = "gray"
    widgets.tooltip(tip)
    _bar(name, low, ImVec2(size.x - size.y, size.y))
    imgui.end_disabled()
    return name


def _bar(name: str, low: ImVec2, size: ImVec2) -> None:
    pad, text = em(0.3), em(5)
    draw_list = imgui.get_window_draw_list()
    at = ImVec2(low.x + pad, low.y + (size.y - imgui.get_text_line_height()) / 2)
    draw_list.add_text(at, imgui.get_color_u32(imgui.Col_.text), name)
    a = ImVec2(low.x + text, low.y + pad)
    b = ImVec2(low.x + size.x - pad, low.y + size.y - pad)
    color_bar(colormaps.table(name), a, b)
