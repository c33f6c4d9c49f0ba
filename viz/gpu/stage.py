"""A picture alone on black, drawn into whatever framebuffer is current, in any OpenGL context."""

from __future__ import annotations

import math

from viz.gpu import display

display.configure_default()

from OpenGL import GL  # noqa: E402 - reads its platform when it is imported

_VERTEX = """
#version 330 core
out vec2 at;
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    at = vec2(corner.x, 1.0 - corner.y);
    gl_Position = vec4(2.0 * corner - 1.0, 0.0, 1.0);
}
"""
_FRAGMENT = """
#version 330 core
in vec2 at;
out vec4 color;
uniform sampler2D picture;
uniform int taps;
uniform vec2 pixel;
void main() {
    vec4 sum = vec4(0.0);
    if (taps == 0) {
        ivec2 size = textureSize(picture, 0);
        sum = texelFetch(picture, clamp(ivec2(at * vec2(size)), ivec2(0), size - 1), 0);
    } else {
        for (int i = 0; i < taps * taps; i++) {
            vec2 place = (vec2(i % taps, i / taps) + 0.5) / float(taps) - 0.5;
            sum += texture(picture, at + place * pixel);
        }
        sum /= float(taps * taps);
    }
    color = vec4(sum.rgb * sum.a, 1.0);
}
"""
MOST_TAPS = 16
"""How many samples along each side a pixel of the screen is the mean of, at most."""


def placed(picture: tuple[int, int], area: tuple[int, int], *, smooth: bool) -> tuple[int, ...]:
    """Return where a picture lies in the middle of an area: x, y, width and height in pixels.

    picture, area: width and height in pixels.
    smooth: as large as there is room; otherwise by a whole factor, unless it has to be reduced.
    """
    zoom = min(area[0] / picture[0], area[1] / picture[1])
    if not smooth and zoom > 1:
        zoom = math.floor(zoom)
    width, height = (max(1, round(side * zoom)) for side in picture)
    return (area[0] - width) // 2, (area[1] - height) // 2, width, height


class Stage:
    """Draws pictures in one context; made, used and deleted while that is the current one."""

    def __init__(self) -> None:
        self._vertices = int(GL.glGenVertexArrays(1))
        self._program = int(GL.glCreateProgram())
        for kind, source in ((GL.GL_VERTEX_SHADER, _VERTEX), (GL.GL_FRAGMENT_SHADER, _FRAGMENT)):
            shader = GL.glCreateShader(kind)
            GL.glShaderSource(shader, source)
            GL.glCompileShader(shader)
            GL.glAttachShader(self._program, shader)
            GL.glDeleteShader(shader)
        GL.glLinkProgram(self._program)
        if not GL.glGetProgramiv(self._program, GL.GL_LINK_STATUS):
            log = GL.glGetProgramInfoLog(self._program)
            raise RuntimeError(f"OpenGL refuses a shader: {log!r}")

    def draw(
        self, texture: int, picture: tuple[int, int], area: tuple[int, int], *, smooth: bool
    ) -> None:
        """Clear the framebuffer to black and draw a picture in its middle.

        texture: its OpenGL name, 0 for black alone.
        picture, area: width and height of the picture and of the framebuffer, in pixels.
        smooth: as that of `placed`; enlarged pixels run into each other.
        """
        GL.glDisable(GL.GL_SCISSOR_TEST)
        GL.glViewport(0, 0, *area)
        GL.glClearColor(0.0, 0.0, 0.0, 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        if not texture:
            return
        x, y, width, height = placed(picture, area, smooth=smooth)
        reduced = math.ceil(picture[0] / width)
        taps = min(reduced, MOST_TAPS) if smooth or reduced > 1 else 0
        GL.glViewport(x, area[1] - y - height, width, height)
        GL.glUseProgram(self._program)
        GL.glUniform1i(GL.glGetUniformLocation(self._program, "picture"), 0)
        GL.glUniform1i(GL.glGetUniformLocation(self._program, "taps"), taps)
        place = GL.glGetUniformLocation(self._program, "pixel")
        GL.glUniform2f(place, 1 / width, 1 / height)
        GL.glActiveTexture(GL.GL_TEXTURE0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture)
        GL.glBindVertexArray(self._vertices)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)


def hand_over() -> None:
    """Finish what was asked of the current context, so that another may use its textures.

    A fence would not hold up this side, but Mesa's software renderer refuses one of another window.
    """
    GL.glFinish()
