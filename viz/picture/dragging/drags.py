"""The drag under way: what is asked of the renderer, and what becomes of its answers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from renderer.messages.drag_job import STREAM, Drag, Dragged, DragSpec, DragSteps
from renderer.messages.request import RenderRequest, SavedW
from renderer.messages.to_window import Report
from viz.desk.dragging import Dragging, Tool
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.gpu.pictures import Frame
from viz.session import session as sessions
from viz.session.cell import SessionCell
from viz.session.dragging import beginning, fits, led_to, outcome


class Drags:
    """One drag at a time; `DraggingActions` is its face, and `facts` what is seen of it.

    It goes on where it was for as long as the session shows the picture that it has come to.
    """

    def __init__(
        self,
        folder: Path | None,
        cell: SessionCell,
        jobs: Jobs,
        notify: Notify,
        frames: Mapping[str, Frame],
    ) -> None:
        """Make one.

        folder: where latents are kept; None where the renderer cannot write there.
        frames: the newest picture of each stream.
        """
        self._folder, self._cell, self._jobs = folder, cell, jobs
        self._notify, self._frames = notify, frames
        self._now = Dragging()
        self._job = 0
        self._sent: Drag | None = None  # what the renderer was told last
        self._heard = False  # whether it has answered that by a step
        self._shown = False  # whether there is a picture of this drag
        self._state = b""
        self._kept: DragSteps | None = None  # the newest that came with its latent
        self._at: RenderRequest | None = None  # the picture of the session where the drag is
        self._start: sessions.Session | None = None  # the session that it began with
        self._asked = sessions.Drag()  # the points and the region when it was started last

    @property
    def facts(self) -> Dragging:
        """The tool, and how far the points have come."""
        session, main = self._cell.now, self._frames.get("main")
        frame = self._frames.get(STREAM) if self._shown else None
        here = session.render == self._at
        if not here or not (self._job or main is None or main.request != session.render):
            frame = None
        under_way = here and (self._job != 0 or self._now.failure is not None)
        return replace(
            self._now,
            running=self._job != 0,
            step=self._now.step if under_way else outcome(session),
            handles=self._now.handles if here else {},
            can_reset=self._back() is not None,
            frame=frame,
        )

    # -- what the user does -------------------------------------------------------------------

    def choose(self, tool: Tool) -> None:
        """Take a tool into the hand."""
        if not tool:
            self.stop()
        self._now = replace(self._now, tool=tool)

    def size(self, brush: float) -> None:
        """Make the brush larger or smaller."""
        self._now = replace(self._now, brush=brush)

    def start(self, steps: int | None = None) -> None:
        """Drag the points, or go on."""
        session = self._cell.now
        model = self._jobs.models.get(session.render.snapshot)
        if not session.drag.points or model is None or not fits(session.drag, model.img_shape):
            return
        if session.motion.animate or session.motion.redraw == "animate":
            session = session.with_motion(animate=False, redraw="fixed")
            self._cell.set(session)  # what moves by itself would be another picture at once
        if self._at != session.render or self._start is None:
            self._begin(session)
        self._asked = session.drag
        self._send(steps)

    def stop(self) -> None:
        """End it; what it has come to becomes the latent."""
        if self._job:
            self._send(0)

    def keep(self) -> None:
        """End it at once, where the window does: with the newest latent, and the way back."""
        if self._cell.now.render != self._at:
            return
        kept = self._kept
        if self._job and kept is not None and kept.w is not None:
            self._found(kept)
            self._become(kept.w)

    def reset(self) -> None:
        """Go back to the picture and the points that it began with."""
        back, now = self._back(), self._cell.now
        if back is None:
            return
        self._let_go()
        render = structs.replace(back.render, snapshot=now.render.snapshot)
        drag = sessions.Drag(back.points, back.mask)
        self._cell.set(structs.replace(now, render=render, drag=drag))

    def take_back(self) -> bool:
        """Give up the drag under way, as undo does it; say whether there was one to give up.

        What was done to its points meanwhile is a later step, and taken back before.
        """
        drag = self._cell.now.drag
        changed = (drag.points, drag.mask) != (self._asked.points, self._asked.mask)
        if not self._job or changed:
            return False
        self._let_go()
        return True

    def refresh(self) -> None:
        """Tell the renderer of points that were moved meanwhile, and let go of another picture."""
        session, sent = self._cell.now, self._sent
        if not self._job or sent is None:
            return
        changed = (sent.points, sent.mask) != (session.drag.points, session.drag.mask)
        if session.render != self._at:
            self._let_go()
        elif not session.drag.points:
            self.stop()
        elif changed and sent.steps != 0 and self._heard:
            self._send(sent.steps)

    # -- what the renderer is asked -----------------------------------------------------------

    def _begin(self, session: sessions.Session) -> None:
        self._let_go()
        self._at, self._start = session.render, session

    def _back(self) -> sessions.Beginning | None:
        """Where Reset leads to: before the drag whose result is shown, or before the one here."""
        session, start = self._cell.now, self._start
        if (back := beginning(session)) is not None:
            return back
        if start is None or session.render != self._at:
            return None
        return sessions.Beginning(start.render, start.drag.points, start.drag.mask)

    def _let_go(self) -> None:
        if self._job:
            self._jobs.cancel(self._job)
        self._job, self._sent, self._state, self._shown = 0, None, b"", False
        self._kept = None
        self._at = self._start = None
        self._now = Dragging(self._now.tool, self._now.brush)

    def _send(self, steps: int | None) -> None:
        """Have it go on with the points of the session; what was asked before is taken back."""
        session, before = self._cell.now, self._job
        assert self._start is not None
        work = Drag(
            session.render.snapshot,
            self._sent.id if self._sent is not None else secrets.token_hex(8),
            DragSpec(self._start.render),
            session.drag.points,
            "" if self._folder is None else str(self._folder),
            session.drag.mask,
            steps,
            self._state,
        )
        self._sent, self._heard = work, False
        self._now = replace(self._now, failure=None)
        job = 0

        def ended(end: Ended) -> None:
            if job == self._job:
                self._ended(end)

        def heard(report: Report) -> None:
            if self._sent is not None and self._sent.id == work.id:
                self._hear(report.read(DragSteps), work)

        job = self._jobs.start(work, "Dragging points", ended, heard=heard, stream=STREAM)
        self._job = job
        if before:
            self._jobs.cancel(before)

    # -- what the renderer says ---------------------------------------------------------------

    def _hear(self, steps: DragSteps, work: Drag) -> None:
        self._heard = self._heard or work is self._sent
        self._state = steps.state or self._state
        if steps.w is not None:
            self._kept = steps
        if steps.step.done:
            self._shown = True
            self._found(steps)

    def _found(self, found: DragSteps | Dragged) -> None:
        handles = dict(zip(found.ids, found.step.handles, strict=True))
        self._now = replace(self._now, step=found.step, handles=handles)

    def _ended(self, ended: Ended) -> None:
        self._job = 0
        if ended.result is None:
            failure = None if ended.cancelled else ended.failure
            self._now = replace(self._now, failure=failure)
            if failure is not None:
                self._notify(f"{failure.message} {failure.remedy}".strip(), error=True)
            return
        found = ended.result.read(Dragged)
        if not found.step.done or self._cell.now.render != self._at:
            return
        self._found(found)
        self._become(found.w)
        told = self._cell.now

        def holds() -> bool:
            now = self._cell.now
            return (now.render, now.drag.points) == (told.render, told.drag.points)

        self._notify(ended.text, holds=holds)

    def _become(self, w: SavedW) -> None:
        """Make this w the latent, with the handles where they are now."""
        session, handles = self._cell.now, self._now.handles
        points = tuple(
            structs.replace(point, handle=handles.get(point.id, point.handle))
            for point in session.drag.points
        )
        back = self._back()
        if back is not None:
            back = structs.replace(back, w=w, step=self._now.step)
        session = session.with_drag(points=points, begun=back)
        self._cell.set(structs.replace(session, render=led_to(session.render, w)))
        self._at = self._cell.now.render
