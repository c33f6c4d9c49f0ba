"""Where windows can go: a real display, or none.

GLFW and PyOpenGL choose their platform when they start; this module makes both choose the same.
It imports neither, so it can be asked before either is loaded.
"""

from __future__ import annotations

import os
import sys


def available() -> bool:
    """True where a window can be expected to open (macOS, Windows, or an X server on Linux)."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def configure(*, offscreen: bool) -> None:
    """Choose PyOpenGL's platform. Call before anything imports OpenGL.

    GLFW draws on X11 (through XWayland where the desktop is Wayland), and on EGL offscreen.
    """
    if sys.platform.startswith("linux"):
        os.environ["PYOPENGL_PLATFORM"] = "egl" if offscreen else "x11"


def configure_default() -> None:
    """The platform for a program that has not called `configure`."""
    if "PYOPENGL_PLATFORM" not in os.environ:
        configure(offscreen=not available())


HOW_TO_SEE_IT = """\
To see the window live:
  - over SSH, forward X11:        ssh -X HOST, then start it again
  - in a virtual desktop (VNC):   start a VNC server and set DISPLAY to it
  - with a virtual X server:      xvfb-run -a python visualizer.py
To draw only a picture of it:     python visualizer.py --offscreen --screenshot FILE.png"""
