"""Small pictures that are drawn in the background while the window is quiet, and kept."""

from __future__ import annotations

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from viz.desk.context import Context
from viz.gpu.pictures import Frame
from viz.gpu.texture import Texture
from viz.session import motion
from viz.session.session import Session


def is_quiet(session: Session, context: Context) -> bool:
    """Whether the picture on the screen is drawn and nothing moves: others may be asked for."""
    held = any(imgui.is_mouse_down(button) for button in range(3))
    drawn = context.frame is not None and context.frame.request == session.render
    return drawn and not held and not motion.moving(session) and not context.timeline.playing


def reduced(frame: Frame, side: int) -> np.ndarray:
    """[height, width, 4] uint8, at most about `side` pixels wide and high."""
    image = Image.fromarray(np.ascontiguousarray(frame.pixels[..., :3]))
    factor = max(1, max(image.size) // side)
    return np.array((image.reduce(factor) if factor > 1 else image).convert("RGBA"))


def bytes_of(texture: Texture) -> int:
    """What a texture takes of the GPU's memory."""
    return texture.width * texture.height * 4
