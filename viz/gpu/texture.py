"""Pictures on the GPU: upload, copies, and the framebuffers that are drawn to."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from viz.gpu import display

display.configure_default()

from OpenGL import GL  # noqa: E402 - reads its platform when it is imported

Rect = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels of a texture, y down; x1 and y1 lie outside."""


def read_framebuffer(width: int, height: int) -> npt.NDArray[np.uint8]:
    """Return what has been drawn so far: [height, width, 4] uint8, rows top down."""
    GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)
    data = GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[::-1].copy()


def renderer_name() -> str:
    """Return what OpenGL draws on, e.g. `llvmpipe (LLVM 15.0.6, 256 bits)`."""
    return bytes(GL.glGetString(GL.GL_RENDERER)).decode(errors="replace")


_changes = itertools.count(1)
_contents: dict[int, int] = {}
"""The number of the last change of every texture, by its name: OpenGL's names are global too."""


def contents_of(name: int) -> int | None:
    """Return the number of a texture's last change, None where it is none of ours."""
    return _contents.get(name)


class Texture:
    """One RGBA8 picture on the GPU; uploads of the same size reuse its memory.

    name: the OpenGL name, 0 once the texture is deleted.
    width, height: in pixels, 0 before the first upload.
    """

    def __init__(self) -> None:
        self.name = int(GL.glGenTextures(1))
        self.width = 0
        self.height = 0

    @property
    def texture(self) -> int:
        """The OpenGL name, as `viz.gpu.pictures.Picture` has it."""
        return self.name

    def resize(self, width: int, height: int) -> None:
        """Allocate memory without contents, unless the size is the same as before."""
        if (width, height) == (self.width, self.height):
            return
        self.width, self.height = width, height
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.name)
        for side in (GL.GL_TEXTURE_WRAP_S, GL.GL_TEXTURE_WRAP_T):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, side, GL.GL_CLAMP_TO_EDGE)
        for zoom in (GL.GL_TEXTURE_MIN_FILTER, GL.GL_TEXTURE_MAG_FILTER):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, zoom, GL.GL_LINEAR)
        GL.glTexImage2D(
            GL.GL_TEXTURE_2D,
            0,
            GL.GL_RGBA8,
            width,
            height,
            0,
            GL.GL_RGBA,
            GL.GL_UNSIGNED_BYTE,
            None,
        )

    def upload(self, pixels: npt.NDArray[np.uint8]) -> None:
        """Put a picture into the texture.

        pixels: [height, width, 4] uint8, C-contiguous, rows top down.
        """
        height, width = pixels.shape[:2]
        self.resize(width, height)
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.name)
        GL.glTexSubImage2D(
            GL.GL_TEXTURE_2D,
            0,
            0,
            0,
            width,
            height,
            GL.GL_RGBA,
            GL.GL_UNSIGNED_BYTE,
            pixels,
        )
        self.changed()

    def changed(self) -> None:
        """Note that there are other pixels in it now."""
        _contents[self.name] = next(_changes)

    def delete(self) -> None:
        """Free the memory on the GPU. The texture cannot be used afterwards."""
        GL.glDeleteTextures([self.name])
        _contents.pop(self.name, None)
        self.name = self.width = self.height = 0


class Canvas:
    """A framebuffer for an offscreen window, of any size, unlike the surface that GLFW made."""

    def __init__(self) -> None:
        self._texture = Texture()
        self._frame = int(GL.glGenFramebuffers(1))

    def begin(self, width: int, height: int, color: tuple[float, float, float]) -> None:
        """Draw here from now on.

        width, height: in pixels.
        color: R, G and B of the ground, 0…1.
        """
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._frame)
        if (width, height) != (self._texture.width, self._texture.height):
            self._texture.resize(width, height)
            GL.glFramebufferTexture2D(
                GL.GL_FRAMEBUFFER,
                GL.GL_COLOR_ATTACHMENT0,
                GL.GL_TEXTURE_2D,
                self._texture.name,
                0,
            )
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glClearColor(*color, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)

    def end(self) -> None:
        """Wait until all of it is drawn, as offscreen nothing else slows the loop down."""
        _forget_errors()
        GL.glFinish()
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, 0)


def _forget_errors() -> None:
    """Drop errors that calls of others have left behind: ours would be blamed for them."""
    for _ in range(16):
        if GL.glGetError() == GL.GL_NO_ERROR:
            return


def copy(source: int, area: Rect, target: Texture, *, smooth: bool) -> None:
    """Draw `area` (x0, y0, x1, y1) of one texture over the whole of another."""
    frames = GL.glGenFramebuffers(2)
    before = GL.glGetIntegerv(GL.GL_FRAMEBUFFER_BINDING)
    try:
        for binding, frame, texture in (
            (GL.GL_READ_FRAMEBUFFER, frames[0], source),
            (GL.GL_DRAW_FRAMEBUFFER, frames[1], target.name),
        ):
            GL.glBindFramebuffer(binding, frame)
            GL.glFramebufferTexture2D(
                binding, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, texture, 0
            )
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glBlitFramebuffer(
            *area,
            0,
            0,
            target.width,
            target.height,
            GL.GL_COLOR_BUFFER_BIT,
            GL.GL_LINEAR if smooth else GL.GL_NEAREST,
        )
    finally:
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, before)
        GL.glDeleteFramebuffers(2, frames)
    target.changed()
