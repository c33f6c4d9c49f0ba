"""Where windows can go: a real display, or none.

GLFW and PyOpenGL choose their platform when they start; this module makes both choose the same.
It is asked before OpenGL is loaded.
"""

from __future__ import annotations

import os
import sys
import warnings


def available() -> bool:
    """Whether a window can be expected to open: on macOS, Windows, or where Linux has a display."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def obstacle() -> str | None:
    """Say why no window can open here, in one line; None where one can.

    This tries it, as a display can be named and not answer, or have no OpenGL 3.3.
    """
    if not available():
        return "There is no display here (DISPLAY is not set)"
    import imgui_bundle  # noqa: F401 - before glfw, so that both use the GLFW it brings

    # isort: split
    import glfw

    name = os.environ.get("DISPLAY", "") if sys.platform.startswith("linux") else ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not glfw.init():
            return f"The display {name} does not answer".replace("  ", " ")
        hints = (
            (glfw.VISIBLE, False),
            (glfw.CONTEXT_VERSION_MAJOR, 3),
            (glfw.CONTEXT_VERSION_MINOR, 3),
            (glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE),
            (glfw.OPENGL_FORWARD_COMPAT, True),
        )
        for hint, value in hints:
            glfw.window_hint(hint, value)
        window = glfw.create_window(64, 64, "probe", None, None)
        glfw.default_window_hints()
        if not window:
            glfw.terminate()
            return f"The display {name} has no OpenGL 3.3".replace("  ", " ")
        glfw.destroy_window(window)
    return None


def configure(*, offscreen: bool) -> None:
    """Choose PyOpenGL's platform, before anything imports OpenGL.

    GLFW draws on X11 (through XWayland where the desktop is Wayland), and on EGL offscreen.
    """
    if sys.platform.startswith("linux"):
        os.environ["PYOPENGL_PLATFORM"] = "egl" if offscreen else "x11"


def configure_default() -> None:
    """Choose the platform for a program that has not called `configure`."""
    if "PYOPENGL_PLATFORM" not in os.environ:
        configure(offscreen=not available())


HOW_TO_SEE_IT = """\
To see the window live:
  - over SSH, forward X11:        ssh -X HOST, then start it again
  - in a virtual desktop (VNC):   start a VNC server and set DISPLAY to it
  - with a virtual X server:      xvfb-run -a python visualizer.py
To draw only a picture of it:     python visualizer.py --offscreen --screenshot FILE.png"""
