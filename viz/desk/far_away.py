"""What cannot be done with a renderer on another machine, and why: grey, with these words."""

from __future__ import annotations

from viz.desk.context import Context


def no_files(context: Context) -> str:
    """Return why a file of the renderer's cannot be shown here; empty where it can."""
    place = context.elsewhere
    return place and f"It lies on {place}, whose files no file manager here shows."


def of_command(note: str, context: Context) -> str:
    """Return what is said of a command line that was copied: its paths are those of the renderer.

    note: what is said of it anyway.
    """
    place = context.elsewhere
    return f"{note.removesuffix('.')}. Run it on {place}, where its files are." if place else note


def no_example(context: Context) -> str:
    """Return why the run that comes along cannot be opened; empty where it can."""
    place = context.elsewhere
    return place and f"It lies here, and the renderer, which is on {place}, reads what lies there."


def no_measuring(context: Context) -> str:
    """Return why no snapshot can be measured from here; empty where one can."""
    place = context.elsewhere
    return place and (
        f"Measuring takes a process on {place}: run visualizer.py metrics there. "
        "Its value appears in the plot."
    )


def no_projection(context: Context) -> str:
    """Return why no picture can be projected from here; empty where one can."""
    place = context.elsewhere
    return place and (
        f"A projection keeps its files beside the renderer, which is on {place}: do it in a window "
        "there, or by visualizer.py project. The saved w opens here."
    )
