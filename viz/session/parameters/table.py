"""One record for each field of a request, with what the window says about it.

Linking in comparisons, summaries in words, command lines and the fitting to another network walk
over PARAMETERS, so a new field of `RenderRequest` needs one record here.
"""

from __future__ import annotations

from typing import Any

from viz.session.parameters.bending import BENDS
from viz.session.parameters.latent import DIRECTIONS, LABEL, MIX, SOURCE, TRUNCATION
from viz.session.parameters.looking import AUGMENT, TARGET, VIEW
from viz.session.parameters.network import SNAPSHOT
from viz.session.parameters.parameter import Parameter
from viz.session.parameters.styles import STYLES
from viz.session.parameters.synthesis import EDITS, NOISE, TRANSFORM
from viz.session.session import Part

PARAMETERS: tuple[Parameter[Any], ...] = (
    SNAPSHOT,
    SOURCE,
    MIX,
    TRUNCATION,
    DIRECTIONS,
    STYLES,
    LABEL,
    NOISE,
    TRANSFORM,
    EDITS,
    BENDS,
    VIEW,
    AUGMENT,
    TARGET,
)
"""The parameter of each field of `RenderRequest`, in the order in which a command line has them."""


def linked_with(part: Part) -> tuple[str, ...]:
    """Return the fields that are linked together as a part of a comparison."""
    return tuple(parameter.field for parameter in PARAMETERS if parameter.part == part)
