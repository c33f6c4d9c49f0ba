"""The readout over a picture: where a pixel is, and its colour."""

from __future__ import annotations

from imgui_bundle import ImVec2, ImVec4, imgui

from viz.gpu.pictures import Frame
from viz.picture.pill import draw_pill, ink
from viz.session import inspection
from viz.ui.widgets import em


def readout(frame: Frame, pixel: tuple[int, int]) -> str:
    """What the readout says of a pixel (x, y): its position and its colour, R G B in 0…255.

    In a picture also the colour in hexadecimal; in an atlas the channel, and the position in it.
    """
    x, y = pixel
    r, g, b = (int(v) for v in frame.pixels[y, x, :3])
    text = f"{x}, {y}   {r} {g} {b}   #{r:02x}{g:02x}{b:02x}"
    atlas, shown = frame.info.atlas, frame.request.view
    if atlas is not None and shown is not None and shown.mode == "atlas":
        channel = inspection.channel_at(atlas, x, y)
        if channel is not None:
            text = f"channel {channel}   {x % atlas.cell}, {y % atlas.cell}   {r} {g} {b}"
    return text


def draw_readout(
    frame: Frame,
    pixel: tuple[int, int],
    corner: ImVec2,
    area: ImVec2,
    alpha: float = 1.0,
    beside: float = 0.0,
) -> None:
    """Draw the readout of a pixel (x, y) in the lower left corner of an area.

    Where it would run into what is in the other corner, it stands above that.

    corner: the upper left corner of the area, as a screen position.
    area: its width and height in pixels.
    alpha: how opaque it is, 0…1.
    beside: the width in pixels that the toolbar takes of the area, 0 where there is none.
    """
    text = readout(frame, pixel)
    height = imgui.get_frame_height()
    size = imgui.calc_text_size(text)
    width = size.x + height + em(0.9)
    low = ImVec2(corner.x + em(0.6), corner.y + area.y - height - em(0.9))
    if beside and em(0.6) + width > area.x - beside:
        low.y -= height + em(0.9)
    draw_pill(low, ImVec2(low.x + width, low.y + height), alpha)
    canvas = imgui.get_window_draw_list()
    r, g, b = (int(v) / 255 for v in frame.pixels[pixel[1], pixel[0], :3])
    inset = em(0.25)
    swatch = ImVec2(low.x + inset, low.y + inset)
    edge = ImVec2(low.x + height - inset, low.y + height - inset)
    canvas.add_rect_filled(swatch, edge, imgui.get_color_u32(ImVec4(r, g, b, alpha)), em(0.2))
    at = ImVec2(low.x + height + em(0.2), low.y + (height - size.y) / 2)
    canvas.add_text(at, ink(alpha), text)
