"""What a generator offers, whatever its family.

A generator is a mapping network and a list of *stages*. A stage takes the running `State` and
the rows of w it owns, and returns the next state; nothing else flows between stages. That makes
a picture resumable: the renderer keeps states and recomputes only from the first stage whose
inputs changed. Looking at and changing activations goes through one explicit call, `tap(name, x)`,
which every layer makes on its output; its styles are changed by `styled`, where it has some.
"""

from networks.base.discriminator import Discriminator
from networks.base.generator import Generator, UnmappedGenerator
from networks.base.labels import needed_labels
from networks.base.noise import NoiseInput
from networks.base.stage import (
    Layer,
    Sampling,
    Scene,
    Stage,
    State,
    Style,
    StyleTap,
    Tap,
    no_tap,
    picture_of,
    styled,
)
from networks.base.truncation import truncate

__all__ = [
    "Discriminator",
    "Generator",
    "Layer",
    "NoiseInput",
    "Sampling",
    "Scene",
    "Stage",
    "State",
    "Style",
    "StyleTap",
    "Tap",
    "UnmappedGenerator",
    "needed_labels",
    "no_tap",
    "picture_of",
    "styled",
    "truncate",
]
