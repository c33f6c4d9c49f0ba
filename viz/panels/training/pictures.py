"""The grids of pictures that a run saves: the fakes, one after the other, and the reals."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import ImVec2, imgui
from imgui_bundle import icons_fontawesome_6 as fa

from common import units
from common.runs.state import ImageFile, RunState
from viz.desk.context import Context
from viz.desk.facts import FileEntry
from viz.gpu.pictures import Picture
from viz.picture.snapshot_menu import snapshot_menu
from viz.ui import stars, theme, widgets
from viz.ui.keys import take_key
from viz.ui.layout import align_right
from viz.ui.text import muted
from viz.ui.widgets import em

HEIGHT = 8.5
"""The largest height of the thumbnails, in em."""


class RunPictures:
    """Draws grids of a run, and remembers which of the fakes is looked at.

    That is the newest one unless somebody steps back.
    """

    def __init__(self) -> None:
        self._chosen = ""
        self._enlarged: ImageFile | None = None
        self._aspect = 0.5  # height by width, of the grids of this run

    def height(self, run: RunState) -> float:
        """Return how many pixels of height `draw` will take."""
        if not run.images:
            return 0.0
        return imgui.get_frame_height_with_spacing() + self._room(run) + em(0.3)

    def _room(self, run: RunState) -> float:
        """Return the height of the thumbnails in pixels; they are as wide as there is room."""
        gap = imgui.get_style().item_spacing.x
        columns = len({image.kind == "reals" for image in run.images})
        width = (imgui.get_content_region_avail().x - gap * (columns - 1)) / columns
        return min(width * self._aspect, em(HEIGHT))

    def draw(self, run: RunState, context: Context) -> None:
        """Draw the fakes on the left and the reals on the right."""
        fakes = [image for image in run.images if image.kind != "reals"]
        reals = [image for image in run.images if image.kind == "reals"]
        if not run.images:
            return
        gap = imgui.get_style().item_spacing.x
        columns = bool(fakes) + bool(reals)
        width = (imgui.get_content_region_avail().x - gap * (columns - 1)) / columns
        room = ImVec2(width, self._room(run))
        if fakes:
            imgui.begin_group()
            shown = self._step(fakes, width)
            self._thumbnail(shown, room, context, _snapshot_of(shown, context))
            imgui.end_group()
        if fakes and reals:
            imgui.same_line(0, gap)
        if reals:
            imgui.begin_group()
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted("Reals")
            widgets.tooltip("Pictures of the data set, as D sees them before augmentation.")
            self._thumbnail(reals[0], room, context, None)
            imgui.end_group()
        self._popup(fakes, context)

    def _index(self, fakes: Sequence[ImageFile]) -> int:
        """Return the index of the grid that is looked at."""
        found = (i for i, image in enumerate(fakes) if image.path == self._chosen)
        return next(found, len(fakes) - 1)

    def _step(self, fakes: Sequence[ImageFile], width: float) -> ImageFile:
        """Draw the heading of the fakes with its buttons; return the grid that is looked at."""
        index, left = self._index(fakes), imgui.get_cursor_pos_x()
        side, gap = imgui.get_frame_height(), em(0.15)
        imgui.align_text_to_frame_padding()
        imgui.text_unformatted("Fakes")
        imgui.same_line(0, em(0.4))
        muted(_name(fakes[index]))
        imgui.same_line()
        imgui.set_cursor_pos_x(max(imgui.get_cursor_pos_x(), left + width - 2 * side - gap))
        return fakes[self._steps(fakes, index, side, gap)]

    def _steps(self, fakes: Sequence[ImageFile], index: int, side: float, gap: float) -> int:
        """Draw buttons that step through the fakes; return the index of the grid after that.

        side: the width of a button, in pixels.
        gap: the room between the two, in pixels.
        """
        last = len(fakes) - 1
        back, on = fa.ICON_FA_CHEVRON_LEFT, fa.ICON_FA_CHEVRON_RIGHT
        imgui.push_item_flag(imgui.ItemFlags_.button_repeat, True)
        step = 0
        if widgets.button(f"{back}###fakes before", tip="Earlier.", enabled=index > 0, width=side):
            step = -1
        imgui.same_line(0, gap)
        if widgets.button(f"{on}###fakes after", tip="Later.", enabled=index < last, width=side):
            step = 1
        imgui.pop_item_flag()
        index += step
        if step:
            self._chosen = fakes[index].path if index < last else ""
        return index

    def _thumbnail(
        self, image: ImageFile, room: ImVec2, context: Context, snapshot: FileEntry | None
    ) -> None:
        """Draw a grid. snapshot: the one that made it, None where there is none any more."""
        low = imgui.get_cursor_screen_pos()
        if imgui.invisible_button(f"##{image.kind} picture", room):
            self._enlarged = image
            imgui.open_popup("enlarged")
        hovered = imgui.is_item_hovered()
        tip = "Click to enlarge."
        if snapshot is not None:
            tip = "\n".join(
                (*context.marks.about(snapshot.path), f"{tip} Right-click: star, note …")
            )
        widgets.tooltip(tip)
        if snapshot is not None and snapshot.kimg is not None:
            snapshot_menu(snapshot.path, units.kimg(snapshot.kimg), context)
        picture = context.file_image(image.path, image.modified)
        if picture is not None and not isinstance(picture, str):
            self._aspect = picture.height / picture.width
        _draw_inside(picture, low, room, context, image.kind, hovered=hovered)
        if snapshot is not None:
            marks, path = context.marks, snapshot.path
            best, note = path == marks.best, path in marks.notes
            stars.corner(low, best=best, starred=path in marks.stars, note=note)

    def _popup(self, fakes: Sequence[ImageFile], context: Context) -> None:
        """Draw the enlarged grid over everything; it can be stepped through there, too."""
        if self._enlarged is None:
            return
        view = imgui.get_main_viewport()
        center = ImVec2(view.pos.x + view.size.x / 2, view.pos.y + view.size.y / 2)
        imgui.set_next_window_pos(center, imgui.Cond_.always, ImVec2(0.5, 0.5))
        flags = imgui.WindowFlags_.no_move | imgui.WindowFlags_.always_auto_resize
        if not imgui.begin_popup("enlarged", flags):
            return
        image = self._enlarged
        if image.kind == "reals":
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted("Reals")
        else:
            index = self._index(fakes)
            for key, by in ((imgui.Key.left_arrow, -1), (imgui.Key.right_arrow, 1)):
                if take_key(key) and 0 <= index + by < len(fakes):
                    index += by
                    self._chosen = fakes[index].path if index < len(fakes) - 1 else ""
            imgui.align_text_to_frame_padding()
            imgui.text_unformatted(f"Fakes, {_name(fakes[index])}")
            imgui.same_line()
            align_right(2 * imgui.get_frame_height() + em(0.15))
            image = fakes[self._steps(fakes, index, imgui.get_frame_height(), em(0.15))]
        picture = context.file_image(image.path, image.modified, large=True)
        room = ImVec2(view.size.x * 0.8, view.size.y * 0.8)
        if picture is not None and not isinstance(picture, str):
            scale = min(room.x / picture.width, room.y / picture.height)
            room = ImVec2(picture.width * scale, picture.height * scale)
        low = imgui.get_cursor_screen_pos()
        imgui.dummy(room)
        _draw_inside(picture, low, room, context, "enlarged", hovered=False)
        imgui.end_popup()


def _snapshot_of(image: ImageFile, context: Context) -> FileEntry | None:
    """The snapshot that was written together with a grid."""
    found = [s for s in context.snapshots if s.kimg is not None and s.kimg == image.kimg]
    return found[-1] if found else None


def _name(image: ImageFile) -> str:
    if image.kind == "init":
        return "before training"
    return "newest" if image.kimg is None else f"{image.kimg:g} kimg"


def _draw_inside(
    picture: Picture | str | None,
    low: ImVec2,
    room: ImVec2,
    context: Context,
    key: str,
    *,
    hovered: bool,
) -> None:
    """Draw a picture as large as it fits, or a word where there is none."""
    palette, draw_list = theme.current(), imgui.get_window_draw_list()
    high = ImVec2(low.x + room.x, low.y + room.y)
    if picture is None or isinstance(picture, str):
        draw_list.add_rect_filled(low, high, imgui.get_color_u32(theme.color(palette.back)))
        text = picture or "Reading …"
        at = ImVec2(low.x + em(0.5), low.y + em(0.4))
        draw_list.push_clip_rect(low, high, True)
        draw_list.add_text(at, imgui.get_color_u32(imgui.Col_.text_disabled), text)
        draw_list.pop_clip_rect()
        return
    scale = min(room.x / picture.width, room.y / picture.height)
    end = ImVec2(low.x + picture.width * scale, low.y + picture.height * scale)
    context.draw_image(picture, low, end, smooth=scale < 1, key=f"run {key}")
    if hovered:
        packed = imgui.get_color_u32(theme.color(palette.muted))
        draw_list.add_rect(low, end, packed, 0.0, em(0.12))
