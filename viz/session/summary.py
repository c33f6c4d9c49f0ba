"""A session in a few words, for tooltips and lists."""

from __future__ import annotations

from pathlib import Path

from renderer.messages.request import RenderRequest
from viz.session.parameters import table


def summarize(request: RenderRequest) -> list[tuple[str, str]]:
    """Return titles and values of what is not as at first; network and latent are always there."""
    told = {p.field: p for p in table.PARAMETERS if p.title}
    lines: list[tuple[str, str]] = []
    for field in request.__struct_fields__:
        parameter = told.get(field)
        if parameter is None or (parameter.is_at_first(request) and not parameter.always):
            continue
        words = parameter.words(parameter.value(request))
        if words:
            lines.append((parameter.title, words))
    return lines


def short_path(path: str) -> str:
    """Return a path in fewer letters: from the working directory, or from home (`~`)."""
    file = Path(path)
    if file.is_relative_to(here := Path.cwd()):
        return str(file.relative_to(here))
    if file.is_relative_to(home := Path.home()):
        return str("~" / file.relative_to(home))
    return path
