"""The rows of the panel *Latent* for the average of several latents."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.request import Average, Share
from viz.session.parameters.latent import source_words
from viz.ui import widgets


def draw_average(source: Average) -> Average:
    """Draw how much each latent counts; return the average as it was edited.

    Two latents have one slider between them, which also goes beyond both.
    """
    parts = source.parts
    if len(parts) == 2:
        return Average(_draw_between(*parts))
    return Average(tuple(_draw_weight(i, share) for i, share in enumerate(parts)))


def _draw_between(first: Share, second: Share) -> tuple[Share, Share]:
    total = first.weight + second.weight
    t = second.weight / total if total else 0.5
    widgets.hint(f"{source_words(first.source)} → {source_words(second.source)}")
    moved = widgets.slider(
        "Between",
        t,
        -0.5,
        1.5,
        default=0.5,
        tip="0 is the first latent, 1 the second. Less or more leads away from the other.",
    )
    if moved == t:
        return first, second
    return structs.replace(first, weight=1 - moved), structs.replace(second, weight=moved)


def _draw_weight(index: int, share: Share) -> Share:
    name = source_words(share.source)
    weight = widgets.slider(
        f"{index + 1}",
        share.weight,
        0.0,
        2.0,
        default=1.0,
        fmt=f"{name.replace('%', '%%')} × %.2f",
        tip=f"How much {name} counts beside the others.",
        control=f"latent/weight/{index + 1}",
    )
    return structs.replace(share, weight=weight) if weight != share.weight else share
