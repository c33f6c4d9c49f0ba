"""A request between some others: every number moves, and what is no number is that of one of them.

What one request has and another lacks (a direction, a style, a bend, an edit) is in the other at
the amount that changes nothing. Seeds of noise, layers that are looked at and the like switch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import structs

from renderer.messages.bending import FACTS, Bend, amount_of, heard
from renderer.messages.request import (
    Arc,
    ChannelEdit,
    Noise,
    RenderRequest,
    StyleShift,
    Transform,
)
from renderer.pictures.journey.latents import Weighted, latent, matched, total


def blend(found: Weighted, current: RenderRequest, arc: Arc | None = None) -> RenderRequest:
    """Return the request between some.

    found: the requests and how much each counts; the weights add up to 1.
    current: where it is, and nothing stands between, its settings hold.
    arc: the source of w, where it does not follow from those of the requests.
    """
    first = found[0][0]
    if all(request == first for request, _ in found):
        return first if arc is None else structs.replace(first, source=arc)
    return structs.replace(
        current,
        **latent(found, current, arc),
        noise=_noise([(r.noise, a) for r, a in found], current.noise),
        edits=_edits([(r.edits, a) for r, a in found]),
        transform=_transform([(r.transform, a) for r, a in found]),
        bends=_bends([(r.bends, a) for r, a in found]),
        styles=_styles([(r.styles, a) for r, a in found]),
        view=_view(found, current),
        augment=_augment(found, current),
    )


def _noise(found: Sequence[tuple[Noise, float]], current: Noise) -> Noise:
    """Return the noise between some. No noise is noise without strength, of the others' kind."""
    if all(noise == current for noise, _ in found):
        return current
    audible = [noise for noise in (current, *(noise for noise, _ in found)) if noise.mode != "none"]
    mode = audible[0].mode if audible else current.mode
    strength = total([(_strength(noise), a) for noise, a in found])
    layers = matched([(noise.layers, a) for noise, a in found], lambda layer: layer[0])
    return Noise(
        mode,
        current.seed,
        strength,
        tuple(
            (layer[0], total([(one[1] if one is not None else 1.0, a) for one, a in each]))
            for layer, each in layers
        ),
    )


def _strength(noise: Noise) -> float:
    return 0.0 if noise.mode == "none" else noise.strength


def _edits(found: Sequence[tuple[tuple[ChannelEdit, ...], float]]) -> tuple[ChannelEdit, ...]:
    if all(edits == found[0][0] for edits, _ in found):
        return found[0][0]
    return tuple(
        structs.replace(edit, scale=total([(e.scale if e else 1.0, a) for e, a in each]))
        for edit, each in matched(found, lambda edit: (edit.layer, edit.channel))
    )


def _styles(found: Sequence[tuple[tuple[StyleShift, ...], float]]) -> tuple[StyleShift, ...]:
    if all(styles == found[0][0] for styles, _ in found):
        return found[0][0]
    return tuple(
        structs.replace(shift, amount=total([(s.amount if s else 0.0, a) for s, a in each]))
        for shift, each in matched(found, lambda s: (s.layer, s.channel, s.sigma))
    )


def _transform(found: Sequence[tuple[Transform, float]]) -> Transform:
    """Return the transform between some. Scales go by ratios, so that none is below 0."""
    if all(transform == found[0][0] for transform, _ in found):
        return found[0][0]
    scales = [transform.scale for transform, _ in found]
    scale = scales[0]
    if any(each != scale for each in scales) and min(scales) > 0:
        scale = math.exp(sum(a * math.log(transform.scale) for transform, a in found))
    return Transform(
        x=total([(t.x, a) for t, a in found]),
        y=total([(t.y, a) for t, a in found]),
        rotate=total([(t.rotate, a) for t, a in found]),
        scale=scale,
    )


def same_bend(bend: Bend) -> tuple[str, str]:
    """Return what tells a bend from others: its layer and its operation."""
    return bend.layer, bend.operation


def _bends(found: Sequence[tuple[tuple[Bend, ...], float]]) -> tuple[Bend, ...]:
    """Return the bends between some, of those that are done: one that a key lacks is there, idle.

    Two on different channels, or of different draws of them, are two bends that fade.
    """
    if all(bends == found[0][0] for bends, _ in found):
        return found[0][0]
    done = [(tuple(structs.replace(b, solo=False) for b in heard(bends)), a) for bends, a in found]
    return tuple(
        structs.replace(
            bend,
            amount=total([(amount_of(b) if b else _idle(bend), a) for b, a in each]),
            down=total([(b.down if b else 0.0, a) for b, a in each]),
            share=min(1.0, max(0.0, total([(b.share if b else bend.share, a) for b, a in each]))),
        )
        for bend, each in matched(done, lambda b: (*same_bend(b), b.channels, b.seed))
    )


def _idle(bend: Bend) -> float:
    return FACTS[bend.operation].identity


def _view(found: Weighted, current: RenderRequest) -> object:
    """Return what is looked at, with its gain between those of all where they look at the same."""
    views = [request.view for request, _ in found]
    if current.view is None or any(view is None for view in views):
        return current.view
    same = {structs.replace(view, gain_db=0.0) for view in views if view is not None}
    if len(same) > 1:
        return current.view
    gains = [(r.view.gain_db, a) for r, a in found if r.view is not None]
    return structs.replace(current.view, gain_db=total(gains))


def _augment(found: Weighted, current: RenderRequest) -> object:
    """Return what the discriminator is shown, with its p between those of all that name one."""
    ps = [(r.augment.p, a) for r, a in found if r.augment is not None and r.augment.p is not None]
    known = [(p, a) for p, a in ps if p is not None]
    if current.augment is None or len(known) < len(found):
        return current.augment
    return structs.replace(current.augment, p=min(1.0, max(0.0, total(known))))
