"""How fast it is, where the time and the memory go, and what it computes on."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa
from msgspec import structs

from common import units
from renderer.messages.options import EngineOptions
from renderer.messages.to_window import Hello
from viz.desk import reaching
from viz.desk.context import Context
from viz.desk.facts import Meters
from viz.desk.panel import Panel
from viz.session.session import Session
from viz.ui import plots, theme, widgets
from viz.ui.text import Row, facts, muted
from viz.ui.widgets import em

COLUMN = 13.5
"""The width in em that every part needs where the parts lie beside each other."""
PRECISIONS = (("auto", "automatic"), ("float32", "float32"), ("float16", "float16"))
"""The precisions that can be chosen, with their names."""
CACHES = tuple((1 << n, units.file_size(1 << n)) for n in range(28, 35))
"""The sizes of the cache that can be chosen, in bytes, with their names."""
LIMITS = ((0, "as the display"), *((n, f"{n} fps") for n in (24, 30, 60, 120, 144, 240)))
"""The limits of frames per second that can be chosen, with their names."""
MEAN_OF = 60
"""How many of the last pictures the means are taken of."""
MEAN_TIP = f"Over those of the last {MEAN_OF} pictures in which the stage was computed."
DEVICE_TIP = "Where the networks run."
"""Shown over the choice of the device."""
PRECISION_TIP = (
    "Automatic: on a GPU float16 in the top resolutions, where the network was trained with it. "
    "On a CPU float32, with a preview first where a picture takes long: coarser, or in bfloat16, "
    "for as long as it moves. float32 is exact at every moment."
)
"""Shown over the choice of the precision."""
THREADS_TIP = (
    "Threads of the renderer on a CPU. Automatic leaves one core free so that the window stays "
    "smooth."
)
"""Shown over the number of threads."""
CACHE_TIP = "Networks stay in memory up to this size, so that going back to one is immediate."
"""Shown over the size of the cache of networks."""
LIMIT_TIP = "The window is drawn at most this often. Fewer frames leave more time to the renderer."
"""Shown over the limit of frames a second."""


class PerformancePanel:
    """Keeps whether the times of the stages are stacked in the plot."""

    def __init__(self) -> None:
        self._stacked = True
        self._threads: int | None = None

    def draw(self, session: Session, context: Context) -> Session:
        """Draw the panel; return the session as it was edited there."""
        parts = (self._plots, _numbers, self._engine)
        wide = imgui.get_content_region_avail().x >= em(COLUMN) * len(parts)
        height = max(imgui.get_content_region_avail().y, em(14))
        imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(em(0.5), em(0.2)))
        if imgui.begin_table("##columns", len(parts) if wide else 1):
            if wide:
                imgui.table_setup_column("plots", imgui.TableColumnFlags_.width_stretch)
                imgui.table_setup_column("use", imgui.TableColumnFlags_.width_fixed, em(11.6))
                imgui.table_setup_column("engine", imgui.TableColumnFlags_.width_fixed, em(15))
            for part in parts:
                imgui.table_next_column()
                part(context, height - em(0.6))
            imgui.end_table()
        imgui.pop_style_var()
        return session

    def _plots(self, context: Context, height: float) -> None:
        meters = context.meters
        captions = 2 * imgui.get_frame_height_with_spacing() + imgui.get_style().item_spacing.y
        room = max((height - captions) / 2, em(4))
        rate = _rate(meters)
        tip = "Time of each stage that was not reused, picture by picture. Click to change."
        kind = "stacked" if self._stacked else "lines"
        if _caption("Picture", kind, rate, tip):
            self._stacked = not self._stacked
        plots.times("stages", meters.stages, size=ImVec2(-1, room), stacked=self._stacked)
        _draw_window_times(context, room)

    def _engine(self, context: Context, height: float) -> None:
        _state(context)
        options, hello = context.settings.engine, context.engine.hello
        devices = [("auto", "automatic"), *((d.split(" ")[0], d) for d in _devices(hello, options))]
        device = widgets.choice("Device", options.device, devices, default="auto", tip=DEVICE_TIP)
        precision = widgets.choice(
            "Precision", options.precision, PRECISIONS, default="auto", tip=PRECISION_TIP
        )
        threads = self._draw_threads(options, hello)
        cache = widgets.choice(
            "Cache", options.cache_bytes, CACHES, default=EngineOptions().cache_bytes, tip=CACHE_TIP
        )
        wanted = structs.replace(
            options, device=device, precision=precision, threads=threads, cache_bytes=cache
        )
        if wanted != options:
            context.actions.configure(wanted)
        limit = context.settings.frame_limit
        chosen = widgets.choice("Frame limit", limit, LIMITS, default=0, tip=LIMIT_TIP)
        if chosen != limit:
            context.actions.change_settings(frame_limit=chosen)
        if widgets.button(
            f"{fa.ICON_FA_POWER_OFF}  Restart renderer###Restart renderer",
            tip="Ends the renderer process and starts a new one. Nothing is lost.",
            width=-1,
        ):
            context.actions.restart_renderer()

    def _draw_threads(self, options: EngineOptions, hello: Hello | None) -> int:
        shown = options.threads if self._threads is None else self._threads
        fmt = "%d" if shown else f"automatic ({hello.threads})" if hello else "automatic"
        cores = max(os.cpu_count() or 1, options.threads)
        shown = widgets.slider_int("Threads", shown, 0, cores, default=0, tip=THREADS_TIP, fmt=fmt)
        # Reconfiguring at every step of a drag would restart the thread pool each time.
        self._threads = shown if imgui.is_item_active() else None
        return options.threads if imgui.is_item_active() else shown


def _devices(hello: Hello | None, options: EngineOptions) -> list[str]:
    known = list(hello.devices) if hello else []
    if options.device != "auto" and not any(d.split(" ")[0] == options.device for d in known):
        known.append(f"{options.device} (not found)")
    return known


def _state(context: Context) -> None:
    palette, engine = theme.current(), context.engine
    color = {"ready": palette.good, "failed": palette.error}.get(engine.state, palette.warning)
    imgui.align_text_to_frame_padding()
    imgui.text_colored(theme.color(color), fa.ICON_FA_CIRCLE)
    imgui.same_line(0, em(0.4))
    hello = engine.hello
    text = reaching.brief(engine) or f"Renderer {engine.state}"
    if hello is not None and engine.state == "ready":
        threads = units.counted(hello.threads, "thread")
        text = f"{hello.device.split(' ')[0]}, {hello.precision}, {threads}"
    imgui.text_unformatted(text)
    process = f" Process {hello.pid}." if hello else ""
    story = reaching.story(engine) or engine.text
    widgets.tooltip(f"Renderer {engine.state}.{process} {story}".strip())


def _draw_window_times(context: Context, room: float) -> None:
    meters = context.meters
    imgui.align_text_to_frame_padding()
    for i, (name, values, tip) in enumerate(
        (
            ("Latency", meters.latency_ms, "From a change in the window to its picture."),
            ("Window", meters.frame_ms, "From one frame of the window to the next."),
        )
    ):
        if i:
            imgui.same_line(0, em(1))
        imgui.text_colored(plots.series_color(i), name)
        widgets.tooltip(tip)
        imgui.same_line(0, em(0.4))
        muted(f"{values[-1]:.0f} ms" if values else "–")
    rate = f"{meters.window_per_second:.0f} fps"
    imgui.same_line()
    if imgui.calc_text_size(rate).x <= imgui.get_content_region_avail().x:
        _align_right(rate)
        muted(rate)
    else:
        imgui.new_line()
    series = {"latency": meters.latency_ms, "window": meters.frame_ms}
    plots.times("window", series, size=ImVec2(-1, room))


def _numbers(context: Context, height: float) -> None:
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted("Use")
    facts("numbers", _facts(context), context.actions.copy_text, 5.5)
    _draw_stages(context.meters.stages)


def _facts(context: Context) -> Iterator[Row]:
    frame, meters = context.frame, context.meters
    if frame is not None:
        info = frame.info
        reused = f"{info.reused_stages} of {info.total_stages}"
        tip = "Stages whose inputs had not changed since the picture before were not computed."
        yield "Reused", reused, tip
        if info.device_bytes:
            yield "Device", units.file_size(info.device_bytes), "Memory in use on the GPU."
        tip = "Networks and intermediate results that are kept."
        yield "Cache", units.file_size(info.cache_bytes), tip
        yield "Renderer", units.file_size(info.memory_bytes), "Memory of the renderer process."
    yield "Window", units.file_size(meters.window_bytes), "Memory of the window process."


def _draw_stages(stages: Mapping[str, Sequence[float]]) -> None:
    """Draw mean times, each in the colour that its stage has in the plot."""
    if stages:
        muted("Mean time of")
        widgets.tooltip(MEAN_TIP)
    flags = imgui.TableFlags_.sizing_fixed_fit | imgui.TableFlags_.pad_outer_x
    imgui.push_style_var(imgui.StyleVar_.cell_padding, ImVec2(0, em(0.12)))
    if imgui.begin_table("##means", 2, flags):
        imgui.table_setup_column("stage", imgui.TableColumnFlags_.width_fixed, em(5.5))
        for i, (stage, values) in enumerate(stages.items()):
            recent = [value for value in values[-MEAN_OF:] if math.isfinite(value)]
            if not recent:
                continue
            imgui.table_next_row()
            imgui.table_next_column()
            imgui.text_colored(plots.series_color(i), fa.ICON_FA_SQUARE)
            imgui.same_line(0, em(0.4))
            muted(stage)
            imgui.table_next_column()
            imgui.text_unformatted(f"{sum(recent) / len(recent):.2f} ms")
            widgets.tooltip(MEAN_TIP)
        imgui.end_table()
    imgui.pop_style_var()


def _caption(name: str, kind: str, values: Sequence[str], tip: str) -> bool:
    """Draw a plot's title line with a small switch; return whether that was pressed.

    values: what is said at its end, at length first; the first that has room is.
    """
    imgui.align_text_to_frame_padding()
    imgui.text_unformatted(name)
    imgui.same_line(0, em(0.6))
    pressed: bool = imgui.small_button(f"{kind}###{name} kind")
    widgets.tooltip(tip)
    imgui.same_line()
    room = imgui.get_content_region_avail().x
    fitting = (value for value in values if imgui.calc_text_size(value).x <= room)
    value = next(fitting, values[-1])
    _align_right(value)
    muted(value)
    return pressed


def _align_right(text: str) -> None:
    room = imgui.get_content_region_avail().x - imgui.calc_text_size(text).x
    imgui.set_cursor_pos_x(imgui.get_cursor_pos_x() + max(room, 0.0))


def _rate(meters: Meters) -> tuple[str, ...]:
    """Return the time of the newest picture, and how many there are in a second where any are.

    In words that need less and less room.
    """
    if not meters.render_ms:
        return ("–",)
    newest, rate = f"{meters.render_ms[-1]:.1f} ms", meters.rendered_per_second
    if not rate:
        return f"newest {newest}", newest
    often = f"{rate:.0f} fps" if rate >= 1 else f"{rate:.2f} fps"
    return f"newest {newest}   {often}", f"{newest}   {often}", newest


PANEL = Panel(
    "Performance", fa.ICON_FA_GAUGE_HIGH, "bottom", 3, make=lambda: PerformancePanel().draw
)
