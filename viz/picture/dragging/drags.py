"""The drag under way: what is asked of the renderer, and what becomes of its answers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from msgspec import structs

from renderer.messages.drag_job import STREAM, Drag, Dragged, DragSpec, DragSteps, led_to
from renderer.messages.request import RenderRequest, SavedW
from renderer.messages.to_window import Report
from viz.desk.jobs import Ended, Jobs
from viz.desk.notify import Notify
from viz.desk.parts.dragging import Dragging, Tool
from viz.gpu.pictures import Frame
from viz.session import session as sessions
from viz.session.cell import SessionCell
from viz.session.changes import motion
from viz.session.changes.dragging import beginning, come_to, fits, is_plain, outcome, with_changes
from viz.session.fit import alike


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
        self._reached: DragSteps | None = None  # the newest step, while nothing is kept of it
        self._at: RenderRequest | None = None  # the picture of the session where the drag is
        self._seen: sessions.Session | None = None  # the newest session with that picture
        self._start: sessions.Session | None = None  # the session that it began with
        self._asked = sessions.Drag()  # the points and the region when it was started last

    @property
    def facts(self) -> Dragging:
        """The tool, and how far the points have come."""
        session, frame = self._cell.now, self._frame()
        here = session.render == self._at
        under_way = here and (self._job != 0 or self._now.failure is not None)
        return replace(
            self._now,
            running=self._job != 0,
            step=self._now.step if under_way else outcome(session),
            handles=self._now.handles if here else {},
            can_reset=self._back() is not None,
            frame=frame,
            reached=self._shown_as(frame),
        )

    @property
    def shown(self) -> sessions.Session:
        """The session of what is on the screen: with what a drag under way has come to."""
        return self._shown_as(self._frame()) or self._cell.now

    def _shown_as(self, frame: Frame | None) -> sessions.Session | None:
        """The session that makes a picture on the way, None where there is none."""
        if frame is None or not isinstance(frame.request.source, SavedW):
            return None
        return self._come_to(self._cell.now, frame.request.source)

    def _frame(self) -> Frame | None:
        """The picture on the way, while it is newer than that of the session."""
        render, main = self._cell.now.render, self._frames.get("main")
        frame = self._frames.get(STREAM) if self._shown and render == self._at else None
        if frame is None or self._start is None:
            return None
        if self._job:
            first, source = self._start.render, frame.request.source
            of_this = isinstance(source, SavedW) and frame.request == led_to(first, source)
            return frame if of_this else None
        return None if main is None or main.request == render else frame

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
        session = motion.still(session)  # what moves by itself would be another picture at once
        self._cell.set(session)
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
        if self._job and (reached := self._come_to(self._cell.now)) is not None:
            self._cell.set(reached)

    def reset(self) -> None:
        """Go back to the picture and the points that it began with."""
        back = self._back()
        if back is None:
            return
        if self._job and (reached := self._come_to(self._cell.now)) is not None:
            self._cell.step(reached)  # undo leads back to what was seen
        self._let_go()
        now = self._cell.now
        render = structs.replace(back.render, snapshot=now.render.snapshot)
        drag = sessions.Drag(back.points, back.mask)
        self._cell.set(structs.replace(now, render=render, drag=drag))

    def take_back(self) -> bool:
        """Give up the drag under way, as undo does it; say whether there was one to give up.

        Redo leads to what it had come to. What was done to its points meanwhile is a later step,
        and taken back before.
        """
        drag = self._cell.now.drag
        changed = (drag.points, drag.mask) != (self._asked.points, self._asked.mask)
        if not self._job or changed:
            return False
        reached = self._come_to(self._cell.now)
        self._let_go()
        if reached is not None:
            self._cell.step(reached)
            self._cell.undo()
        return True

    def refresh(self) -> None:
        """Tell the renderer of points that were moved meanwhile; end the drag of another picture.

        Called at the end of a frame, before the changed picture is asked for.
        """
        session, sent = self._cell.now, self._sent
        if not self._job or sent is None:
            return
        changed = (sent.points, sent.mask) != (session.drag.points, session.drag.mask)
        if session.render != self._at:
            self._end_below()
            return
        self._seen = session
        if not session.drag.points:
            self.stop()
        elif changed and sent.steps != 0 and self._heard:
            self._send(sent.steps)

    def _end_below(self) -> None:
        """Keep what was reached as a step of undo, with the change that has ended it on top."""
        before, now = self._seen, self._cell.now
        kept = None if before is None else self._come_to(before)
        reached = self._come_to(now)
        self._let_go()
        if before is None or kept is None or reached is None:
            return
        models = self._jobs.models
        was, model = models.get(before.render.snapshot), models.get(now.render.snapshot)
        fitting = was is not None and model is not None and alike(was, model)
        if fitting and now.render.source == before.render.source:
            now = with_changes(reached, before, now)
        self._cell.slip_in(before, kept, now)
        text = "The drag has ended with this change: undo leads to what it had come to."
        self._notify(text, holds=lambda: self._cell.now.render == now.render)

    # -- what the renderer is asked -----------------------------------------------------------

    def _begin(self, session: sessions.Session) -> None:
        self._let_go()
        self._at, self._start, self._seen = session.render, session, session

    def _back(self) -> sessions.Beginning | None:
        """Where Reset leads to: before the drag here, or before the one whose latent is shown."""
        session = self._cell.now
        origin = self._origin() if session.render == self._at else None
        return origin or beginning(session)

    def _origin(self) -> sessions.Beginning | None:
        """What this drag began with, or the one that it goes on with."""
        start = self._start
        if start is None:
            return None
        before = beginning(start)
        if before is not None and is_plain(before, start):
            return before
        return sessions.Beginning(start.render, start.drag.points, start.drag.mask)

    def _let_go(self) -> None:
        if self._job:
            self._jobs.cancel(self._job)
        self._job, self._sent, self._state, self._shown = 0, None, b"", False
        self._reached = None
        self._at = self._start = self._seen = None
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
        if steps.step.done:
            self._shown = True
            self._reached = steps if steps.w is not None else self._reached
            self._found(steps)

    def _found(self, found: DragSteps | Dragged) -> None:
        handles = dict(zip(found.ids, found.step.handles, strict=True))
        self._now = replace(self._now, step=found.step, handles=handles)

    def _ended(self, ended: Ended) -> None:
        found = None if ended.result is None else ended.result.read(Dragged)
        if found is not None and found.step.done:
            self._found(found)
            self._reached = DragSteps(found.ids, found.step, w=found.w)
        if self._cell.now.render != self._at:
            return  # another picture in this very frame: `refresh` keeps what was reached below it
        self._job = 0
        if (reached := self._come_to(self._cell.now)) is not None:
            self._become(reached)
        if found is None:
            failure = None if ended.cancelled else ended.failure
            self._now = replace(self._now, failure=failure)
            if failure is not None:
                self._notify(f"{failure.message} {failure.remedy}".strip(), error=True)
            return
        if not found.step.done:
            return
        told = self._cell.now

        def holds() -> bool:
            now = self._cell.now
            return (now.render, now.drag.points) == (told.render, told.drag.points)

        self._notify(ended.text, holds=holds)

    def _come_to(
        self, session: sessions.Session, w: SavedW | None = None
    ) -> sessions.Session | None:
        """The session with what the drag has come to; None before its first step.

        w: the latent of a step beside the newest.
        """
        steps, origin = self._reached, self._origin()
        if steps is None or steps.w is None or origin is None:
            return None
        return come_to(session, origin, w or steps.w, steps.step, self._now.handles)

    def _become(self, session: sessions.Session) -> None:
        """Take what the drag has come to as the session; it can be gone on with there."""
        self._cell.set(session)
        self._at, self._seen = self._cell.now.render, self._cell.now
        self._reached = None
