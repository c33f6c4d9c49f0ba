"""The transformations by their published names, and the groups that they are switched on in."""

from __future__ import annotations

BLIT = {"xflip": 1.0, "rotate90": 1.0, "xint": 1.0}
GEOM = {"scale": 1.0, "rotate": 1.0, "aniso": 1.0, "xfrac": 1.0}
COLOR = {"brightness": 1.0, "contrast": 1.0, "lumaflip": 1.0, "hue": 1.0, "saturation": 1.0}
FILTER = {"imgfilter": 1.0}
NOISE = {"noise": 1.0}
CUTOUT = {"cutout": 1.0}

GROUPS: dict[str, dict[str, float]] = {
    "blit": BLIT,
    "geom": GEOM,
    "color": COLOR,
    "filter": FILTER,
    "noise": NOISE,
    "cutout": CUTOUT,
    "bg": BLIT | GEOM,
    "bgc": BLIT | GEOM | COLOR,
    "bgcf": BLIT | GEOM | COLOR | FILTER,
    "bgcfn": BLIT | GEOM | COLOR | FILTER | NOISE,
    "bgcfnc": BLIT | GEOM | COLOR | FILTER | NOISE | CUTOUT,
}
STRENGTHS = tuple(GROUPS["bgcfnc"])
