"""The context of a frame: what panels see, collected from the parts of the window."""

from __future__ import annotations

from viz.desk.actions import Actions
from viz.desk.asks import Asks, PicturePlace
from viz.desk.context import Context
from viz.gpu.sampler import Sampler
from viz.shell.parts import Parts


def context_of(
    parts: Parts, actions: Actions, *, place: PicturePlace, dt: float, painter: Sampler | None
) -> Context:
    """Return the facts of a frame, from their owners.

    actions: what can be asked for.
    place: how the picture lay in the last frame.
    dt: seconds since that.
    painter: draws pictures, None before OpenGL is there.
    """
    session, settings = parts.cell.now, parts.settings.now
    return Context(
        actions=actions,
        timeline=parts.timeline,
        projection=parts.projections,
        directions=parts.directions,
        groups=parts.groups,
        control=parts.remote,
        output=parts.output,
        asks=Asks(),
        settings=settings,
        model=parts.jobs.models.get(session.render.snapshot),
        models=parts.jobs.models,
        class_names=parts.class_names.now,
        frames=parts.feed.frames,
        failures=parts.feed.failures,
        refused=parts.feed.refused,
        waits=parts.awaited.waits,
        engine=parts.feed.engine,
        elsewhere=parts.disk.place,
        jobs=(*parts.jobs.facts, *parts.errands.facts),
        meters=parts.feed.meter.facts,
        recent=parts.lists.recent,
        run=parts.run_watch.run,
        watch=parts.run_watch.watch,
        overlay=parts.run_overlay.facts,
        snapshots=parts.run_watch.snapshots,
        writing=parts.run_watch.writing,
        marks=parts.run_marks.facts,
        captured=parts.lists.captured,
        bookmarks=parts.bookmarks.items,
        recording=parts.recording.facts,
        upcoming=parts.recording.upcoming,
        load_failure=parts.opening.load_failure,
        dragging=parts.drags.facts,
        carried=parts.overlays.carried,
        journey=parts.journeys.facts,
        kept=parts.pane_streams.kept,
        place=place,
        picture_only=parts.overlays.picture_only,
        dt=dt,
        scale=parts.scale,
        painter=painter,
        differ=parts.differences,
        files=parts.images,
    )
