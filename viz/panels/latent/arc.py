"""The row of the panel *Latent* for a point between two seeds in Z."""

from __future__ import annotations

from msgspec import structs

from renderer.messages.request import Arc
from viz.ui import widgets


def draw_arc(source: Arc) -> Arc:
    """Draw where on the arc the latent lies; return it as it was edited."""
    widgets.hint(f"From seed {source.first} to seed {source.second}, in Z.")
    moved = widgets.slider(
        "Between",
        source.t,
        -0.5,
        1.5,
        default=0.5,
        tip="0 is the first seed, 1 the second; less or more goes on along the same circle.",
    )
    return structs.replace(source, t=moved) if moved != source.t else source
